// The external ids: what a row is called in the files that it comes from, in a table of the plugin's own.
import { ask, prepared } from '#sovrane'
import type { Knex } from 'knex'

/** Names that begin so stand for the content of a line without a name; they are not exported. */
export const contentPrefix = 'content:'

const finding = prepared('select external_id, row_id from transfer_ids where resource = ? and external_id = any(?::text[])')
const naming = prepared(`select row_id, min(external_id) as external_id from transfer_ids
  where resource = ? and row_id = any(?::text[]) and not starts_with(external_id, '${contentPrefix}') group by row_id`)
const keeping = prepared(`insert into transfer_ids (resource, external_id, row_id)
  select ?, name, row_id from unnest(?::text[], ?::text[]) as given(name, row_id)
  on conflict (resource, external_id) do update set row_id = excluded.row_id`)
const anyNamed = prepared(`select 1 from transfer_ids where resource = ? and not starts_with(external_id, '${contentPrefix}') limit 1`)

/** The ids of rows by their external ids. A row may have been deleted since. */
export const rowsNamed = async (db: Knex, resource: string, names: readonly string[]): Promise<Map<string, string>> => {
  const { rows } = await ask<{ external_id: string; row_id: string }>(db, finding, [resource, [...names]])
  return new Map(rows.map(({ external_id: name, row_id: id }) => [name, id]))
}

/** Which of these rows have not been deleted, also those that the importer may not read. */
export const stillThere = async (db: Knex, table: string, ids: readonly string[]): Promise<Set<string>> =>
  new Set(await db(table).whereIn('id', [...ids]).pluck<string[]>('id'))

/** External ids by the ids of rows. */
export const namesOf = async (db: Knex, resource: string, ids: readonly string[]): Promise<Map<string, string>> => {
  const { rows } = await ask<{ external_id: string; row_id: string }>(db, naming, [resource, [...ids]])
  return new Map(rows.map(({ external_id: name, row_id: id }) => [id, name]))
}

/** Whether any row of a resource has one. */
export const hasNames = async (db: Knex, resource: string): Promise<boolean> => (await ask(db, anyNamed, [resource])).rows.length > 0

/** Keeps external ids: pairs of a name and the id of a row. */
export const keepNames = async (db: Knex, resource: string, pairs: readonly (readonly [string, string])[]): Promise<void> => {
  if (pairs.length === 0) return
  await ask(db, keeping, [resource, pairs.map(([name]) => name), pairs.map(([, id]) => id)])
}
