// The text of a file, line by line: found out, decoded strictly, and with the lines named that are no text of their encoding.
import { createReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { FileFault } from './format.ts'

/** Encodings by the names that people use. Latin-1 is read as its superset, as browsers do. */
const encodings: Readonly<Record<string, string>> = {
  'utf-8': 'utf-8', utf8: 'utf-8', 'utf-16': 'utf-16le', 'utf-16le': 'utf-16le', 'utf-16be': 'utf-16be',
  'windows-1252': 'windows-1252', cp1252: 'windows-1252', 'latin-1': 'windows-1252', latin1: 'windows-1252', 'iso-8859-1': 'windows-1252',
}

const encodingNames = ['utf-8', 'utf-16le', 'utf-16be', 'windows-1252', 'latin-1'] as const

/** Bytes in which the beginning of a file is judged. */
const beginning = 65_536
/** Bytes after which a line is decoded in parts. */
const longestLine = 4 * 1_048_576

const signatures: readonly (readonly [readonly number[], string])[] = [
  [[0x50, 0x4b, 0x03, 0x04], 'is a zip archive or an Excel workbook: save it as CSV in UTF-8'],
  [[0xd0, 0xcf, 0x11, 0xe0], 'is an Excel workbook: save it as CSV in UTF-8'],
  [[0x1f, 0x8b], 'is compressed: unpack it with gunzip first'],
  [[0x25, 0x50, 0x44, 0x46], 'is a PDF'],
]

const marks: readonly (readonly [readonly number[], string])[] = [
  [[0xef, 0xbb, 0xbf], 'utf-8'], [[0xff, 0xfe], 'utf-16le'], [[0xfe, 0xff], 'utf-16be'],
]

const beginsWith = (bytes: Buffer, [mark]: readonly [readonly number[], string]): boolean => mark.every((byte, at) => bytes[at] === byte)

const why = (error: unknown): string => {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ENOENT') return 'is not there'
  if (code === 'EACCES' || code === 'EPERM') return 'may not be read'
  return `cannot be read: ${error instanceof Error ? error.message : String(error)}`
}

export interface TextFile {
  readonly size: number
  readonly encoding: string
  /** The first characters, for formats to judge by. */
  readonly start: string
  /** Lines that are no text of the encoding, in order; as they are found. What is wrong in them is told. */
  readonly bad: { readonly line: number; readonly message: string }[]
  /** The text in parts. Bad bytes come as U+FFFD. Each call reads from the beginning. */
  parts(): AsyncIterable<string>
}

const firstBytes = async (path: string): Promise<{ readonly size: number; readonly bytes: Buffer }> => {
  try {
    const about = await stat(path)
    if (about.isDirectory()) throw new FileFault(`${path} is a directory: name a file`)
    if (!about.isFile()) throw new FileFault(`${path} is not a file: it is read more than once`)
    const file = await open(path)
    try {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(beginning), 0, beginning, 0)
      return { size: about.size, bytes: buffer.subarray(0, bytesRead) }
    } finally {
      await file.close()
    }
  } catch (error) {
    if (error instanceof FileFault) throw error
    throw new FileFault(`${path} ${why(error)}`, { cause: error })
  }
}

const encodingOf = (path: string, bytes: Buffer, wanted: string | undefined): string => {
  const named = wanted === undefined ? undefined : encodings[wanted.toLowerCase()]
  if (wanted !== undefined && named === undefined)
    throw new FileFault(`--encoding: "${wanted.slice(0, 40)}" is not known: say ${encodingNames.join(', ')}`)
  const known = signatures.find((signature) => beginsWith(bytes, signature))
  if (known) throw new FileFault(`${path} ${known[1]}`)
  const marked = marks.find((mark) => beginsWith(bytes, mark))?.[1]
  if (named === undefined && marked === undefined && bytes.includes(0))
    throw new FileFault(`${path} is not text: it holds NUL bytes. If it is UTF-16 without its mark, say --encoding utf-16le`)
  return named ?? marked ?? 'utf-8'
}

const notUtf8 = 'is not in UTF-8: save the file as UTF-8, or say --encoding windows-1252 if it is in Windows-1252 or Latin-1'

/** Where Windows-1252 has letters and Latin-1 has controls, from 0x80 on. Node's own decoder takes one for the other. */
const letters = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ'

const fromWindows = (bytes: Buffer): string =>
  bytes.toString('latin1').replaceAll(/[\x80-\x9f]/g, (control) => letters.charAt(control.charCodeAt(0) - 0x80))

/** Decodes whole lines; those that are not of the encoding are noted. */
const lineDecoder = (encoding: string, bad: TextFile['bad']) => {
  const strict = new TextDecoder(encoding, { fatal: true, ignoreBOM: true })
  const lenient = new TextDecoder(encoding, { ignoreBOM: true })
  let line = 1
  const countIn = (bytes: Buffer): number => {
    let count = 0
    for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) count += 1
    return count
  }
  const isStrict = (bytes: Buffer): boolean => {
    try {
      strict.decode(bytes)
      return true
    } catch {
      return false
    }
  }
  const noteBad = (bytes: Buffer): void => {
    for (let from = 0, at = line; from < bytes.length; at += 1) {
      const end = bytes.indexOf(10, from)
      const next = end < 0 ? bytes.length : end + 1
      if (!isStrict(bytes.subarray(from, next))) bad.push({ line: at, message: notUtf8 })
      from = next
    }
  }
  return (bytes: Buffer): string => {
    if (encoding === 'windows-1252') return fromWindows(bytes)
    let text: string
    try {
      text = strict.decode(bytes)
    } catch {
      noteBad(bytes)
      text = lenient.decode(bytes)
    }
    line += countIn(bytes)
    return text
  }
}

/** UTF-16 has its line feeds in pairs of bytes: it is decoded as it comes, and what is wrong in it ends the reading. */
async function* decodeWide(path: string, encoding: string): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding, { fatal: true })
  try {
    for await (const chunk of createReadStream(path)) yield decoder.decode(chunk as Buffer, { stream: true })
    yield decoder.decode()
  } catch (error) {
    if (error instanceof TypeError) throw new FileFault(`${path} is not in ${encoding.toUpperCase()}`, { cause: error })
    throw error
  }
}

async function* decodeLines(
  path: string, { encoding, bad, skip }: Pick<TextFile, 'encoding' | 'bad'> & { readonly skip: number },
): AsyncGenerator<string> {
  const decode = lineDecoder(encoding, bad)
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of createReadStream(path, { start: skip, highWaterMark: 262_144 })) {
    const bytes = rest.length === 0 ? (chunk as Buffer) : Buffer.concat([rest, chunk as Buffer])
    const end = bytes.lastIndexOf(10) + 1
    if (end === 0 && bytes.length > longestLine) throw new FileFault(`${path} has a line of more than ${longestLine / 1_048_576} MiB`)
    if (end > 0) yield decode(bytes.subarray(0, end))
    rest = bytes.subarray(end)
  }
  if (rest.length > 0) yield decode(rest)
}

/**
 * Looks at a file and finds out how its text is kept.
 * @throws FileFault when there is none, or it is not text
 */
export const openText = async (path: string, wanted: string | undefined): Promise<TextFile> => {
  const { size, bytes } = await firstBytes(path)
  if (size === 0) throw new FileFault(`${path} is empty`)
  const encoding = encodingOf(path, bytes, wanted)
  const skip = marks.find((mark) => mark[1] === encoding && beginsWith(bytes, mark))?.[0].length ?? 0
  const bad: TextFile['bad'] = []
  return {
    size, encoding, bad,
    start: new TextDecoder(encoding).decode(bytes, { stream: true }),
    parts() {
      bad.length = 0
      return encoding.startsWith('utf-16') ? decodeWide(path, encoding) : decodeLines(path, { encoding, bad, skip })
    },
  }
}
