// The two knex dialects as base classes, with the inner methods that knex has and its types leave out.

import { createRequire } from 'node:module'
import type { QueryOptions } from '@electric-sql/pglite'
import type { Knex } from 'knex'
import PgliteDialect from 'knex-pglite'

/** What knex hands to a dialect to run, and finds the answer in. */
export interface DialectQuery {
  sql: string
  bindings?: unknown[]
  options?: QueryOptions & { readonly name?: string }
  response?: unknown
}

declare class Dialect extends (null as unknown as typeof Knex.Client) {
  _query(connection: unknown, query: DialectQuery): Promise<DialectQuery>
  processResponse(query: DialectQuery, runner: unknown): unknown
}

/** What the engine notes on a connection. */
export interface Noting {
  /** Statements that it was asked, apart from those that write no row of a resource. */
  sovraneWrites?: number
}

/** Counts a statement before it is asked. */
export const noteStatement = (connection: Noting): void => {
  connection.sovraneWrites = (connection.sovraneWrites ?? 0) + 1
}

// knex has this class at run time only.
export const PostgresDialect = createRequire(import.meta.url)('knex/lib/dialects/postgres/index.js') as typeof Dialect
export const EmbeddedDialect = PgliteDialect as unknown as typeof Dialect
