// Where a command writes what it was asked for: a file of its own, or the standard output without what npm has put there.
import { createWriteStream, fstatSync, ftruncateSync, openSync, readSync, type WriteStream } from 'node:fs'
import { ArgumentError } from './command.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** Whether npm has announced the script on the standard output. */
const isAnnounced = ({ npm_lifecycle_event: script, npm_config_loglevel: level }: Environment): boolean =>
  script !== undefined && level !== 'silent'

/** A file behind the standard output, opened anew: at its end stands npm's announcement, which is taken off again. */
const withoutBanner = (): WriteStream | undefined => {
  const { size } = fstatSync(1)
  const fd = openSync('/dev/stdout', 'r+')
  const end = Buffer.alloc(Math.min(size, 8192))
  readSync(fd, end, 0, end.length, size - end.length)
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

const makeFile = (path: string): WriteStream => {
  try {
    return createWriteStream('', { fd: openSync(path, 'wx', 0o600) })
  } catch (error) {
    const isThere = error instanceof Error && 'code' in error && error.code === 'EEXIST'
    throw isThere ? new Error(`${path} is there already, and is not written over`, { cause: error }) : error
  }
}

/**
 * The stream for what a command writes. A file is made for its owner alone, and never written over.
 * @param instead what to say instead where npm's lines would come first
 * @throws ArgumentError when npm's lines would come first and cannot be taken off; Error when the file is there already
 */
export const openOutput = (
  file: string | undefined, instead: string,
  { env, stdout }: Pick<NodeJS.Process, 'env'> & { readonly stdout: NodeJS.WriteStream } = process,
): NodeJS.WritableStream => {
  if (file !== undefined) return makeFile(file)
  if (stdout.isTTY || !isAnnounced(env)) return stdout
  const clean = cleanFile()
  if (!clean) throw new ArgumentError(`npm writes lines of its own to the standard output, before all others. Say ${instead}`)
  return clean
}
