// The field types that yup does not have: ids, labels, e-mail addresses, web addresses, free JSON.
import { mixed, string } from 'yup'
import { useMessages } from './messages.ts'

// Before any definition makes its schema.
useMessages()

const idPattern = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/

/** An id as the wire contract §3.1 has it: 1 to 64 characters of `[A-Za-z0-9_-]`, the first a letter or digit. */
export const id = () => string().matches(idPattern, 'must be 1 to 64 characters of A-Z a-z 0-9 _ -, the first a letter or digit')

/** A line of text for people: 1 to `max` characters, no white space around it. */
export const label = (max: number) => string().trim().min(1).max(max)

/** The id of a row that can be the scope of a grant; the engine checks that it exists. */
export const scopeId = () => id().meta({ scope: true })

/** An e-mail address of at most 254 characters. Linear in the length: no pattern here can backtrack. */
export const email = () =>
  string().max(254).test('email', 'must be an e-mail address', (value) => value === undefined || value === null || isEmail(value))

const isEmail = (value: string): boolean => {
  const at = value.lastIndexOf('@')
  if (at < 1 || at > 64 || at === value.length - 1) return false
  const [local, domain] = [value.slice(0, at), value.slice(at + 1)]
  return /^[^\s@,;<>()[\]"\\]+$/.test(local) && /^[^\s@.,;<>()[\]"\\]+(?:\.[^\s@.,;<>()[\]"\\]+)*$/.test(domain)
}

/** An http or https address of at most 2,048 characters. */
export const httpUrl = () =>
  string().max(2048).test('http-url', 'must be an http or https address', (value) => value === undefined || value === null || isHttpUrl(value))

const isHttpUrl = (value: string): boolean => {
  if (!URL.canParse(value)) return false
  return ['http:', 'https:'].includes(new URL(value).protocol)
}

const isoPattern = /^(\d{4})-(\d{2})-(\d{2})(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2}))?$/

/** Whether a text is a date, or a time with its zone, that exists (30 February does not). */
export const isIsoDate = (text: string): boolean => {
  const [, year, month, day] = isoPattern.exec(text) ?? []
  if (year === undefined || Number(year) === 0 || Number.isNaN(Date.parse(text))) return false
  return new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).getUTCDate() === Number(day)
}

/** A time in ISO 8601, such as `2026-01-31T09:00:00Z`, kept to the millisecond. */
export const dateTime = () =>
  string().max(40).meta({ date: true })
    .test('iso-8601', 'must be a time in ISO 8601, such as 2026-01-31T09:00:00Z', (value) => value === undefined || value === null || (value.includes('T') && isIsoDate(value)))

/** A day, such as `2026-01-31`, or a time as `dateTime` has it: for what is asked, not for what is kept. */
export const dayOrTime = () =>
  string().max(40).test('iso-8601', 'must be a day or a time in ISO 8601', (value) => value === undefined || value === null || isIsoDate(value))

const isPlainObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A free JSON object of at most `maxBytes` bytes of UTF-8 once written as JSON; an update replaces it whole. */
export const json = (maxBytes: number) =>
  mixed<Record<string, unknown>>(isPlainObject)
    .typeError('must be an object')
    .test('size', `must be at most ${maxBytes} bytes as JSON`, (value) =>
      value === undefined || value === null || Buffer.byteLength(JSON.stringify(value)) <= maxBytes)
