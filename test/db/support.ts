// Databases, directories and processes that live as long as one test.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Knex } from 'knex'
import { type Database, type DatabaseOptions, openDatabase } from '../../core/db/database.ts'
import { chosen, type Kind } from '../kit/databases.ts'
import { fillDataDir, makePostgres, temporaryDirectory, undoLater } from '../kit/place.ts'

export { cleanUp, temporaryDirectory } from '../kit/place.ts'

export const testDatabaseUrl = process.env['TEST_DATABASE_URL']

const limits = { poolMax: 5, statementTimeout: 5_000, acquireTimeout: 2_000 }

export const open = async (options: Partial<DatabaseOptions> & { dataDir: string }): Promise<Database> => {
  const database = await openDatabase({ ...limits, ...options })
  undoLater(() => database.close())
  return database
}

/** A data directory with an empty database. */
export const freshDataDir = async (): Promise<string> => {
  const directory = await temporaryDirectory()
  await fillDataDir(directory, 'empty')
  return directory
}

/** The URL of an empty PostgreSQL database of the test's own. */
export const freshPostgres = async (): Promise<string> => {
  const { url, drop } = await makePostgres('empty')
  undoLater(drop)
  return url
}

/** What both drivers answer to `knex.raw`, which knex leaves untyped. */
export const run = async (
  knex: Knex, sql: string, bindings: readonly (string | number)[] = [],
): Promise<{ rows: unknown[]; rowCount: number }> =>
  (await knex.raw(sql, [...bindings])) as { rows: unknown[]; rowCount: number }

/** What `work` throws; an error when it throws nothing. */
export const thrownBy = async (work: () => PromiseLike<unknown>): Promise<unknown> => {
  try {
    await work()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}

/** The message of what `work` throws. */
export const messageOf = async (work: () => PromiseLike<unknown>): Promise<string> => {
  const error = await thrownBy(work)
  return error instanceof Error ? error.message : String(error)
}

/** Where a test's database is: options for `open` and the environment for a child process. */
export interface Place {
  readonly options: { dataDir: string; databaseUrl?: string }
  readonly env: { DATA_DIR: string; DATABASE_URL: string }
}

/** Defines the same tests for both databases, or those of `kinds`; those for PostgreSQL need a server. */
export const onBothDatabases = (define: (freshPlace: () => Promise<Place>) => void, kinds: readonly Kind[] = chosen()): void => {
  if (kinds.includes('embedded')) describe('on the embedded database', () => {
    define(async () => {
      const dataDir = await freshDataDir()
      return { options: { dataDir }, env: { DATA_DIR: dataDir, DATABASE_URL: '' } }
    })
  })
  describe('on PostgreSQL', () => {
    if (testDatabaseUrl === undefined) return void it('skipped: TEST_DATABASE_URL is unset')
    define(async () => {
      const [dataDir, databaseUrl] = await Promise.all([temporaryDirectory(), freshPostgres()])
      return { options: { dataDir, databaseUrl }, env: { DATA_DIR: dataDir, DATABASE_URL: databaseUrl } }
    })
  })
}

/** A process of our own that speaks in lines. */
export interface Child {
  readonly process: ChildProcess
  /** The next line that it prints; rejects when it ends without one. */
  line(): Promise<string>
  say(text: string): void
  /** Ends it without warning and waits until it is gone. */
  kill(): Promise<void>
}

/** Starts a script of `test/db/children`. */
export const startChild = (script: string, args: readonly string[] = [], env: Record<string, string> = {}): Child => {
  const path = fileURLToPath(new URL(`./children/${script}`, import.meta.url))
  const child = spawn(process.execPath, ['--liftoff-only', '--import=tsx', path, ...args], {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL')
    await exited
  }
  undoLater(kill)
  return {
    process: child,
    async line() {
      const next = await lines.next()
      if (next.done === true) throw new Error(`${script} ended without a word`)
      return next.value
    },
    say: (text) => void child.stdin.write(`${text}\n`),
    kill,
  }
}
