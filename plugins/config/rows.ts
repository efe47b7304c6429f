// The rows of the table `config`: read, written and removed here only.
import type { Knex } from 'knex'

export interface Stored {
  readonly value: unknown
  readonly version: number
}

/** What is set for a key; undefined when nothing is. */
export const readRow = async (db: Knex, key: string): Promise<Stored | undefined> =>
  db('config').where({ id: key }).first('value', 'version') as Promise<Stored | undefined>

/** The values of those keys that are set. */
export const readValues = async (db: Knex, keys: readonly string[]): Promise<Map<string, unknown>> => {
  const rows: { id: string; value: unknown }[] = await db('config').whereIn('id', keys).select('id', 'value')
  return new Map(rows.map(({ id, value }) => [id, value]))
}

/** Sets a value. The table's trigger drops an update that changes nothing, so nobody hears of it. */
export const writeRow = async (db: Knex, key: string, value: unknown): Promise<void> => {
  await db('config').insert({ id: key, value: JSON.stringify(value) }).onConflict('id').merge(['value'])
}

export const deleteRow = async (db: Knex, key: string): Promise<void> => {
  await db('config').where({ id: key }).delete()
}

/** Lets the transactions that change settings run one after another: settings of a pair cannot change past each other. */
export const lockConfig = async (db: Knex): Promise<void> => {
  await db.raw("select pg_advisory_xact_lock(hashtext('sovrane:config'))")
}
