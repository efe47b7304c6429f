// The indexes that lists read by: what migrations call to make them, and the SQL that makes one which is missing.
import type { Knex } from 'knex'
import { folded, ordered } from './collation.ts'

/**
 * How lists compare a column: `text` as people order it, `long` for texts that no ordered index can hold, which are only looked for whole,
 * `address` whatever its case, `value` as the database has it: ids, numbers, times.
 */
export type ListColumn = 'text' | 'long' | 'address' | 'value'

/** SQL that makes the indexes of one column. */
export const listIndexes = (table: string, column: string, kind: ListColumn): string[] => {
  const create = (name: string, keys: string, method = ''): string => `create index "${table}_${name}" on "${table}" ${method}(${keys})`
  const quoted = `"${column}"`
  if (kind === 'long') return [create(`is_${column}`, `(${ordered(quoted)})`, 'using hash ')]
  return [
    create(`by_${column}`, `${kind === 'value' ? quoted : `(${ordered(quoted)})`}, id`),
    ...(kind === 'address' ? [create(`at_${column}`, `lower(${quoted})`)] : []),
  ]
}

/** SQL that makes the index by which a table is searched. `schema`: where the extension pg_trgm is. */
export const searchIndex = (table: string, columns: readonly string[], schema: string): string => {
  const keys = columns.map((column) => `${folded(`"${column}"`)} "${schema}".gin_trgm_ops`)
  return `create index "${table}_search" on "${table}" using gin (${keys.join(', ')})`
}

/** Makes the indexes by which a list is filtered, sorted and paged: of each column by its name. */
export const indexList = async (knex: Knex, table: string, columns: Readonly<Record<string, ListColumn>>): Promise<void> => {
  for (const [column, kind] of Object.entries(columns)) for (const sql of listIndexes(table, column, kind)) await knex.raw(sql)
}

/** Makes the indexes by which a list is read in the order of its text fields. */
export const indexOrder = (knex: Knex, table: string, columns: readonly string[]): Promise<void> =>
  indexList(knex, table, Object.fromEntries(columns.map((column) => [column, 'text'])))

/** Makes the index by which texts are searched, where the database has the extension pg_trgm; without it searches read the whole table. */
export const indexSearch = async (knex: Knex, table: string, columns: readonly string[]): Promise<void> => {
  const found: { rows: { schema: string }[] } =
    await knex.raw("select extnamespace::regnamespace::text as schema from pg_extension where extname = 'pg_trgm'")
  for (const { schema } of found.rows) await knex.raw(searchIndex(table, columns, schema.replaceAll('"', '')))
}
