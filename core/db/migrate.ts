// Brings the schema up to date at start, safely when several nodes start at once or one is killed in the middle.

import type { Knex } from 'knex'
import type { Database } from './connection.ts'
import { type MigrationFile, type MigrationFolder, migrationSource } from './migration-source.ts'

const TABLE = 'sovrane_migrations'

/** The advisory lock of the process that migrates: "sovr" in ASCII, then a number within this program. */
export const migrationLock = [0x736f7672, 1] as const

/**
 * knex's own lock is a row that a killed run may leave set. The process that migrates holds the advisory lock (or, embedded, the
 * data directory), so a row that is set then is stale.
 */
export const releaseStaleLock = `
  do $$ begin
    if to_regclass('${TABLE}_lock') is not null then update ${TABLE}_lock set is_locked = 0; end if;
  end $$`

/** The migrator's configuration for the server and the knex command line. */
export const migrationConfig = (folders: readonly MigrationFolder[]): Knex.MigratorConfig => ({
  tableName: TABLE,
  migrationSource: migrationSource(folders),
  // What an unplugged plugin has run stays in the history and stops no one.
  disableMigrationsListValidation: true,
})

/** Runs what has not run yet, and tells which fails. */
const runPending = async (trx: Knex.Transaction, folders: readonly MigrationFolder[]): Promise<string[]> => {
  let running = ''
  const config: Knex.MigratorConfigWithLifecycleHooks = {
    ...migrationConfig(folders),
    beforeEach: async (_, [migration]) => {
      running = (migration as MigrationFile).file
    },
  }
  try {
    await trx.raw('select pg_advisory_xact_lock(?, ?)', [...migrationLock])
    await trx.raw(releaseStaleLock)
    const [, names] = (await trx.migrate.latest(config)) as [number, string[]]
    return names
  } catch (error) {
    if (running === '') throw error
    throw new Error(`The migration ${running} failed; nothing was changed: ${String(error)}`, { cause: error })
  }
}

// Each statement must see what a node before us did, whatever the server's default.
const isolation = { isolationLevel: 'read committed' } as const

/**
 * Runs what has not run yet and answers its names (`owner/name`).
 *
 * All of it is one transaction under an advisory lock: a second node waits and then finds nothing to do; a failed or
 * killed run leaves nothing behind. Hence no migration can use statements that refuse transactions.
 */
export const migrateLatest = (database: Database, folders: readonly MigrationFolder[]): Promise<string[]> =>
  database.unhurried((knex) => knex.transaction((trx) => runPending(trx, folders), isolation))

/** Looks at the database as it will be once all migrations have run, and leaves it as it is. */
export const foreseeLatest = <T>(
  database: Database, folders: readonly MigrationFolder[], look: (knex: Knex) => Promise<T>,
): Promise<T> => database.unhurried(async (knex) => {
  const trx = await knex.transaction(isolation)
  try {
    await runPending(trx, folders)
    return await look(trx)
  } finally {
    await trx.rollback()
  }
})
