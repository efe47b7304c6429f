// Databases that are ready: migrated, with the permission keys and the first administrator of an app. Made once by a real server and
// copied for each test's own, because making one takes seconds. Imports nothing of the product.
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rename, rm, stat, utimes } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import pg from 'pg'

export type Kind = 'embedded' | 'postgres'

export const administrator = { email: 'admin@example.com', password: 'Plum-Kettle-41-Orbit' } as const

/** Where databases can be made, for PostgreSQL; empty where there is none. */
export const testDatabaseUrl = process.env['TEST_DATABASE_URL'] ?? ''

/** Where the engine is: its sources, or what was built of them. */
export const engineRoot = fileURLToPath(new URL('../', import.meta.url))
/** Milliseconds after its last use in which a ready database is kept: every change of the sources makes another. */
const kept = 20 * 60_000
/** Milliseconds that making one may take on a busy machine. */
export const makingPatience = 300_000

type Variables = Readonly<Record<string, string>>

/** How the ready databases of an app are made. */
export interface Recipe {
  /** A hash of everything that decides what a first start leaves behind. */
  hash(): string
  /** Starts a server of the app in this environment and stops it once it is up. */
  startOnce(environment: Variables): Promise<void>
}

/** Of these files and all that the folders hold, named by their paths from the root. */
export const hashOf = (root: string, folders: readonly string[], files: readonly string[] = []): string => {
  const hash = createHash('sha256')
  const inside = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      // Links too: copies of the project have them.
      .filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name)))
  for (const file of [...files.map((name) => join(root, name)), ...inside].toSorted()) {
    hash.update(file.slice(root.length)).update('\0').update(readFileSync(file))
  }
  return hash.digest('hex').slice(0, 16)
}

/** Runs statements one by one on a connection to the database where others are made. */
const onServer = async <T>(work: (client: pg.Client) => Promise<T>): Promise<T> => {
  if (testDatabaseUrl === '') throw new Error('TEST_DATABASE_URL is unset')
  const client = new pg.Client({ connectionString: testDatabaseUrl })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

/** One statement in the database where others are made. */
export const administer = (sql: string): Promise<unknown> => onServer((client) => client.query(sql))

/** The URL of a database beside the one of TEST_DATABASE_URL. Not by `new URL`, which knows no address without a host (a local socket). */
export const urlOf = (database: string): string => testDatabaseUrl.replace(/^(\w+:\/\/[^/?]*)(?:\/[^?]*)?/, `$1/${database}`)

/** The PostgreSQL database to copy. */
const makePostgres = (name: string, startOnce: (place: Variables) => Promise<void>): Promise<string> => onServer(async (client) => {
  // Other processes of the run may want it too.
  await client.query("select pg_advisory_lock(hashtext('sovrane ready database'))")
  const found = await client.query<{ name: string; used: string | null }>(
    "select datname as name, shobj_description(oid, 'pg_database') as used from pg_database where datname like 'sovrane_ready_%'")
  if (found.rows.some((row) => row.name === name)) return name
  for (const row of found.rows) {
    if (Date.now() - Date.parse(row.used ?? '1970-01-01') > kept) await client.query(`drop database if exists ${row.name} with (force)`)
  }
  const unfinished = `sovrane_making_${process.pid}`
  await client.query(`drop database if exists ${unfinished} with (force)`)
  await client.query(`create database ${unfinished}`)
  const data = await mkdtemp(join(tmpdir(), 'sovrane-making-'))
  try {
    await startOnce({ DATA_DIR: data, DATABASE_URL: urlOf(unfinished) })
    await client.query(`comment on database ${unfinished} is '${new Date().toISOString()}'`)
    await client.query(`alter database ${unfinished} rename to ${name}`)
  } finally {
    await client.query(`drop database if exists ${unfinished} with (force)`)
    await rm(data, { recursive: true, force: true })
  }
  return name
})

/** A directory to copy, whose `database` is made aside by `make` when nothing has this name yet. */
const makeDirectory = async (name: string, make: (data: string) => Promise<void>): Promise<string> => {
  const directory = join(tmpdir(), name)
  if (existsSync(directory)) {
    await utimes(directory, new Date(), new Date())
    return directory
  }
  for (const other of (await readdir(tmpdir())).filter((each) => each.startsWith('sovrane_ready_'))) {
    const { mtimeMs } = await stat(join(tmpdir(), other)).catch(() => ({ mtimeMs: Date.now() }))
    if (Date.now() - mtimeMs > kept) await rm(join(tmpdir(), other), { recursive: true, force: true })
  }
  const data = await mkdtemp(join(tmpdir(), 'sovrane-making-'))
  try {
    await make(data)
    await rename(join(data, 'database'), directory).catch((error: unknown) => {
      // Another process was quicker.
      if (!existsSync(directory)) throw error
    })
  } finally {
    await rm(data, { recursive: true, force: true })
  }
  return directory
}

const copyDirectory = async (from: string, dataDir: string): Promise<void> => {
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  // Not the one that can be awaited, which takes twice the processor time for a thousand small files.
  cpSync(from, join(dataDir, 'database'), { recursive: true })
  await utimes(from, new Date(), new Date())
}

/** The program that makes one without tables, and how Node understands it. */
const emptyProgram = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? 'empty.ts' : 'empty.js', import.meta.url))
const loading = emptyProgram.endsWith('.ts') ? ['--import=tsx'] : []

let empty: Promise<string> | undefined
/** By what makes it: core's way to open the embedded database, and the engine. The optimizing compiler would not pay in so short a life. */
const makeEmpty = (): Promise<string> => {
  const engine = readFileSync(createRequire(import.meta.url).resolve('@electric-sql/pglite'))
  const hash = createHash('sha256').update(hashOf(engineRoot, ['core/db'])).update(engine).digest('hex')
  const name = `sovrane_ready_empty_${hash.slice(0, 16)}`
  return makeDirectory(name, async (data) => void await promisify(execFile)(
    process.execPath, ['--liftoff-only', ...loading, emptyProgram, data], { cwd: engineRoot, timeout: makingPatience }))
}

/** Puts an embedded database without tables into a server's DATA_DIR. */
export const copyEmptyEmbedded = async (dataDir: string): Promise<void> => {
  empty ??= makeEmpty()
  empty.catch(() => (empty = undefined))
  await copyDirectory(await empty, dataDir)
}

/** The databases of one recipe. */
export interface Ready {
  /** What the environment of every server of the tests has: any port, keys, an administrator, nothing that is slow for no reason. */
  commonEnvironment(): Record<string, string>
  /** The ready database to copy, made when it is missing: its name, or its directory. */
  make(kind: Kind): Promise<string>
  /** Makes a PostgreSQL database of this name that is ready. */
  copyPostgres(database: string): Promise<void>
  /** Puts an embedded database that is ready into a server's DATA_DIR. */
  copyEmbedded(dataDir: string): Promise<void>
}

/** The ready databases that a recipe makes. */
export const readyDatabases = (recipe: Recipe): Ready => {
  let hash: string | undefined
  const name = (): string => `sovrane_ready_${(hash ??= recipe.hash())}`
  /** A server's key. The same for all servers on a ready database: what it holds was sealed with it. */
  const key = (variable: string): string => createHash('sha384').update(`${variable} of ${name()}`).digest('base64url')
  const commonEnvironment = (): Record<string, string> => ({
    PORT: '0', HOST: '127.0.0.1', SEED: 'none', BCRYPT_COST: '4', RATE_LIMIT_EVENTS: '0',
    // On a machine that others use too, fifty at once may wait for each other for long.
    DATABASE_ACQUIRE_TIMEOUT: '60000', DATABASE_STATEMENT_TIMEOUT: '60000',
    JWT_SECRET: key('JWT_SECRET'), MFA_ENCRYPTION_KEY: key('MFA_ENCRYPTION_KEY'), AUDIT_KEY: key('AUDIT_KEY'),
    ADMIN_EMAIL: administrator.email, ADMIN_PASSWORD: administrator.password,
  })
  const startOnce = (place: Variables): Promise<void> =>
    recipe.startOnce({ ...commonEnvironment(), LOG_LEVEL: 'error', JOB_SCHEDULES: 'none', ...place })
  const makers: Readonly<Record<Kind, () => Promise<string>>> = {
    postgres: () => makePostgres(name(), startOnce),
    embedded: () => makeDirectory(name(), async (data) => {
      await copyEmptyEmbedded(data)
      await startOnce({ DATA_DIR: data })
    }),
  }
  const made = new Map<Kind, Promise<string>>()
  const make = (kind: Kind): Promise<string> => {
    const found = made.get(kind) ?? makers[kind]()
    made.set(kind, found)
    // What failed is tried again by who asks next.
    found.catch(() => made.delete(kind))
    return found
  }
  return {
    commonEnvironment,
    make,
    async copyPostgres(database) {
      const ready = await make('postgres')
      await onServer(async (client) => {
        await client.query(`create database ${database} template ${ready}`)
        await client.query(`comment on database ${ready} is '${new Date().toISOString()}'`)
      })
    },
    copyEmbedded: async (dataDir) => copyDirectory(await make('embedded'), dataDir),
  }
}
