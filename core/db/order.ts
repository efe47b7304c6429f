// How the database orders and folds text for people. The collation is made by a migration of core.
import type { Knex } from 'knex'

/** A text in the order that people recognise; ties are broken by an id. What a definition calls a text may be a date or an enum in its table. */
export const ordered = (expression: string): string => `(${expression})::text collate sovrane_text`

/** A text without case. Upper case folds more than lower: ß is ss, and all three sigmas are one. */
export const folded = (expression: string): string => `upper((${expression})::text collate sovrane_text)`

/** Why lists of this database are not ordered and searched as people expect; undefined when they are. */
export const orderFault = async (knex: Knex): Promise<string | undefined> => {
  const result: { rows: { provider: string }[] } = await knex.raw("select collprovider as provider from pg_collation where oid = to_regcollation('sovrane_text')")
  return result.rows.some(({ provider }) => provider === 'i') ? undefined
    : 'the database has no ICU for its encoding: lists are sorted by its own locale, and searches find accented letters only as its locale folds them'
}
