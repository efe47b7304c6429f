// What the rest of core knows of a database, whichever of the two drivers is behind it.

import type { Knex } from 'knex'

/** Answers who is told of the end of the statement, with what it has thrown. */
export type OnStatement = (sql: string, pool: 'requests' | 'upkeep') => ((error?: unknown) => void) | undefined

export interface DatabaseOptions {
  /** A `postgres://` URL. Without it the embedded database in `dataDir` is opened. */
  readonly databaseUrl?: string
  /** Where the embedded database lives; made with mode 0700 when missing. */
  readonly dataDir: string
  /** Connections at most; the embedded database always has exactly one. */
  readonly poolMax: number
  /** Milliseconds a statement may run, 0 for no limit. The embedded engine cannot interrupt a statement and ignores it. */
  readonly statementTimeout: number
  /** Milliseconds a transaction may wait for this process before PostgreSQL ends it; default 4,000. */
  readonly idleInTransaction?: number
  /** Milliseconds to wait for a free connection. The embedded database waits for 5,000 at most. */
  readonly acquireTimeout: number
  /** Told of each statement before it is asked, and of its end by what it answers. */
  readonly onStatement?: OnStatement
  /** Where the driver's warnings go, such as an idle connection that broke. Without it they are dropped. */
  readonly onWarning?: (message: string) => void
}

export interface Database {
  readonly kind: 'embedded' | 'postgres'
  readonly knex: Knex
  /**
   * For the feed, the review of sessions and health: connections that requests cannot take. Statements wait for locks half a second.
   * On the embedded database it is the only one.
   */
  readonly upkeep: Knex
  /**
   * Whether it has answered nothing at all for two seconds, on no connection: what is asked now would wait in vain.
   * The embedded database is never silent.
   */
  isSilent(): boolean
  /** Fails all that waits for it, and whatever is asked from now on: for a server that stops while it is silent. */
  abandon(): void
  /** For the start banner. Never holds a password. */
  readonly description: string
  /**
   * Runs `work` on a connection without time limits: for migrations and upkeep, not for requests.
   * On PostgreSQL it is a connection of its own beside the pool, on the embedded database the only one.
   */
  unhurried<T>(work: (knex: Knex) => Promise<T>): Promise<T>
  /** Waits for running queries, closes, and releases the data directory. May be called twice. */
  close(): Promise<void>
}
