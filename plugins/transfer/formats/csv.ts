// CSV as spreadsheets write and read it: separators found out, formulas disarmed on the way out and restored on the way in.
import { parse } from 'csv-parse'
import { parse as parseNow } from 'csv-parse/sync'
import { Readable } from 'node:stream'
import { reasonColumn } from '../columns.ts'
import { openText, type TextFile } from './decode.ts'
import { FileFault, type FileReader, type FileRecord, type Format, type ReadOptions } from './format.ts'

/** Bytes of one record; an unclosed quote would take the rest of the file for one cell. */
const longestRecord = 1_048_576

const separators = [',', ';', '\t', '|'] as const
const separatorNames: Readonly<Record<string, string>> = { comma: ',', semicolon: ';', tab: '\t', pipe: '|' }

/** What a spreadsheet takes for a formula, the wide signs of East Asia too, whatever stands before it for that reason. */
const formula = /^'*[=+\-@\t\r\n＝＋－＠]/
const isDisarmed = /^'+[=+\-@\t\r\n＝＋－＠]/

const disarmed = (text: string): string => (formula.test(text) ? `'${text}` : text)
const armed = (text: string): string => (isDisarmed.test(text) ? text.slice(1) : text)

type Cells = (string | null)[]

const endings = ['\r\n', '\n', '\r']

/** The first line that has something in it, as text. */
const headerIn = (start: string): string => /^(?:\s*\n)*((?:"(?:[^"]|"")*"|[^"\r\n])*)/.exec(start)?.[1] ?? ''

const declaredIn = (start: string): string | undefined => /^sep=(.)\r?\n/i.exec(start)?.[1]

/** The separator that cuts the header into most columns. */
const separatorIn = (start: string): string => {
  const header = headerIn(start)
  const counted = separators.map((separator): [string, number] => {
    try {
      return [separator, (parseNow(header, { delimiter: separator, relax_quotes: true })[0] ?? []).length]
    } catch {
      return [separator, 0]
    }
  })
  return counted.reduce((best, each) => (each[1] > best[1] ? each : best))[0]
}

const separatorOf = (start: string, wanted: string | undefined): string => {
  if (wanted === undefined) return declaredIn(start) ?? separatorIn(start)
  const separator = separatorNames[wanted.toLowerCase()] ?? (wanted === '\\t' ? '\t' : wanted)
  if (separator.length !== 1 || /["'\r\n\w]/.test(separator))
    throw new FileFault(`--separator: "${wanted.slice(0, 20)}" is not known: say comma, semicolon, tab, pipe, or one character`)
  return separator
}

/** What the parser says, as a sentence. */
const toFault = (path: string, error: unknown, line: number): unknown => {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined
  const at = (text: string): FileFault => new FileFault(`${path}, line ${line}: ${text}`, { cause: error })
  if (code === 'CSV_QUOTE_NOT_CLOSED') return at('a quote is opened and never closed')
  if (code === 'CSV_INVALID_CLOSING_QUOTE') return at('a quote is closed in the middle of a cell; a quote within one is written twice')
  if (code === 'INVALID_OPENING_QUOTE') return at('a quote stands in a cell that does not begin with one; such a cell is quoted, its quotes twice')
  if (code === 'CSV_MAX_RECORD_SIZE') return at('a record of more than 1 MiB; is a quote opened here and never closed?')
  return error
}

interface Read {
  readonly cells: Cells
  readonly line: number
  readonly end: number
}

interface Parsed {
  readonly record: Cells
  readonly info: { readonly lines: number }
}

/** Line breaks within cells. */
const breaksIn = (cells: Cells): number => cells.reduce((count, cell) => count + (cell?.match(/\r\n|\n|\r/g)?.length ?? 0), 0)

async function* readCells(path: string, file: TextFile, delimiter: string): AsyncGenerator<Read> {
  let last = 0
  const parser = parse({
    delimiter, record_delimiter: endings, relax_column_count: true, skip_empty_lines: true, max_record_size: longestRecord,
    // An empty cell in quotes is the empty text; one without is nothing.
    cast: (text, { quoting }) => (text === '' && !quoting ? null : armed(text)),
    info: true,
    on_record: (record, { lines }) => {
      last = lines
      return record
    },
  })
  const source = Readable.from(file.parts())
  source.on('error', (error) => parser.destroy(error))
  try {
    for await (const { record: cells, info: { lines: end } } of source.pipe(parser) as AsyncIterable<Parsed>)
      yield { cells, line: end - breaksIn(cells), end }
  } catch (error) {
    throw toFault(path, error, last + 1)
  } finally {
    source.destroy()
  }
}

interface Head {
  readonly columns: readonly string[]
  readonly line: number
}

const isDeclaration = ({ cells }: Read): boolean => cells.length <= 2 && /^sep=.?$/i.test(cells[0] ?? '')

const firstRow = async (path: string, file: TextFile, separator: string): Promise<Head> => {
  for await (const read of readCells(path, file, separator)) {
    if (isDeclaration(read)) continue
    return { columns: read.cells.map((cell) => (cell ?? '').trim()), line: read.line }
  }
  throw new FileFault(`${path} is empty: its first line must name the columns`)
}

/** Why lines from here to there are no text. */
const badWithin = (bad: TextFile['bad'], from: number, to: number): string | undefined => {
  while (bad[0] && bad[0].line < from) bad.shift()
  return bad[0] && bad[0].line <= to ? bad[0].message : undefined
}

const widthFault = (cells: Cells, { length }: readonly string[]): string | undefined =>
  (cells.length === length ? undefined : `has ${cells.length} cells where the first line has ${length}`)

const open = async ({ path, encoding, separator: wanted }: ReadOptions): Promise<FileReader & { readonly separator: string }> => {
  const file = await openText(path, encoding)
  const separator = separatorOf(file.start, wanted)
  const { columns, line: header } = await firstRow(path, file, separator)
  async function* records(): AsyncGenerator<FileRecord> {
    for await (const { cells, line, end } of readCells(path, file, separator)) {
      if (line <= header) continue
      const fault = badWithin(file.bad, line, end) ?? widthFault(cells, columns)
      const named = new Map(columns.map((name, at) => [name, cells[at] ?? null]))
      yield { line, raw: cells, cells: named, ...(fault === undefined ? {} : { fault }) }
    }
  }
  return { columns, separator, records }
}

/** One cell. The empty text is quoted: without quotes it would be nothing. Numbers are no formulas. */
const cellText = (cell: unknown, delimiter: string): string => {
  if (typeof cell === 'number') return String(cell)
  if (typeof cell !== 'string') return ''
  const text = disarmed(cell)
  const isPlain = text !== '' && !/^[\s']|\s$|["\r\n]/.test(text) && !text.includes(delimiter)
  return isPlain ? text : `"${text.replaceAll('"', '""')}"`
}

const row = (cells: readonly unknown[], delimiter: string): string =>
  `${cells.map((cell) => cellText(cell, delimiter)).join(delimiter)}\r\n`

export const csv: Format = {
  name: 'csv',
  cells: 'text',
  aliases: {},
  open,
  writer: (columns) => ({
    head: row(columns, ','),
    record: (cells) => row(cells.map(([, cell]) => cell), ','),
    tail: '',
  }),
  refused: (reader) => {
    const delimiter = 'separator' in reader && typeof reader.separator === 'string' ? reader.separator : ','
    return {
      head: row([reasonColumn, ...(reader.columns ?? [])], delimiter),
      record: (raw, reason) => row([reason, ...(raw as Cells)], delimiter),
      tail: '',
    }
  },
}
