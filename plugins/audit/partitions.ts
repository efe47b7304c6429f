// The months of the audit log: one partition each, in UTC, named audit_entries_YYYYMM.
import type { Knex } from 'knex'

export interface Partition {
  readonly name: string
  /** ISO 8601. */
  readonly start: string
  /** The first moment that is no longer in it. */
  readonly end: string
}

/** Months that are made before they begin. */
const ahead = 2

/** Makes this month's partition and the next ones'. Cheap when they are there. */
export const ensurePartitions = async (db: Knex): Promise<void> => {
  await db.raw("select audit_partition(now() + n * interval '1 month') from generate_series(0, ?) n", [ahead])
}

const partitionOf = (name: string): Partition => {
  const [year, month] = [Number(name.slice(-6, -2)), Number(name.slice(-2))]
  return { name, start: new Date(Date.UTC(year, month - 1)).toISOString(), end: new Date(Date.UTC(year, month)).toISOString() }
}

/** The partitions that ended more than so many days ago by the database's clock, oldest first. */
export const endedBefore = async (db: Knex, days: number): Promise<Partition[]> => {
  const found: { rows: { name: string }[] } = await db.raw(
    "select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'audit_entries'::regclass order by 1")
  const clock: { rows: { limit: Date }[] } = await db.raw('select now() - make_interval(days => ?) as limit', [days])
  const limit = clock.rows[0]?.limit ?? new Date(0)
  return found.rows.filter(({ name }) => /_\d{6}$/.test(name)).map(({ name }) => partitionOf(name)).filter(({ end }) => new Date(end) <= limit)
}
