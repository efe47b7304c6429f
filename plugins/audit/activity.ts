// audit-activity-request: how much was recorded on each of the last days, narrowed as the log is.
import type { Knex } from 'knex'
import { array, number, object, string } from 'yup'
import { operation, type Sql } from '#sovrane'
import { viewKey, wantedFields, whereOf } from './log.ts'

/** Days that are told at most, and the entries of one day that are counted at most: it is read by people, while the log is written. */
const most = { days: 31, counted: 100_000 }
const usual = 14

interface Day {
  /** `2026-11-27`, in UTC. */
  readonly day: string
  readonly count: number
}

const countByDay = async (db: Knex, where: Sql, days: number): Promise<Day[]> => {
  const found: { rows: { day: string; count: number | string }[] } = await db.raw(
    `select to_char(day, 'YYYY-MM-DD') as day, (
        select count(*) from (
          select 1 from audit_entries
          where at >= day at time zone 'UTC' and at < (day + interval '1 day') at time zone 'UTC' and ${where.sql}
          limit ${most.counted}) counted) as count
      from generate_series(date_trunc('day', now() at time zone 'UTC') - make_interval(days => ?), now() at time zone 'UTC',
        interval '1 day') as days (day)
      order by 1`,
    [...where.bindings, days - 1])
  return found.rows.map(({ day, count }) => ({ day, count: Number(count) }))
}

export const activityRequest = operation({
  event: 'audit-activity-request',
  about: 'Counts the entries of the audit log on each of the last days',
  kind: 'query',
  access: { key: viewKey },
  input: object({ days: number().integer().min(1).max(most.days).optional(), ...wantedFields() }),
  output: object({ items: array().of(object({ day: string().required(), count: number().integer().required() })).required() }),
  async handle({ db, input: { days = usual, ...filter } }) {
    return { items: await countByDay(db, whereOf(filter), days) }
  },
})
