// The tables of the API document, read from the copy kept in fixtures/: which event, which response, which example payloads.
import { readFileSync } from 'node:fs'
import { row } from '../../kit/replies.ts'
import type { Row } from '../../kit/replies.ts'

export interface DocumentRow {
  readonly event: string
  readonly response: string
  /** The example of a request, where the document has one. */
  readonly request: Row | undefined
  /** The example of a response. */
  readonly reply: Row | undefined
}

const text = readFileSync(new URL('../fixtures/api-websocket.md', import.meta.url), 'utf8')

/** The text between two headings of the second level. */
const part = (heading: string): string => text.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? ''

const example = (cell: string | undefined): Row | undefined => (cell === undefined ? undefined : row(JSON.parse(cell)))

/** Every row of every table. */
export const documentRows: readonly DocumentRow[] =
  part('Événements disponibles').split('\n').filter((line) => line.startsWith('| `')).map((line) => {
  const [event = '', response = '', request, reply] = [...line.matchAll(/`([^`]+)`/g)].map(([, cell = '']) => cell)
  return { event, response, request: example(request), reply: example(reply) }
})

/** The broadcasts that the document names. */
export const documentBroadcasts: readonly string[] =
  [...part('Événements `*-changed`').matchAll(/^- `([a-z-]+-changed)`$/gm)].map(([, name = '']) => name)
