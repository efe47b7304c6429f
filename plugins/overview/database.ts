// What is asked of the database about itself and about the nodes that are connected to it.
import type { Knex } from 'knex'

export interface DatabaseFacts {
  /** Such as `15.8`. */
  readonly version: string
  /** Bytes; null: this database does not say. */
  readonly size: number | null
}

export const databaseFacts = async (db: Knex): Promise<DatabaseFacts> => {
  const found: { rows: { version: string; size: number | string | null }[] } = await db.raw(
    `select current_setting('server_version') as version, pg_database_size(current_database()) as size`)
  const [row] = found.rows
  const size = Number(row?.size ?? Number.NaN)
  return { version: row?.version.split(' ')[0] ?? '', size: Number.isFinite(size) ? size : null }
}

export interface ConnectedNode {
  /** Where it connects from; null: on the database's own machine, or one that this database user may not see. */
  readonly address: string | null
  readonly since: string
}

/** Each node holds one connection that listens for changes: so many there are. Oldest first. */
export const connectedNodes = async (db: Knex): Promise<ConnectedNode[]> => {
  const found: { rows: { address: string | null; since: Date }[] } = await db.raw(
    `select host(client_addr) as address, backend_start as since from pg_stat_activity
     where datname = current_database() and application_name = 'sovrane listener' order by backend_start`)
  return found.rows.map(({ address, since }) => ({ address, since: since.toISOString() }))
}
