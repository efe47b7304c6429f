// The language of the console: that of the person's account, else that of the browser. Dictionaries are typed by the English one.
import { computed, signal } from '@preact/signals'
import { en } from './en.ts'
import { fr } from './fr.ts'

export type Widened<T> = {
  readonly [K in keyof T]: T[K] extends string ? string : T[K] extends (...args: infer A) => string ? (...args: A) => string : Widened<T[K]>
}
/** What each language must have: a text that is missing does not compile. */
export type Texts = Widened<typeof en>

const languages: Readonly<Record<string, Texts>> = { en, fr }

const ofBrowser = (): string =>
  navigator.languages.map((tag) => tag.split('-')[0] ?? '').find((tag) => Object.hasOwn(languages, tag)) ?? 'en'

/** What the person's account says; null: nothing. */
export const chosen = signal<string | null>(null)
export const language = computed(() => (chosen.value !== null && Object.hasOwn(languages, chosen.value) ? chosen.value : ofBrowser()))
export const t = computed((): Texts => languages[language.value] ?? en)
