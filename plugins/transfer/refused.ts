// The file of refused records: as the file that they come from, each with the reason, so that it can be mended and imported.
import { closeSync, openSync, writeSync } from 'node:fs'
import { extname } from 'node:path'
import type { FileReader, FileRecord, Format } from './formats/format.ts'

/** `people.csv` → `people.refused.csv`, then `people.refused-2.csv`: no one's mending is written over. */
const candidates = function* (path: string): Generator<string> {
  const extension = extname(path)
  const base = extension === '' ? path : path.slice(0, -extension.length)
  yield `${base}.refused${extension}`
  for (let number = 2; ; number += 1) yield `${base}.refused-${number}${extension}`
}

const isTaken = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'EEXIST'

const openNew = (paths: Iterable<string>): { readonly path: string; readonly fd: number } => {
  for (const path of paths) {
    try {
      return { path, fd: openSync(path, 'wx', 0o600) }
    } catch (error) {
      if (!isTaken(error)) throw error
    }
  }
  throw new Error('the file for what is refused is there already: name another one with --refused')
}

export interface RefusedFile {
  add(record: FileRecord, reasons: readonly string[]): void
  /** Where it is; undefined: nothing was refused, and there is no such file. */
  end(): string | undefined
}

/** Made when the first record is refused, readable for its owner alone. */
export const refusedFile = (source: string, { format, reader, path }: {
  readonly format: Format; readonly reader: FileReader; readonly path: string | undefined
}): RefusedFile => {
  const writer = format.refused(reader)
  let file: ReturnType<typeof openNew> | undefined
  return {
    add(record, reasons) {
      if (!file) {
        file = openNew(path === undefined ? candidates(source) : [path])
        writeSync(file.fd, writer.head)
      }
      writeSync(file.fd, writer.record(record.raw, reasons.join('; ')))
    },
    end() {
      if (!file) return undefined
      const { fd, path: written } = file
      file = undefined
      writeSync(fd, writer.tail)
      closeSync(fd)
      return written
    },
  }
}
