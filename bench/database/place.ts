// Where a target's database is: on a PostgreSQL server, or in a directory of the embedded one.
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { pg_trgm } from '@electric-sql/pglite/contrib/pg_trgm'
import pg from 'pg'

export type Place =
  | { readonly kind: 'postgres'; readonly name: string; readonly url: string }
  /** `directory`: DATA_DIR of the target, which has the database in `database`, as Sovrane does. */
  | { readonly kind: 'embedded'; readonly name: string; readonly directory: string }

/** What tells a server's process where its database is. */
export const environmentOf = (place: Place): Record<string, string> =>
  (place.kind === 'postgres' ? { DATABASE_URL: place.url } : { DATA_DIR: place.directory })

/** Runs statements one after another; no server may have an embedded database open meanwhile. */
export const runSql = async (place: Place, statements: readonly string[]): Promise<void> => {
  if (place.kind === 'embedded') {
    const engine = await PGlite.create({ dataDir: join(place.directory, 'database'), extensions: { pg_trgm } })
    for (const statement of statements) await engine.exec(statement)
    await engine.close()
    return
  }
  const client = new pg.Client({ connectionString: place.url })
  await client.connect()
  try {
    for (const statement of statements) await client.query(statement)
  } finally {
    await client.end()
  }
}
