// Entries that wait for their seal: the queue by which the sealer finds them, and all that have none, whether they are queued or not.
import type { Knex } from 'knex'
import type { Sql } from '#sovrane'
import { columns, type Written } from './entry.ts'

/** Seconds after which an entry without a seal is told of; sealing takes 5 s at most. */
export const lateAfter = 30
/** Until they have their seal, an entry that is removed leaves no gap. */
const isLate = `at < now() - interval '${lateAfter} seconds'`

const maxLateCounted = 10_000

export interface Behind {
  readonly count: number
  /** How long the oldest has waited. */
  readonly seconds: number
}

/** Undefined while sealing keeps up. */
export const readBehind = async (db: Knex): Promise<Behind | undefined> => {
  const found: { rows: Behind[] } = await db.raw(
    `select count(*)::int as count, floor(extract(epoch from now() - min(at)))::int as seconds
     from (select at from audit_unsealed where ${isLate} order by at limit ${maxLateCounted}) late`)
  const [row] = found.rows
  return row && row.count > 0 ? row : undefined
}

/**
 * Takes up to `most` entries out of the queue, for good once the transaction commits; oldest first. For the holder of the sealer's
 * lock: by the places of the rows, which no one else removes. What was put in twice, or is gone from the log, leaves the queue only.
 */
export const takeWaiting = async (db: Knex, most: number): Promise<Written[]> => {
  const taken: { rows: Written[] } = await db.raw(
    `with taken as (
       delete from audit_unsealed where ctid = any(array(select ctid from audit_unsealed order by at, id limit ${most})) returning at, id)
     select ${columns} from taken join audit_entries using (at, id)
     where not exists (select 1 from audit_seals s where s.at = taken.at and s.id = taken.id)
     order by at, id`)
  return taken.rows
}

export interface Waiting extends Written {
  readonly late: boolean
}

/** Entries whose seals are looked up by one statement. */
const pageSize = 10_000

/**
 * Entries without a seal, oldest first, `most` or a few more. The log itself is read, not the queue: it can be robbed.
 * Many short statements, each by the primary keys.
 */
export const findUnsealed = async (db: Knex, where: Sql, most: number): Promise<Waiting[]> => {
  const waiting: Waiting[] = []
  let place: readonly [string, string] = ['-infinity', '']
  while (waiting.length < most) {
    // The last one of a page comes along, as the place to go on from.
    const page: { rows: (Waiting & { readonly open: boolean })[] } = await db.raw(
      `with page as (
         select at, id from audit_entries where ${where.sql} and (at, id) > (?::timestamptz, ?) order by at, id limit ${pageSize})
       select ${columns}, ${isLate} as late, s.pos is null as open
       from page left join lateral (select pos from audit_seals where at = page.at and id = page.id limit 1) s on true
         join audit_entries using (at, id)
       where s.pos is null or (at, id) = (select p.at, p.id from page p order by p.at desc, p.id desc limit 1)
       order by at, id`, [...where.bindings, ...place])
    const last = page.rows.at(-1)
    if (!last) return waiting
    for (const { open, ...entry } of page.rows) if (open) waiting.push(entry)
    place = [last.timestamp.toISOString(), last.id]
  }
  return waiting
}
