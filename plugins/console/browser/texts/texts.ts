// The language of the console: that of the person's account, else that of the browser. Dictionaries are typed by the English one.
import { computed, signal } from '@preact/signals'
import type { en } from './en.ts'

export type Widened<T> = {
  readonly [K in keyof T]: T[K] extends string ? string : T[K] extends (...args: infer A) => string ? (...args: A) => string : Widened<T[K]>
}
/** What each language must have: a text that is missing does not compile. */
export type Texts = Widened<typeof en>

/** Each is loaded when someone speaks it. */
const languages: Readonly<Record<string, () => Promise<Texts>>> = {
  en: async () => (await import('./en.ts')).en,
  fr: async () => (await import('./fr.ts')).fr,
}

const ofBrowser = (): string =>
  navigator.languages.map((tag) => tag.split('-')[0] ?? '').find((tag) => Object.hasOwn(languages, tag)) ?? 'en'

const spoken = signal<{ readonly language: string; readonly texts: Texts } | undefined>(undefined)

/** What the person's account says, null: nothing; the console speaks as before until that language is there. */
export const speak = async (chosen: string | null): Promise<void> => {
  const wanted = chosen !== null && Object.hasOwn(languages, chosen) ? chosen : ofBrowser()
  latest = wanted
  if (spoken.value?.language === wanted) return
  const texts = await languages[wanted]?.()
  if (texts && latest === wanted) spoken.value = { language: wanted, texts }
}
let latest = ''

export const language = computed(() => spoken.value?.language ?? 'en')
export const t = computed((): Texts => {
  if (!spoken.value) throw new Error('no language is loaded yet')
  return spoken.value.texts
})
