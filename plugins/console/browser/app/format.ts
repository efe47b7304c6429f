// How values are written for people: times in the viewer's zone, numbers and dates in their language, rows by their names.
import { language, t } from '../texts/texts.ts'
import type { DescribedResource } from '#sovrane'
import type { Row } from './state.ts'

const made = new Map<string, Intl.DateTimeFormat | Intl.NumberFormat | Intl.RelativeTimeFormat>()
const keep = <F extends Intl.DateTimeFormat | Intl.NumberFormat | Intl.RelativeTimeFormat>(
  name: string,
  make: (locale: string) => F,
): F => {
  const key = `${language.value} ${name}`
  const found = (made.get(key) ?? make(language.value)) as F
  made.set(key, found)
  return found
}

export const number = (value: number): string => keep('number', (locale) => new Intl.NumberFormat(locale)).format(value)

const parsed = (value: unknown): Date | undefined => {
  const date = typeof value === 'string' ? new Date(value) : undefined
  return date && !Number.isNaN(date.valueOf()) ? date : undefined
}

/** Day and time. */
export const time = (value: unknown): string => {
  const date = parsed(value)
  return date ? keep('time', (locale) => new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' })).format(date) : ''
}

/** Day and time to the second, with the zone: for titles. */
export const exactTime = (value: unknown): string => {
  const date = parsed(value)
  return date ? keep('exact', (locale) => new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeStyle: 'long' })).format(date) : ''
}

const steps: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
]

/** The first of each takes the browser tens of milliseconds: made while the server is asked, it does not delay what is shown. */
export const prepareFormats = (): void => {
  const now = new Date().toISOString()
  for (const format of [ago, exactTime]) format(now)
  number(0)
}

/** `3 hours ago`. */
export const ago = (value: unknown): string => {
  const date = parsed(value)
  if (!date) return ''
  const seconds = (date.valueOf() - Date.now()) / 1000
  const relative = keep('ago', (locale) => new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }))
  const [unit, length] = steps.find(([, size]) => Math.abs(seconds) >= size) ?? ['second', 1]
  return unit === 'second' ? t.value.justNow : relative.format(Math.round(seconds / length), unit)
}

/** A value that may be a text. */
export const textOf = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '')

/** `firstName` → `First name`. */
const spaced = (name: string): string => {
  const words = name
    .replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
    .replaceAll(/[-_]/g, ' ')
    .trim()
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`
}

const called = (texts: Readonly<Record<string, string>>, name: string): string | undefined =>
  Object.hasOwn(texts, name) ? texts[name] : undefined

/** What a field is called: by the dictionary where it has a word, else by its name. */
export const fieldName = (name: string): string => called(t.value.fields, name) ?? spaced(name.replace(/Id$/, ''))
/** What a value of a fixed set is called. */
export const valueName = (value: string): string => called(t.value.values, value) ?? value
export const resourceName = (name: string): string => called(t.value.resource, name) ?? spaced(name)
export const resourcesName = ({ name, plural }: DescribedResource): string => called(t.value.resources, name) ?? spaced(plural)

/** What people know a row by. */
export const titleOf = (resource: DescribedResource, row: Row): string => {
  const title = resource.title
    .map((name) => row[name])
    .filter((value) => typeof value === 'string' && value !== '')
    .join(' ')
  return title === '' ? row.id : title
}
