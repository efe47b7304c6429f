// The two knex dialects as base classes, with the inner methods that knex has and its types leave out.

import { createRequire } from 'node:module'
import type { QueryOptions } from '@electric-sql/pglite'
import type { Knex } from 'knex'
import PgliteDialect from 'knex-pglite'

/** What knex hands to a dialect to run, and finds the answer in. */
export interface DialectQuery {
  sql: string
  bindings?: unknown[]
  /** `rowTimes`: times are texts, as rows hold them. */
  options?: QueryOptions & { readonly name?: string; readonly rowTimes?: boolean; readonly types?: object }
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

/** Where who is told of statements stands in the configuration of a client. */
export interface Observing {
  readonly onStatement?: (sql: string) => ((error?: unknown) => void) | undefined
}

/** Counts a statement before it is asked. Answers who is told of its end. */
export const noteStatement = (connection: Noting, client: object, sql: string): ((error?: unknown) => void) | undefined => {
  connection.sovraneWrites = (connection.sovraneWrites ?? 0) + 1
  return (client as { readonly config?: Observing }).config?.onStatement?.(sql)
}

// knex has this class at run time only.
export const PostgresDialect = createRequire(import.meta.url)('knex/lib/dialects/postgres/index.js') as typeof Dialect
export const EmbeddedDialect = PgliteDialect as unknown as typeof Dialect
