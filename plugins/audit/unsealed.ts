// Entries that wait for their seal too long: until they have it, one that is removed leaves no gap.
import type { Knex } from 'knex'

/** Seconds after which an entry without a seal is told of; sealing takes 5 s at most. */
export const longestWait = 30

export interface Behind {
  readonly count: number
  /** How long the oldest has waited. */
  readonly seconds: number
}

const where = `seal_pos is null and at < now() - interval '${longestWait} seconds'`
/** Entries that are counted. */
const most = 10_000

/** Undefined while sealing keeps up. */
export const behind = async (db: Knex): Promise<Behind | undefined> => {
  const found: { rows: Behind[] } = await db.raw(
    `select count(*)::int as count, floor(extract(epoch from now() - min(at)))::int as seconds from (select at from audit_entries where ${where} order by at limit ${most}) late`)
  const [row] = found.rows
  return row && row.count > 0 ? row : undefined
}

/** Their ids, the oldest first, within a period of ISO 8601 times. */
export const lateEntries = async (db: Knex, { from, to }: { readonly from?: string | undefined; readonly to?: string | undefined }, limit: number): Promise<string[]> => {
  const query = db('audit_entries').whereRaw(where).orderBy([{ column: 'at' }, { column: 'id' }]).limit(limit)
  if (from !== undefined) void query.whereRaw('at >= ?::timestamptz', [from])
  if (to !== undefined) void query.whereRaw('at <= ?::timestamptz', [to])
  const rows: { id: string }[] = await query.select('id')
  return rows.map(({ id }) => id)
}
