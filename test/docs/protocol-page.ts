// docs/protocol.md, read: its sections, and the rows of its tables as values.
import { read } from './markdown.ts'

export const page = read('docs/protocol.md')

/** The cells of a table's rows. */
type Row = readonly string[]

const cells = (line: string): Row => line.slice(1, -1).split('|').map((cell) => cell.trim())

interface Table {
  /** The number of the section, such as `3.2`. */
  readonly section: string
  readonly head: Row
  readonly rows: readonly Row[]
}

const readTables = (): Table[] => {
  const tables: Table[] = []
  let section = ''
  let previous = ''
  for (const line of page.replaceAll(/^```[\s\S]*?^```$/gm, '').split('\n')) {
    section = /^##+ (\d(?:\.\d)?)\.? /.exec(line)?.[1] ?? section
    const last = tables.at(-1)
    if (line.startsWith('|---')) tables.push({ section, head: cells(previous), rows: [] })
    else if (line.startsWith('|') && previous.startsWith('|') && last) tables.splice(-1, 1, { ...last, rows: [...last.rows, cells(line)] })
    previous = line
  }
  return tables
}

const tables = readTables()

const rowsOf = (...head: readonly string[]): (Row & { readonly section?: string })[] => {
  const found = tables.filter((table) => table.head.join('|') === head.join('|'))
  if (found.length === 0) throw new Error(`docs/protocol.md has no table ${head.join(' | ')}`)
  return found.flatMap(({ section, rows }) => rows.map((row) => Object.assign([...row], { section })))
}

/** What stands in backticks. */
export const codeIn = (text: string | undefined): string[] => [...(text ?? '').matchAll(/`([^`]+)`/g)].map(([, code = '']) => code)

const listOf = (text: string): string[] =>
  text.replace(/^\{ ?/, '').replace(/ ?\}$/, '').split(',').map((part) => part.trim()).filter((part) => part !== '')

/** The names of a cell with explanations in brackets. */
const namesIn = (cell: string): string[] => listOf(cell.replaceAll(/\([^()]*(?:\([^()]*\)[^()]*)*\)/g, ''))

export interface DocumentedResource {
  readonly name: string
  readonly required: readonly string[]
  readonly optional: readonly string[]
  /** What a reader of the whole row gets. */
  readonly shown: readonly string[]
  readonly searchable: readonly string[]
}

const readOnlyOfUser = codeIn(/^Read-only fields of a user: .*$/m.exec(page)?.[0])
const common = ['id', 'version', 'createdAt', 'updatedAt', 'createdBy', 'updatedBy']

export const resources: ReadonlyMap<string, DocumentedResource> =
  new Map(rowsOf('resource', 'fields', 'searchable').map(([name = '', fields = '', searchable = '']) => {
  const names = namesIn(fields)
  const required = names.filter((each) => each.startsWith('**')).map((each) => each.replaceAll('*', ''))
  const optional = names.filter((each) => !each.startsWith('**'))
  const hidden = /(\w+) \(write-only\)/.exec(fields)?.[1]
  const shown = [...common, ...required, ...optional, ...(name === 'user' ? readOnlyOfUser : [])].filter((each) => each !== hidden)
  return [name, { name, required, optional, shown, searchable: listOf(searchable) }] as const
}))

export interface DocumentedEvent {
  readonly event: string
  readonly section: string
  readonly required: readonly string[]
  readonly optional: readonly string[]
  /** The cell as it stands. */
  readonly reply: string
}

const pageFields = codeIn(/^A list takes .*?,? and replies/m.exec(page)?.[0]).map((field) => field.replace('?', ''))

const eventOf = ([event = '', payload = '', reply = '', ..._rest]: Row, section = ''): DocumentedEvent => {
  const [name = ''] = codeIn(event)
  const resource = resources.get(name.split('-')[0] ?? '')
  const required: string[] = []
  const optional: string[] = []
  for (const field of listOf(codeIn(payload)[0] ?? '')) {
    if (field === 'list') optional.push(...pageFields)
    else if (field === 'fields') {
      required.push(...resource?.required ?? [])
      optional.push(...resource?.optional ?? [])
    } else if (field === 'fields?') optional.push(...resource?.required ?? [], ...resource?.optional ?? [])
    else if (field.endsWith('?')) optional.push(field.slice(0, -1))
    else required.push(field)
  }
  return { event: name, section, required, optional, reply }
}

/** Every event of the page, with the fields of its payload. */
export const events: readonly DocumentedEvent[] = rowsOf('event', 'payload', 'reply').map((row) => eventOf(row, row.section))

/** What works without a token. */
export const publicEvents: readonly string[] = ['ping', ...events.filter(({ section }) => section === '4.1').map(({ event }) => event)]

/** What the server emits by itself, with the fields; a name with its optional fields marked by `?`. */
export const emitted: ReadonlyMap<string, readonly string[]> = new Map(rowsOf('event', 'payload').flatMap(([names, payload]) =>
  codeIn(names).map((name) => [name, listOf(codeIn(payload)[0] ?? '')] as const)))

export const errors: readonly (readonly [string, number])[] = rowsOf('code', 'HTTP', 'when').map(([code, status]) =>
  [codeIn(code)[0] ?? '', Number(status)])
export const keys: readonly string[] = rowsOf('keys', 'grant').flatMap(([names]) => codeIn(names))
export const reasons: readonly string[] = rowsOf('reason', 'what has ended the session').flatMap(([names]) => codeIn(names))

/** Key and default as written, without the unit and what follows it. */
export const settings: ReadonlyMap<string, string> = new Map(rowsOf('key', 'default').map(([key, initial = '']) =>
  [codeIn(key)[0] ?? '', /^[\w.]+/.exec(initial)?.[0] ?? '']))
export const variables: ReadonlyMap<string, string> = new Map(rowsOf('variable', 'default', '').map(([name, initial]) =>
  [codeIn(name)[0] ?? '', codeIn(initial)[0] ?? '']))

/** The numbers of the sections that code can cite. */
export const sections: ReadonlySet<string> = new Set([...page.matchAll(/^##+ (\d(?:\.\d)?)\.? /gm)].map(([, number = '']) => number))
