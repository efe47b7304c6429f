// A place for files to import, and imports as a person at the machine asks for them, with what they are told.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { app } from '../../app.ts'
import type { Server } from '../../core/boot/server.ts'
import { readExport, readImport } from '../../plugins/transfer/arguments.ts'
import type { Imported } from '../../plugins/transfer/import.ts'
import { performExport, performImport } from '../../plugins/transfer/program.ts'
import type { Kind } from '../kit/databases.ts'
import type { Row } from '../kit/replies.ts'
import { startApp, type RunningApp } from '../kit/server.ts'

export interface Told extends Partial<Imported> {
  /** What was said, line by line. */
  readonly said: readonly string[]
  /** What was warned of. */
  readonly warned: readonly string[]
  /** The refused file, where there is one. */
  readonly refusedFile: string | undefined
}

/** A directory of files, until `remove`. */
export const filePlace = () => {
  const directory = mkdtempSync(join(tmpdir(), 'sovrane-transfer-'))
  let count = 0
  return {
    remove: () => rmSync(directory, { recursive: true, force: true }),
    path: (name: string): string => join(directory, name),
    /** Writes a file, and answers its path. */
    write(content: string | Buffer, name = `file-${(count += 1)}.csv`): string {
      writeFileSync(join(directory, name), content)
      return join(directory, name)
    },
  }
}

/** The app of this repository, for the suite in which this is called. @returns its server, once it runs */
export const openApp = (kind: Kind): (() => Server) => {
  let running: RunningApp | undefined
  before(async function () {
    this.timeout(60_000)
    running = await startApp(app, kind)
  })
  after(() => running?.stop())
  return () => {
    if (!running) throw new Error('The app has not started')
    return running.server
  }
}

export type FilePlace = ReturnType<typeof filePlace>

const silent = { show: () => undefined, end: () => undefined }

/** Imports as `npm run import -- …` does. */
export const importing = async (server: Server, ...argv: readonly string[]): Promise<Told> => {
  const wanted = readImport(argv)
  if (wanted === 'help') throw new Error('was asked for help')
  const [said, warned]: [string[], string[]] = [[], []]
  const { file, ...result } = await performImport(server, wanted, {
    say: (line) => void said.push(line), warn: (line) => void warned.push(line), progress: silent, isStopped: () => false,
  })
  return { ...result, said, warned, refusedFile: file === undefined ? undefined : readFileSync(file, 'utf8') }
}

/** Exports as `npm run export -- …` does, to a file of that place; answers its content. */
export const exporting = async (server: Server, place: FilePlace, ...argv: readonly string[]): Promise<string> => {
  const output = place.path(`export-${process.hrtime.bigint()}.${argv.includes('--format') ? 'out' : 'csv'}`)
  const wanted = readExport([...argv, output])
  if (wanted === 'help') throw new Error('was asked for help')
  await performExport(server, wanted, { warn: () => undefined })
  return readFileSync(output, 'utf8')
}

/** All rows of a resource, by the system. */
export const allRows = async ({ act }: Server, resource: string): Promise<Row[]> => {
  const rows: Row[] = []
  for (let after: unknown; ;) {
    const page = await act(`${resource}-list-request`, { limit: 100, ...(after === undefined ? {} : { after }) }, {})
    rows.push(...(page['items'] as Row[]))
    after = page['next']
    if (after === undefined) return rows
  }
}
