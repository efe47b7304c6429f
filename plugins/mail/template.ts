// Templates: a mail's texts in each language, as functions of its values, and the page around them: readable on a telephone,
// nothing loaded from anywhere, nothing tracked.
import { extensionPoint } from '#sovrane'

const locales = ['en', 'fr'] as const
export type Locale = (typeof locales)[number]

/** What a template is filled with. Each string becomes one line: line breaks in it are spaces. */
export type Values = Readonly<Record<string, string | number>>

interface TemplateText<V extends Values = Values> {
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

/** A template by the plugin's name and a word: `auth.reset`. It is known once its plugin provides it: `provides: [mailTemplate.of(…)]`. */
export const template = <V extends Values>(name: string, texts: Template<V>['texts']): Template<V> => Object.freeze({ name, texts })

export const mailTemplate = extensionPoint<Template>({ plugin: 'mail', kind: 'mail template', keyOf: ({ name }) => name })

export interface Rendered {
  readonly subject: string
  readonly text: string
  readonly html: string
}

/** The language of a person, English when it is not one of ours. */
export const localeOf = (locale: string | null | undefined): Locale => locales.find((known) => known === locale) ?? 'en'

const oneLine = (text: string): string => text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim()

const mapStrings = (values: Values, change: (text: string) => string): Values =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, typeof value === 'string' ? change(value) : value]))

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** For texts and quoted attributes. */
const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character] ?? '')

const literally = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/-]/g, String.raw`\$&`)

/** Plain text as paragraphs. Only our own addresses become links: a name like "see evil.example" must not turn into one. */
const htmlOf = (text: string, publicUrl: string): string => {
  const ours = new RegExp(`${literally(escapeHtml(publicUrl))}/[^\\s<>"]*[^\\s<>".,;:!?)]`, 'g')
  return text.split(/\n{2,}/).map((paragraph) => {
    const linked = escapeHtml(paragraph).replace(ours, (address) => `<a href="${address}">${address}</a>`)
    return `<p>${linked.replaceAll('\n', '<br>')}</p>`
  }).join('\n')
}

/** `inside` is HTML. */
const page = (locale: Locale, subject: string, footer: string, inside: string): string => `<!doctype html>
<html lang="${locale}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeHtml(subject)}</title>
</head>
<body style="margin: 0; padding: 24px; font: 16px/1.5 system-ui, sans-serif; color: #1f2933; background: #ffffff">
<div style="max-width: 560px; margin: 0 auto; overflow-wrap: anywhere">
${inside}
<hr style="border: 0; border-top: 1px solid #d0d7de; margin: 24px 0">
<p style="font-size: 13px; color: #57606a">${escapeHtml(footer)}</p>
</div>
</body>
</html>
`

const footers: Readonly<Record<Locale, (sender: string) => string>> = {
  en: (sender) => `This message was sent automatically by ${sender}; no one reads answers to it.`,
  fr: (sender) => `Ce message a été envoyé automatiquement par ${sender} ; personne ne lit les réponses.`,
}

/** Fills a template, for mails from `sender`. */
export const render = (
  template: Template, locale: Locale, given: Values,
  { sender, publicUrl }: { sender: string; publicUrl: string },
): Rendered => {
  const values = mapStrings(given, oneLine)
  const texts = template.texts[locale]
  const subject = oneLine(texts.subject(values))
  const text = texts.text(values).trim()
  const footer = footers[locale](sender)
  return {
    subject,
    text: `${text}\n\n-- \n${footer}\n`,
    html: page(locale, subject, footer, texts.html ? texts.html(mapStrings(values, escapeHtml)) : htmlOf(text, publicUrl)),
  }
}
