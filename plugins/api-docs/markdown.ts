// The API as a page of text, for the repository: docs/api.md. A test compares the page with what this makes of the app.
import type { DescribedError, DescribedEvent, Description, JsonSchema } from '#sovrane'
import { alternativesOf, fieldsOf, wordsOf } from './browser/words.ts'
import { groupOf, markdownOf } from './parts.ts'

const cell = (text: string): string => text.replaceAll('|', String.raw`\|`).replaceAll('\n', ' ')

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string[] => {
  if (rows.length === 0) return []
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line), '']
}

/** Breaks a paragraph into lines that can be compared. */
const wrapped = (text: string, width = 136): string[] => {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + word.length + 1 > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}

const block = (value: unknown): string[] => ['```json', JSON.stringify(value), '```', '']

/** What a schema with a name is: a row, or what a list of such rows is asked for. */
const link = (name: string): string => {
  const [row = '', part] = name.split('.')
  return part === undefined ? `[${row}](#${row}-row)` : `[${part} of ${row}](#${row}-row)`
}

/** Names of the properties of a filter, or of the values of an order. */
const namesIn = (schema: JsonSchema | undefined): string[] => {
  const { properties, anyOf } = schema ?? {}
  const isField = (name: string): boolean => !['or', 'and', 'not'].includes(name)
  if (typeof properties === 'object' && properties !== null) return Object.keys(properties).filter(isField)
  const [one] = Array.isArray(anyOf) ? (anyOf as readonly { readonly enum?: readonly string[] }[]) : []
  return (one?.enum ?? []).filter((name) => !name.startsWith('-'))
}

const listedBy = (schemas: Description['schemas'], row: string): string[] =>
  (['filter', 'sort'] as const).flatMap((part) => {
    const names = namesIn(schemas[`${row}.${part}`])
    const done = part === 'sort' ? 'sorted' : 'filtered'
    return names.length === 0 ? [] : [...wrapped(`A list can be ${done} by ${names.map((name) => `\`${name}\``).join(', ')}.`), '']
  })

const fields = (schema: JsonSchema, head: string): string[] =>
  table([head, 'what it is'], fieldsOf(schema, link).map(({ name, required, words }) => [required ? `**${name}**` : name, words]))

/** Those that every event can give are said once. */
const errorWords = ({ code, details, reasons }: DescribedError): string => {
  const [named, reasoned] = [details, reasons].map((names) => names.map((name) => `\`${name}\``).join(', '))
  const told = [named, reasoned === '' ? '' : `${reasons.length === 1 ? 'reason' : 'reasons'} ${reasoned}`].filter((text) => text !== '')
  return `\`${code}\`${told.length === 0 ? '' : ` (${told.join('; ')})`}`
}

const replyWords = (reply: JsonSchema): string => {
  const words = wordsOf(reply, link)
  return words === 'object' ? '`{}`' : words
}

/** One table, or several where it is one of several objects. */
const replyLines = (reply: JsonSchema): string[] => {
  const tables = alternativesOf(reply).map((each, index) => fields(each, index === 0 ? 'reply' : 'or'))
  return tables.some((lines) => lines.length > 0) ? tables.flat() : [`It replies ${replyWords(reply)}.`, '']
}

const section = (described: DescribedEvent, everywhere: ReadonlySet<string>): string[] => {
  const { event, response, about, payload, reply, errors, example } = described
  const own = errors.filter(({ code }) => !everywhere.has(code))
  return [
    `### ${event}`, '', ...wrapped(`${about}. ${markdownOf(described)} Answered as \`${response}\`.`), '',
    ...(fieldsOf(payload).length === 0 ? ['It takes no field.', ''] : fields(payload, 'payload')),
    ...replyLines(reply),
    ...(own.length === 0 ? [] : [...wrapped(`Errors: ${own.map(errorWords).join(', ')}.`), '']),
    ...block(example.payload), ...block(example.reply),
  ]
}

const preface: readonly string[] = [
  'Every event with what it takes, what it replies and the errors that it can give. This page is made of the definitions: `npm run docs` '
    + 'writes it anew. A running server has the same at `/docs`, to look for and to try, and for programs at `/openapi.json` and `/asyncapi.json`. How to connect, and what holds '
    + 'for all events, is in [the protocol](protocol.md).',
  'Fields in **bold** must be given. Every payload may hold a `requestId`, and every reply echoes it.',
]

/** The text of the page. */
export const markdown = ({ events, broadcasts, schemas, errors, reasons }: Description): string => {
  const isEverywhere = (code: string): boolean => events.every((event) => event.errors.some((error) => error.code === code))
  const everywhere = new Set<string>(errors.map(({ code }) => code).filter(isEverywhere))
  const groups = [...new Set(events.map(groupOf))]
  const rows = Object.entries(schemas).filter(([name]) => !name.includes('.'))
  return [
    '# The API', '',
    ...preface.flatMap((text) => [...wrapped(text), '']),
    ...wrapped(`Every event can give ${[...everywhere].map((code) => `\`${code}\``).join(', ')}; [Errors](errors.md) says when.`), '',
    '## Events', '',
    ...groups.flatMap((group) => table([group, ''], events.filter((event) => groupOf(event) === group)
      .map(({ event, about }) => [`[\`${event}\`](#${event})`, about]))),
    ...groups.flatMap((group) => [
      `## ${group}`, '', ...events.filter((event) => groupOf(event) === group).flatMap((event) => section(event, everywhere)),
    ]),
    '## Changes and what else is emitted', '',
    ...broadcasts.flatMap(({ event, about, payload, example }) => [
      `### ${event}`, '', ...wrapped(`${about}.`), '', ...fields(payload, 'payload'), ...block(example),
    ]),
    '## Rows', '',
    ...wrapped('What is sent of each resource. `id` is always there; of the other fields, those that the reader may read.'), '',
    ...rows.flatMap(([name, schema]) => [`### ${name} row`, '', ...fields(schema, 'field'), ...listedBy(schemas, name)]),
    '## Reasons', '',
    ...table(['reason', 'code', 'owner', 'message'], reasons.map(({ reason, code, owner, message }) =>
      [`\`${reason}\``, `\`${code}\``, owner, message])),
  ].join('\n').trimEnd().concat('\n')
}
