// What a transaction has changed so far in tracked tables, as the change feed will tell it.
import type { Knex } from 'knex'

export interface Tracked {
  readonly resource: string
  readonly id: string
}

/**
 * The first row that this transaction has changed. The outbox holds little but what is not yet relayed; savepoints have
 * transaction numbers of their own and are not seen.
 */
export const firstTracked = async (db: Knex): Promise<Tracked | undefined> => {
  const found: { rows: Tracked[] } = await db.raw(`
    select resource, id from outbox
    where xmin::text = (pg_current_xact_id()::text::bigint & 4294967295)::text and left(resource, 1) <> '~' order by seq limit 1`)
  return found.rows[0]
}

/** The names of all tracked tables, as their triggers bear them. */
export const trackedNames = async (db: Knex): Promise<string[]> => {
  const found: { rows: { name: string }[] } = await db.raw(`
    select distinct rtrim(encode(t.tgargs, 'escape'), '\\000') as name from pg_trigger t join pg_proc p on p.oid = t.tgfoid where p.proname = 'sovrane_record'`)
  return found.rows.map(({ name }) => name)
}
