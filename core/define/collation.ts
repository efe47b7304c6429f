// How the database orders and folds text for people. The collation is made by a migration of core.

/**
 * SQL: a text in the order that people recognise; ties are broken by an id. What a definition calls a text may be a date or an enum in its
 * table.
 */
export const ordered = (expression: string): string => `(${expression})::text collate sovrane_text`

/** SQL: a text without case. Upper case folds more than lower: ß is ss, and all three sigmas are one. */
export const folded = (expression: string): string => `upper((${expression})::text collate sovrane_text)`

/**
 * SQL: the place of a text that is equal to one kept in that order, so that its index serves. Equal is equal in every collation; PostgreSQL
 * drops this one where the text is compared with a day or an enum.
 */
export const matching = (slot: string): string => `${slot} collate sovrane_text`
