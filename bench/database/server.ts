// The PostgreSQL server of a run: a database for each target, and the processes that serve it.
import pg from 'pg'
import { cpuOfSingle, isPostgres, parentOf } from '../measure/processes.ts'

export interface Backend {
  readonly pid: number
  /** Empty for those that serve the whole server, such as the writer of the log. */
  readonly database: string
}

export interface DatabaseServer {
  /** Makes an empty database and gives its URL. */
  create(name: string): Promise<string>
  /** Drops all that were made, and makes no more: also while something else is under way. */
  dropAll(): Promise<void>
  /** The processes of the databases that were made, and those that all databases share. Empty when the server is on another machine. */
  backends(): Promise<readonly Backend[]>
  /** Whether no one else is connected to the server. */
  isAlone(): Promise<boolean>
  /** The process that starts all others; undefined on another machine. */
  readonly postmaster: number | undefined
  readonly version: string
  close(): Promise<void>
}

/** Not by `new URL`, which knows no address without a host. */
const urlOf = (server: string, database: string): string =>
  server.replace(/^(\w+:\/\/[^/]*\/?)[^?]*/, (_, start: string) => `${start.replace(/\/?$/, '/')}${database}`)

/** @param url where databases can be made */
export const openServer = async (url: string): Promise<DatabaseServer> => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const made = new Set<string>()
  const own = await client.query<{ pid: number; version: string }>(
    "select pg_backend_pid() as pid, current_setting('server_version') as version",
  )
  const { pid = 0, version = '' } = own.rows[0] ?? {}
  let isOver = false
  const isHere = isPostgres(pid)
  return {
    version,
    postmaster: isHere ? parentOf(pid) : undefined,
    async create(name) {
      if (isOver) throw new Error('the run is over')
      made.add(name)
      await client.query(`drop database if exists ${name} with (force)`)
      await client.query(`create database ${name}`)
      return urlOf(url, name)
    },
    async dropAll() {
      isOver = true
      for (const name of made) await client.query(`drop database if exists ${name} with (force)`)
      made.clear()
    },
    async backends() {
      if (!isHere) return []
      const found = await client.query<Backend>(
        `select pid, coalesce(datname, '') as database from pg_stat_activity
         where datname is null or datname = any($1) or pid = pg_backend_pid()`, [[...made]])
      return found.rows
    },
    async isAlone() {
      const others = await client.query('select 1 from pg_stat_activity where datname <> all($1) and pid <> pg_backend_pid() limit 1', [[...made]])
      return others.rows.length === 0
    },
    close: () => client.end(),
  }
}

/** Milliseconds of processor time of each backend so far. */
export const cpuOfBackends = (backends: readonly Backend[]): ReadonlyMap<number, { readonly database: string; readonly cpu: number }> =>
  new Map(backends.map(({ pid, database }) => [pid, { database, cpu: cpuOfSingle(pid) ?? 0 }]))
