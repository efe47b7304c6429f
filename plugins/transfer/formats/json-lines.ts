// JSON lines: one object a line.
import { markInexact } from '../../../core/transport/exact-numbers.ts'
import { reasonColumn } from '../columns.ts'
import { openText, type TextFile } from './decode.ts'
import { FileFault, type FileReader, type FileRecord, type Format, type ReadOptions } from './format.ts'

/** The lines of a text, without their ends. */
export async function* linesIn(file: TextFile): AsyncGenerator<string> {
  let rest = ''
  for await (const part of file.parts()) {
    const lines = `${rest}${part}`.split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) yield line.endsWith('\r') ? line.slice(0, -1) : line
  }
  if (rest !== '') yield rest
}

type JsonObject = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value)

/** @returns the object, or why there is none */
const objectIn = (line: string): JsonObject | string => {
  if (markInexact(line) !== line) return 'holds a number that cannot be kept exactly'
  try {
    const value: unknown = JSON.parse(line)
    return isObject(value) ? value : 'is not a JSON object'
  } catch {
    return 'is not JSON'
  }
}

const recordOf = (text: string, line: number, badText: string | undefined): FileRecord => {
  const value = badText ?? objectIn(text)
  return typeof value === 'string'
    ? { line, raw: { _line: text }, cells: new Map(), fault: value }
    : { line, raw: value, cells: new Map(Object.entries(value)) }
}

const open = async ({ path, encoding }: ReadOptions): Promise<FileReader> => {
  const file = await openText(path, encoding)
  if (file.start.trimStart().startsWith('['))
    throw new FileFault(`${path} is one JSON array: write each of its objects in a line of its own`)
  async function* records(): AsyncGenerator<FileRecord> {
    let line = 0
    for await (const text of linesIn(file)) {
      line += 1
      if (text.trim() === '') continue
      while (file.bad[0] && file.bad[0].line < line) file.bad.shift()
      yield recordOf(text, line, file.bad[0]?.line === line ? file.bad[0].message : undefined)
    }
  }
  return { columns: undefined, records }
}

export const jsonLines: Format = {
  name: 'jsonl',
  cells: 'json',
  aliases: {},
  open,
  writer: () => ({ head: '', record: (cells) => `${JSON.stringify(Object.fromEntries(cells))}\n`, tail: '' }),
  refused: () => ({
    head: '', record: (raw, reason) => `${JSON.stringify({ [reasonColumn]: reason, ...(raw as JsonObject) })}\n`, tail: '',
  }),
}
