// LDIF after RFC 2849, as directories write it: records that add entries, one attribute a line.
import { openText } from './decode.ts'
import { FileFault, type FileReader, type FileRecord, type Format, type ReadOptions } from './format.ts'
import { linesIn } from './json-lines.ts'

/** Characters of a line, after which it is folded. */
const width = 76

/** An option of our own for an attribute that holds nothing: an entry cannot say so by leaving it out. */
const nothing = ';x-null'

interface Entry {
  readonly line: number
  /** As it stands in the file. */
  readonly text: string
  /** Without comments, unfolded. */
  readonly lines: readonly string[]
}

/** The entries of a file: what stands between empty lines. */
async function* entriesIn(lines: AsyncIterable<string>): AsyncGenerator<Entry> {
  let [at, start] = [0, 1]
  let [raw, logical]: [string[], string[]] = [[], []]
  for await (const line of lines) {
    at += 1
    if (line === '') {
      if (logical.length > 0) yield { line: start, text: raw.join('\n'), lines: logical.filter((each) => !each.startsWith('#')) }
      ;[raw, logical, start] = [[], [], at + 1]
      continue
    }
    raw.push(line)
    const last = logical.length - 1
    if (line.startsWith(' ') && last >= 0) logical[last] += line.slice(1)
    else logical.push(line)
  }
  if (logical.length > 0) yield { line: start, text: raw.join('\n'), lines: logical.filter((each) => !each.startsWith('#')) }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

const decoded = (text: string): string | undefined => {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined
  try {
    return utf8.decode(Buffer.from(text, 'base64'))
  } catch {
    return undefined
  }
}

/** A line as an attribute and its value. @throws Error that says what is wrong */
const attributeIn = (line: string): readonly [string, string | null] => {
  const [, name = '', kind = '', text = ''] = /^([A-Za-z][\w.;-]*)(::|:<|:) *([^]*)$/.exec(line) ?? []
  if (name === '') throw new Error(`"${line.slice(0, 40)}" is not an attribute and its value`)
  if (kind === ':<') throw new Error(`${name}: refers to another file, which is not read`)
  if (name.toLowerCase().endsWith(nothing)) return [name.slice(0, -nothing.length), null]
  if (kind === ':') return [name, text]
  const value = decoded(text)
  if (value === undefined) throw new Error(`${name}: is not text in base64`)
  return [name, value]
}

/** Attributes whose case differs are one; the first spelling counts. */
const spelled = (names: Map<string, string>, name: string): string => {
  const known = names.get(name.toLowerCase())
  if (known === undefined) names.set(name.toLowerCase(), name)
  return known ?? name
}

/** Lines that say how to change an entry that is there. */
const changes = /^(?:control|newrdn|deleteoldrdn|newsuperior|add|delete|replace)$/i

const cellsOf = (lines: readonly string[], names: Map<string, string>): Map<string, unknown> => {
  const cells = new Map<string, unknown>()
  const [first = '', ...rest] = lines
  if (!/^dn::?/i.test(first)) throw new Error('does not begin with its dn')
  cells.set('dn', attributeIn(first)[1])
  for (const line of rest) {
    const [name, value] = attributeIn(line)
    if (/^changetype$/i.test(name)) {
      if (value !== 'add') throw new Error(`changetype: ${String(value)} is not read, only add`)
      continue
    }
    if (changes.test(name) && !cells.has(name)) throw new Error(`${name}: changes of entries are not read`)
    const place = spelled(names, name)
    const before = cells.get(place)
    cells.set(place, before === undefined ? value : [...(Array.isArray(before) ? before as unknown[] : [before]), value])
  }
  return cells
}

const open = async ({ path, encoding }: ReadOptions): Promise<FileReader> => {
  const file = await openText(path, encoding)
  async function* records(): AsyncGenerator<FileRecord> {
    const names = new Map<string, string>()
    let count = 0
    for await (const { line, text, lines } of entriesIn(linesIn(file))) {
      const isVersion = /^version:/i.test(lines[0] ?? '')
      if (isVersion && count === 0 && !/^version: *1 *$/i.test(lines[0] ?? '')) throw new FileFault(`${path} is not LDIF of version 1`)
      const own = isVersion ? lines.slice(1) : lines
      if (own.length === 0) continue
      count += 1
      const end = line + text.split('\n').length - 1
      while (file.bad[0] && file.bad[0].line < line) file.bad.shift()
      const bad = file.bad[0] && file.bad[0].line <= end ? file.bad[0].message : undefined
      try {
        const cells = cellsOf(own, names)
        yield { line, raw: text, cells, ...(bad === undefined ? {} : { fault: bad }) }
      } catch (error) {
        yield { line, raw: text, cells: new Map(), fault: bad ?? (error instanceof Error ? error.message : String(error)) }
      }
    }
  }
  return { columns: undefined, records }
}

/** A line, folded: what follows the first part begins with a space. */
const folded = (line: string): string => {
  const parts = [line.slice(0, width)]
  for (let at = width; at < line.length; at += width - 1) parts.push(` ${line.slice(at, at + width - 1)}`)
  return `${parts.join('\n')}\n`
}

const isSafe = (text: string): boolean => /^(?![ :<])[\x01-\x09\x0b\x0c\x0e-\x7f]*$/.test(text) && !text.endsWith(' ')

const lineOf = (name: string, value: string | null): string => {
  if (value === null) return `${name}${nothing}:\n`
  return folded(isSafe(value) ? `${name}: ${value}` : `${name}:: ${Buffer.from(value).toString('base64')}`)
}

const valueText = (value: unknown): string | null => (typeof value === 'string' || typeof value === 'number' ? String(value) : null)

export const ldif: Format = {
  name: 'ldif',
  cells: 'text',
  aliases: {
    dn: '', objectclass: '', givenname: 'firstName', sn: 'lastName', mail: 'email', preferredlanguage: 'locale', entryuuid: 'externalId',
  },
  open,
  writer: (_columns, resource) => {
    let count = 0
    return {
      head: 'version: 1\n',
      record(cells) {
        count += 1
        const id = new Map(cells).get('id')
        const dn = typeof id === 'string' ? `id=${id},ou=${resource}` : `cn=${count},ou=${resource}`
        return `\n${lineOf('dn', dn)}${cells.map(([name, value]) => lineOf(name, valueText(value))).join('')}`
      },
      tail: '',
    }
  },
  refused: () => ({
    head: 'version: 1\n',
    record: (raw, reason) => `\n${folded(`# ${reason.replaceAll(/\s+/g, ' ')}`)}${String(raw).replace(/^version:.*\n/i, '')}\n`,
    tail: '',
  }),
}
