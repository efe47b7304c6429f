// Databases that are ready: migrated, with the permission keys and the first administrator of `app.ts`. Made once by the real
// server and copied for each test's own, because making one takes seconds. Imports nothing of the product.
import { execFile, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rename, rm, stat, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import pg from 'pg'
import { program } from './program.ts'

export type Kind = 'embedded' | 'postgres'

export const administrator = { email: 'admin@example.com', password: 'Plum-Kettle-41-Orbit' } as const

/** Where databases can be made, for PostgreSQL; empty where there is none. */
export const testDatabaseUrl = process.env['TEST_DATABASE_URL'] ?? ''

const root = fileURLToPath(new URL('../../', import.meta.url))
/** Milliseconds after its last use in which a ready database is kept: every change of the sources makes another. */
const kept = 20 * 60_000
/** Milliseconds that making one may take on a busy machine. */
const patience = 300_000

/** Of these files and all that the folders hold. */
const hashOf = (folders: readonly string[], files: readonly string[]): string => {
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

let hash: string | undefined
/** What the ready databases of these sources are called: by everything that decides what a first start leaves behind. */
const nameOfReady = (): string =>
  `sovrane_ready_${(hash ??= hashOf(['core', 'plugins', 'resources'], ['app.ts', 'main.ts', 'package-lock.json', 'test/kit/ready.ts']))}`

/** A server's key. The same for all servers on a ready database: what it holds was sealed with it. */
const key = (name: string): string => createHash('sha384').update(`${name} of ${nameOfReady()}`).digest('base64url')

/** What the environment of every server of the tests has: any port, keys, an administrator, nothing that is slow for no reason. */
export const commonEnvironment = (): Record<string, string> => ({
  PORT: '0', HOST: '127.0.0.1', SEED: 'none', BCRYPT_COST: '4', RATE_LIMIT_EVENTS: '0',
  // On a machine that others use too.
  DATABASE_ACQUIRE_TIMEOUT: '10000',
  JWT_SECRET: key('JWT_SECRET'), MFA_ENCRYPTION_KEY: key('MFA_ENCRYPTION_KEY'), AUDIT_KEY: key('AUDIT_KEY'),
  ADMIN_EMAIL: administrator.email, ADMIN_PASSWORD: administrator.password,
})

/** Starts the server and stops it once it is up. */
const startOnce = async (place: Readonly<Record<string, string>>): Promise<void> => {
  const { PATH = '' } = process.env
  const environment = { PATH, TMPDIR: tmpdir(), LOG_LEVEL: 'error', JOB_SCHEDULES: 'none', ...commonEnvironment(), ...place }
  const [node = '', ...rest] = program('main.ts')
  const child = spawn(node, rest, { cwd: root, env: environment, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = once(child, 'exit')
  const timer = setTimeout(() => child.kill('SIGKILL'), patience)
  let words = ''
  let isUp = false
  const hear = (text: string): void => {
    words += text
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(words)?.[0]
    if (isUp || url === undefined) return
    isUp = true
    // Once it answers it also listens to signals: before, it would be killed by one.
    void fetch(`${url}/health/ready`).catch(() => undefined).finally(() => child.kill('SIGTERM'))
  }
  child.stdout.setEncoding('utf8').on('data', hear)
  child.stderr.setEncoding('utf8').on('data', hear)
  const [code] = await ended as [number | null]
  clearTimeout(timer)
  if (!isUp || code !== 0)
    throw new Error(`The server that was to make a ready database ended with ${code ?? 'a signal'}.\n${words.slice(-4000)}`)
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
const makePostgres = (): Promise<string> => onServer(async (client) => {
  const name = nameOfReady()
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

/** A directory to copy, whose `database` is made aside by `make` when there is none of this name yet. */
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

let empty: Promise<string> | undefined
/** By what makes it: core's way to open the embedded database, and the engine. The optimizing compiler would not pay in so short a life. */
const makeEmpty = (): Promise<string> => {
  const name = `sovrane_ready_empty_${hashOf(['core/db'], ['package-lock.json', 'test/kit/empty.ts'])}`
  return makeDirectory(name, async (data) => void await promisify(execFile)(
    process.execPath, ['--liftoff-only', '--import=tsx', 'test/kit/empty.ts', data], { cwd: root, timeout: patience }))
}

/** Puts an embedded database without tables into a server's DATA_DIR. */
export const copyEmptyEmbedded = async (dataDir: string): Promise<void> => {
  empty ??= makeEmpty()
  empty.catch(() => (empty = undefined))
  await copyDirectory(await empty, dataDir)
}

/** The embedded database's directory to copy. */
const makeEmbedded = (): Promise<string> => makeDirectory(nameOfReady(), async (data) => {
  await copyEmptyEmbedded(data)
  await startOnce({ DATA_DIR: data })
})

const made = new Map<Kind, Promise<string>>()

/** The ready database to copy, made when it is missing. */
export const makeReady = (kind: Kind): Promise<string> => {
  const found = made.get(kind) ?? (kind === 'postgres' ? makePostgres() : makeEmbedded())
  made.set(kind, found)
  // What failed is tried again by who asks next.
  found.catch(() => made.delete(kind))
  return found
}

/** Makes a PostgreSQL database of this name that is ready. */
export const copyReadyPostgres = async (database: string): Promise<void> => {
  const ready = await makeReady('postgres')
  await onServer(async (client) => {
    await client.query(`create database ${database} template ${ready}`)
    await client.query(`comment on database ${ready} is '${new Date().toISOString()}'`)
  })
}

/** Puts an embedded database that is ready into a server's DATA_DIR. */
export const copyReadyEmbedded = async (dataDir: string): Promise<void> => copyDirectory(await makeReady('embedded'), dataDir)
