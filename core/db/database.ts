// The only door to a database: opens PostgreSQL or the embedded one, whichever the options say.

import type { Database, DatabaseOptions } from './connection.ts'
import { openEmbedded } from './embedded.ts'
import { openPostgres } from './postgres.ts'

export type { Database, DatabaseOptions } from './connection.ts'

/**
 * Opens the database and proves with a first query that it answers.
 * Rejects with an Error fit for a terminal when it cannot be reached, or when another process uses the data directory.
 */
export const openDatabase = (options: DatabaseOptions): Promise<Database> =>
  options.databaseUrl ? openPostgres(options.databaseUrl, options) : openEmbedded(options)
