// Where an export goes: a file of its own, or the standard output without what npm writes there first.
import { createWriteStream, fstatSync, ftruncateSync, openSync, readSync, type WriteStream } from 'node:fs'
import { ArgumentError } from './arguments.ts'

type Environment = Readonly<Record<string, string | undefined>>

const advice = 'npm writes lines of its own to the standard output, before the entries. Say `npm run -s audit -- export …`, or --output <file>'

/** Whether npm has announced the script on the standard output. */
const isAnnounced = ({ npm_lifecycle_event: script, npm_config_loglevel: level }: Environment): boolean => script !== undefined && level !== 'silent'

/** A file behind the standard output, opened anew: at its end stands npm's announcement, which is taken off again. */
const withoutBanner = (): WriteStream | undefined => {
  const { size } = fstatSync(1)
  const fd = openSync('/dev/stdout', 'r+')
  const most = Math.min(size, 8192)
  const end = Buffer.alloc(most)
  readSync(fd, end, 0, most, size - most)
  const banner = /\n> [^\n]*\n> [^\n]*\n\n$/.exec(end.toString('latin1'))?.[0]
  if (banner === undefined) return undefined
  ftruncateSync(fd, size - banner.length)
  return createWriteStream('', { fd, start: size - banner.length })
}

const cleanFile = (): WriteStream | undefined => {
  try {
    return fstatSync(1).isFile() ? withoutBanner() : undefined
  } catch {
    return undefined
  }
}

/**
 * The stream for the lines of an export. A file is made for its owner alone, and never written over.
 * @throws ArgumentError when npm's lines would come first and cannot be taken off; Error when the file is there already
 */
export const openOutput = (file: string | undefined, environment: Environment, stdout: NodeJS.WriteStream): NodeJS.WritableStream => {
  if (file !== undefined) return createWriteStream('', { fd: openSync(file, 'wx', 0o600) })
  if (stdout.isTTY || !isAnnounced(environment)) return stdout
  const clean = cleanFile()
  if (!clean) throw new ArgumentError(advice)
  return clean
}
