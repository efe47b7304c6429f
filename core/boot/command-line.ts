// The configuration for `sovrane migrate` and `npx knex migrate:…`: the same database, locks and migrations as the server's.

import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Knex } from 'knex'
import type pg from 'pg'
import { readEnvironment } from './environment.ts'
import { Faults } from '../model/faults.ts'
import { variables } from './variables.ts'
import { embeddedConfig, startEngine } from '../db/embedded.ts'
import { migrationConfig, migrationLock, releaseStaleLock } from '../db/migrate.ts'
import type { MigrationFolder } from '../db/migration-source.ts'
import { firstStatement, postgresConfig } from '../db/postgres.ts'

/** Milliseconds to reach the server, and to wait for another process that migrates. */
const CONNECT = 10_000
const WAIT_FOR_OTHERS = 3_600_000

interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly argv: readonly string[]
}

const warn = (message: string): void => console.error(message)

/** Making a migration touches no database; it needs to know whose folder the new file goes to. `howTo`: how the owner is said. */
export const makeConfig = (folders: readonly MigrationFolder[], owner: string | undefined, howTo: string): Knex.Config => {
  const folder = folders.find((candidate) => candidate.owner === owner)
  if (folder === undefined) {
    const owners = folders.map((candidate) => candidate.owner).join(', ')
    const problem = owner ? `There is no owner "${owner}".` : 'Whose migration is it?'
    throw new Error(`${problem} Say ${howTo}, with one of the owners: ${owners}`)
  }
  return {
    client: 'pg',
    migrations: {
      directory: fileURLToPath(folder.directory),
      extension: 'ts',
      stub: fileURLToPath(new URL('../db/migration.stub', import.meta.url)),
    },
  }
}

/** The one connection of this process holds the advisory lock until the process ends. */
const lockConnection = async (connection: pg.Client): Promise<void> => {
  await connection.query(firstStatement({ statementTimeout: 0 }))
  const { rows } = await connection.query<{ got: boolean }>('select pg_try_advisory_lock($1, $2) as got', [...migrationLock])
  if (rows[0]?.got !== true) {
    warn('Another process is migrating this database; waiting until it is done')
    await connection.query('select pg_advisory_lock($1, $2)', [...migrationLock])
  }
  await connection.query(releaseStaleLock)
}

const onPostgres = (databaseUrl: string): Knex.Config => ({
  ...postgresConfig(databaseUrl, { poolMax: 1, statementTimeout: 0, acquireTimeout: CONNECT, onWarning: warn }),
  acquireConnectionTimeout: WAIT_FOR_OTHERS,
  pool: {
    min: 0,
    max: 1,
    createTimeoutMillis: WAIT_FOR_OTHERS,
    afterCreate: (connection: pg.Client, done: (error: unknown) => void) => lockConnection(connection).then(() => done(null), done),
  },
})

const onEmbedded = async (dataDir: string): Promise<Knex.Config> => {
  const { engine } = await startEngine(dataDir)
  await engine.exec(releaseStaleLock)
  return embeddedConfig(engine, { acquireTimeout: CONNECT, onWarning: warn })
}

/** The database of DATABASE_URL or DATA_DIR, which this process has for itself. */
export const databaseConfig = async (folders: readonly MigrationFolder[], env: Surroundings['env']): Promise<Knex.Config> => {
  const faults = new Faults()
  const { DATABASE_URL, DATA_DIR } = readEnvironment(variables.pick(['DATABASE_URL', 'DATA_DIR']), env, faults, 'core.environment')
  faults.throwIfAny()
  const connection = DATABASE_URL === undefined ? await onEmbedded(resolve(DATA_DIR)) : onPostgres(DATABASE_URL)
  return { ...connection, migrations: migrationConfig(folders) }
}

/**
 * For the default export of `knexfile.ts`. Reads DATABASE_URL, DATA_DIR and, to make a migration, OWNER.
 * Rejects with a message fit for a terminal, such as when the server is running on the embedded database.
 */
export const commandLineConfig = async (
  folders: readonly MigrationFolder[],
  { env, argv }: Surroundings = process,
): Promise<Knex.Config> => {
  try {
    if (argv.includes('migrate:make')) return makeConfig(folders, env['OWNER'], 'OWNER=<owner> npx knex migrate:make <name>')
    return await databaseConfig(folders, env)
  } catch (error) {
    // The command line prints the stack where there is one; the message says all there is to say.
    if (error instanceof Error) error.stack = error.message
    throw error
  }
}
