// Opens PostgreSQL: a pool whose connections fail alone, never with the process.

import knex from 'knex'
import type { Knex } from 'knex'
import { pgRowTypes, pgTypes } from './column-types.ts'
import type { Database, DatabaseOptions } from './connection.ts'
import { type DialectQuery, noteStatement, type Noting, type Observing, PostgresDialect } from './dialects.ts'
import { createPulse, type Line, type Pulse } from './pulse.ts'
import { inTime, type Pool } from './room.ts'
import { sessionStatement } from './session.ts'
import { isStalePlan } from './sqlstate.ts'
import { makeTransaction, type TransactionArguments } from './transaction.ts'

type Given = 'poolMax' | 'statementTimeout' | 'acquireTimeout' | 'idleInTransaction' | 'onWarning' | 'onStatement'

interface Limits extends Pick<DatabaseOptions, Given> {
  /** Who is told of statements is told which; default: `requests`. */
  readonly pool?: 'upkeep'
  /** Told of every answer. */
  readonly pulse?: Pulse
  /** Milliseconds a statement waits for a lock; default: as long as it may run. */
  readonly lockTimeout?: number
}
interface RawConnection extends Noting {
  __knex__disposed?: unknown
  /** Present within a transaction. */
  readonly __knexTxId?: string
  readonly connection: Line['connection']
}
interface Opened { query(sql: string): Promise<unknown>; end(): Promise<unknown> }

/** Milliseconds beyond the statement time-out, so that a server that is alive answers with its own error first. */
const GRACE = 5_000
/** Milliseconds after which the server ends a transaction whose client says nothing: a paused node keeps its locks no longer. */
const IDLE = 4_000
/** Connections beside the pool: for the feed, the review of sessions, and health. A flood of requests cannot take them. */
const UPKEEP = { poolMax: 2, lockTimeout: 500, pool: 'upkeep' } as const
/** Milliseconds that opening a connection may take at least: on a busy machine it is slow, and no sign that too much is asked. */
const OPENING = 5_000

class Client extends PostgresDialect {
  /** Keeps a broken connection from going back to the pool, where the next user would get it. */
  override async _query(connection: RawConnection, query: DialectQuery): Promise<DialectQuery> {
    const { pulse } = (this as unknown as { readonly config: Pick<Limits, 'pulse'> }).config
    const ended = noteStatement(connection, this, query.sql)
    if (query.options?.rowTimes === true) query.options = { ...query.options, types: pgRowTypes }
    try {
      const answered = await super._query(connection, query)
      pulse?.beat()
      ended?.()
      return answered
    } catch (error) {
      // Only what comes from the server has one.
      if (typeof (error as { severity?: unknown }).severity === 'string') pulse?.beat()
      ended?.(error)
      if (isStalePlan(error)) {
        // All that it has planned may be stale, and it cannot be told to forget: the next user gets another.
        connection.__knex__disposed = error
        if (connection.__knexTxId === undefined) return super._query(connection, { ...query, options: {} })
      }
      const { message, code } = error as { message?: string; code?: string }
      // The server is closing it, and the socket may not know yet; or it is read-only, and another may not be: the server's default
      // was changed since it was opened, or it is a standby that a pooler still leads to.
      if (code?.startsWith('57P') || code === '25P03' || code === '25006') connection.__knex__disposed = error
      // The unanswered query still occupies it: cut it.
      if (message === 'Query read timeout') {
        connection.__knex__disposed = error
        connection.connection.stream.destroy()
      }
      throw error
    }
  }

  override async acquireRawConnection(): Promise<unknown> {
    const { pulse } = (this as unknown as { readonly config: Pick<Limits, 'pulse'> }).config
    const opening = super.acquireRawConnection() as Promise<Line>
    return pulse ? pulse.open(opening) : opening
  }

  /** While all are in use one is waited for no longer than is said; what is still being opened has its own time. */
  override async acquireConnection(): Promise<unknown> {
    const { pool, config } = this as unknown as { readonly pool?: Pool; readonly config: { readonly patience?: number } }
    // Once it is closed there is none: the driver says so.
    const isFull = pool !== undefined && pool.numUsed() >= pool.max
    const asked = super.acquireConnection() as Promise<unknown>
    return isFull && config.patience !== undefined ? inTime(asked, config.patience, (late) => this.releaseConnection(late)) : asked
  }

  override transaction(...given: TransactionArguments): Knex.Transaction {
    return makeTransaction(this, ...given)
  }
}

/** Makes a new connection ours; one that will not be is closed, since the pool forgets it. */
const prepare = (statement: string) => (connection: Opened, done: (error: unknown) => void): void => {
  connection.query(statement).then(() => done(null), (error: unknown) => {
    connection.end().catch(() => undefined)
    done(error)
  })
}

/** The statement that every connection begins with. Without a limit for statements there is none for waiting either. */
export const firstStatement = (
  { statementTimeout, lockTimeout, idleInTransaction = IDLE }: Pick<Limits, 'statementTimeout' | 'lockTimeout' | 'idleInTransaction'>,
): string =>
  sessionStatement({
    statementTimeout,
    ...(lockTimeout === undefined ? {} : { lockTimeout }),
    idleInTransaction: statementTimeout === 0 ? 0 : idleInTransaction,
  })

/** The knex configuration for PostgreSQL, shared by the server and the knex command line. */
export const postgresConfig = (databaseUrl: string, limits: Limits): Knex.Config => {
  const warn = limits.onWarning ?? ((): void => undefined)
  const { onStatement, pool = 'requests' } = limits
  const observing: Observing = onStatement ? { onStatement: (sql) => onStatement(sql, pool) } : {}
  const opening = Math.max(limits.acquireTimeout, OPENING)
  return {
    ...observing,
    ...(limits.pulse ? { pulse: limits.pulse } : {}),
    ...(limits.pool === 'upkeep' ? {} : { patience: limits.acquireTimeout }),
    client: Client,
    connection: {
      connectionString: databaseUrl,
      application_name: 'sovrane',
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      // A network that swallows packets answers nothing at all: without this a query hangs for a quarter of an hour.
      query_timeout: limits.statementTimeout === 0 ? 0 : limits.statementTimeout + GRACE,
      connectionTimeoutMillis: opening,
      types: pgTypes,
      // The first statement of a transaction does not wait for the answer to `begin` (core/db/transaction.ts).
      pipeline: true,
    } as Knex.PgConnectionConfig,
    pool: { min: 0, max: limits.poolMax, afterCreate: prepare(firstStatement(limits)) },
    acquireConnectionTimeout: opening,
    // The texts of errors reach the log: keep values such as password hashes out of them.
    compileSqlOnError: false,
    log: { warn, error: warn, deprecate: (method: string) => warn(`${method} is deprecated`), debug: () => undefined },
  }
}

/** Where a URL leads, without user and password. */
const describe = (databaseUrl: string): string => {
  if (!URL.canParse(databaseUrl)) return 'PostgreSQL'
  const url = new URL(databaseUrl)
  const host = url.host || url.searchParams.get('host') || 'a local socket'
  return `PostgreSQL at ${host}, database ${decodeURIComponent(url.pathname.slice(1)) || '(default)'}`
}

const reasonOf = (error: unknown): string => {
  const { message, code } = error as { message?: string; code?: string }
  return message || code || String(error)
}

/** Opens the pool; rejects when the first connection fails. */
export const openPostgres = async (databaseUrl: string, options: DatabaseOptions): Promise<Database> => {
  const description = describe(databaseUrl)
  const pulse = createPulse()
  const pool = knex(postgresConfig(databaseUrl, { ...options, pulse }))
  const upkeep = knex(postgresConfig(databaseUrl, { ...options, ...UPKEEP, pulse }))
  try {
    await pool.raw('select 1')
  } catch (error) {
    pulse.stop()
    await Promise.all([pool.destroy(), upkeep.destroy()])
    throw new Error(`Cannot open ${description}: ${reasonOf(error)}`, { cause: error })
  }
  let closing: Promise<void> | undefined
  return {
    kind: 'postgres',
    knex: pool,
    upkeep,
    isSilent: () => pulse.isSilent(),
    abandon: () => pulse.abandon(),
    description,
    async unhurried(work) {
      const single = knex(postgresConfig(databaseUrl, { ...options, poolMax: 1, statementTimeout: 0 }))
      try {
        return await work(single)
      } finally {
        await single.destroy()
      }
    },
    close: () => (closing ??= Promise.all([pool.destroy(), upkeep.destroy()]).then(() => pulse.stop())),
  }
}
