// Opens the embedded database (PGlite): PostgreSQL inside this process, with one connection and files in the data directory.
// It survives the death of the process, not of the machine: the engine cannot flush to the disk.

import { existsSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { pg_trgm } from '@electric-sql/pglite/contrib/pg_trgm'
import knex from 'knex'
import type { Knex } from 'knex'
import { columnTypes, rowTypes } from './column-types.ts'
import type { Database, DatabaseOptions } from './connection.ts'
import { type DialectQuery, EmbeddedDialect, noteStatement, type Noting, type Observing, PostgresDialect } from './dialects.ts'
import { type DirectoryLock, lockDirectory } from './lock-file.ts'
import { sessionStatement } from './session.ts'
import { makeTransaction, type TransactionArguments } from './transaction.ts'

/** Milliseconds. With one connection, a query outside of the open transaction waits for itself: let it fail soon. */
const LONGEST_WAIT = 5_000

class Client extends EmbeddedDialect {
  /** Like `pg`: without parameters a text may hold several statements. The dialect would refuse it. */
  override async _query(connection: PGlite & Noting, query: DialectQuery): Promise<DialectQuery> {
    const ended = noteStatement(connection, this, query.sql)
    if (!query.sql) throw new Error('The query is empty')
    const bindings = query.bindings ?? []
    try {
      if (bindings.length > 0) {
        const options = query.options?.rowTimes === true ? { ...query.options, parsers: rowTypes } : query.options
        query.response = await connection.query(query.sql, bindings, options)
      } else {
        const results = await connection.exec(query.sql, query.options)
        query.response = results.length === 1 ? results[0] : results
      }
      ended?.()
      return query
    } catch (error) {
      ended?.(error)
      // The engine puts all parameters on its error, and errors reach the log.
      if (error instanceof Error) Object.assign(error, { params: undefined })
      throw error
    }
  }

  override transaction(...given: TransactionArguments): Knex.Transaction {
    return makeTransaction(this, ...given)
  }

  /** The engine's result already has the shape that `pg` gives. The dialect's own rewriting loses `rowCount`, and `del()` with it. */
  override processResponse(query: DialectQuery, runner: unknown): unknown {
    return PostgresDialect.prototype.processResponse.call(this, query, runner)
  }
}

/** The knex configuration for an engine, shared by the server and the knex command line. */
export const embeddedConfig = (
  engine: PGlite, options: Pick<DatabaseOptions, 'acquireTimeout' | 'onWarning' | 'onStatement'>,
): Knex.Config => {
  const warn = options.onWarning ?? ((): void => undefined)
  const { onStatement } = options
  const observing: Observing = onStatement ? { onStatement: (sql) => onStatement(sql, 'requests') } : {}
  return {
    ...observing,
    client: Client,
    // As a function: knex would make a deep copy of an object.
    connection: (() => ({ pglite: engine })) as unknown as Knex.ConnectionConfigProvider,
    acquireConnectionTimeout: Math.min(options.acquireTimeout, LONGEST_WAIT),
    compileSqlOnError: false,
    log: { warn, error: warn, deprecate: (method: string) => warn(`${method} is deprecated`), debug: () => undefined },
  }
}

/** Locks the data directory and starts the engine in it, making both when missing. Rejects when another process holds it. */
export const startEngine = async (dataDir: string): Promise<{ engine: PGlite; lock: DirectoryLock }> => {
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const lock = await lockDirectory(dataDir)
  const files = join(dataDir, 'database')
  // There until the files are complete: of a start that was killed before, they would never open again.
  const unfinished = join(dataDir, 'database.unfinished')
  try {
    if (!existsSync(files) || existsSync(unfinished)) {
      await writeFile(unfinished, '')
      await rm(files, { recursive: true, force: true })
      await mkdir(files, { mode: 0o700 })
    }
    const engine = await PGlite.create({ dataDir: files, parsers: columnTypes, extensions: { pg_trgm } })
    await engine.exec(sessionStatement({ statementTimeout: 0 }))
    await rm(unfinished, { force: true })
    return { engine, lock }
  } catch (error) {
    lock.release()
    throw new Error(`Cannot open the embedded database in ${dataDir}: ${String(error)}`, { cause: error })
  }
}

/** Opens the embedded database. Rejects when another process holds the data directory. */
export const openEmbedded = async (options: DatabaseOptions): Promise<Database> => {
  const dataDir = resolve(options.dataDir)
  const { engine, lock } = await startEngine(dataDir)
  const pool = knex(embeddedConfig(engine, options))
  const close = async (): Promise<void> => {
    try {
      await pool.destroy()
      // The pool closes the engine along with its connection, if it ever had one.
      if (!engine.closed) await engine.close()
    } finally {
      lock.release()
    }
  }
  let closing: Promise<void> | undefined
  return {
    kind: 'embedded',
    knex: pool,
    upkeep: pool,
    description: `embedded database in ${dataDir}`,
    isSilent: () => false,
    abandon: () => undefined,
    unhurried: (work) => work(pool),
    close: () => (closing ??= close()),
  }
}
