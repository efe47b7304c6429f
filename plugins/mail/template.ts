// Templates: a mail's texts in each language, as functions of its values.
import { escapeHtml, htmlOf, page, type Frame } from './layout.ts'

export const locales = ['en', 'fr'] as const
export type Locale = (typeof locales)[number]

/** What a template is filled with. Each string becomes one line: line breaks in it are spaces. */
export type Values = Readonly<Record<string, string | number>>

export interface TemplateText<V extends Values = Values> {
  subject(values: V): string
  /** Paragraphs are parted by an empty line. */
  text(values: V): string
  /** The inside of the page. Its strings are escaped already, for texts and quoted attributes. Default: made of `text`. */
  html?(values: V): string
}

export interface Template<V extends Values = Values> {
  readonly name: string
  readonly texts: Readonly<Record<Locale, TemplateText<V>>>
}

export interface Rendered {
  readonly subject: string
  readonly text: string
  readonly html: string
}

/** The language of a person, English when it is none of ours. */
export const localeOf = (locale: string | null | undefined): Locale => locales.find((known) => known === locale) ?? 'en'

const oneLine = (text: string): string => text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim()

const mapStrings = (values: Values, change: (text: string) => string): Values =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, typeof value === 'string' ? change(value) : value]))

const footers: Readonly<Record<Locale, (sender: string) => string>> = {
  en: (sender) => `This message was sent automatically by ${sender}; nobody reads answers to it.`,
  fr: (sender) => `Ce message a été envoyé automatiquement par ${sender} ; personne ne lit les réponses.`,
}

/** Fills a template. */
export const render = (template: Template, locale: Locale, given: Values, { sender, publicUrl }: { sender: string; publicUrl: string }): Rendered => {
  const values = mapStrings(given, oneLine)
  const texts = template.texts[locale]
  const subject = oneLine(texts.subject(values))
  const text = texts.text(values).trim()
  const footer = footers[locale](sender)
  const frame: Frame = { locale, subject, footer }
  return {
    subject,
    text: `${text}\n\n-- \n${footer}\n`,
    html: page(frame, texts.html ? texts.html(mapStrings(values, escapeHtml)) : htmlOf(text, publicUrl)),
  }
}
