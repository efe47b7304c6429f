// A page of the audit log: its filters as SQL, its cursor, and a total that does not count a hundred million rows.
import { createHash } from 'node:crypto'
import type { Knex } from 'knex'
import { invalidPayload } from '../../core/define/index.ts'
import { columns, toWire, type Level, type Written } from './entry.ts'

export interface Filter {
  readonly actorId?: string | undefined
  readonly action?: string | undefined
  readonly targetType?: string | undefined
  readonly targetId?: string | undefined
  readonly level?: Level | undefined
  readonly category?: string | undefined
  /** ISO 8601, inclusive; a bare date is its whole day in UTC. */
  readonly dateFrom?: string | undefined
  readonly dateTo?: string | undefined
}

export interface Sql {
  readonly sql: string
  readonly bindings: readonly string[]
}

const tests: Readonly<Record<keyof Filter, string>> = {
  actorId: 'actor_id = ?', action: 'action = ?', targetType: 'target_type = ?', targetId: 'target_id = ?', level: 'level = ?', category: 'category = ?',
  dateFrom: 'at >= ?::timestamptz', dateTo: 'at <= ?::timestamptz',
}

const names = Object.keys(tests) as (keyof Filter)[]

const isDay = (text: string): boolean => text.length === 10

/** The beginning of a day, or the time itself. */
export const startOf = (text: string): string => new Date(text).toISOString()
/** The end of a day, or the time itself. */
export const endOf = (text: string): string => new Date(Date.parse(text) + (isDay(text) ? 86_399_999 : 0)).toISOString()

const valueOf = (name: keyof Filter, value: string): string => (name === 'dateFrom' ? startOf(value) : name === 'dateTo' ? endOf(value) : value)

/** The filter as SQL. */
export const whereOf = (filter: Filter): Sql => {
  const used = names.flatMap((name) => (filter[name] === undefined ? [] : [{ name, value: valueOf(name, filter[name]) }]))
  return { sql: ['true', ...used.map(({ name }) => tests[name])].join(' and '), bindings: used.map(({ value }) => value) }
}

const fingerprint = (filter: Filter): string =>
  createHash('sha256').update(JSON.stringify(names.map((name) => filter[name] ?? null))).digest('base64url').slice(0, 16)

/** The opaque `next` after an entry. */
const cursorAfter = ({ timestamp, id }: Written, filter: Filter): string =>
  Buffer.from(JSON.stringify([fingerprint(filter), timestamp.toISOString(), id])).toString('base64url')

/** @throws AppError invalid_payload when it is no cursor of this list with this filter */
const readCursor = (after: string, filter: Filter): readonly [string, string] => {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(after, 'base64url').toString('utf8'))
    if (Array.isArray(parsed)) {
      const [print, at, id] = parsed as unknown[]
      if (print === fingerprint(filter) && typeof at === 'string' && !Number.isNaN(Date.parse(at)) && typeof id === 'string') return [at, id]
    }
  } catch {
    // Whatever it was, it is no cursor.
  }
  throw invalidPayload([{ path: 'after', message: 'is no cursor of this list with this filter' }])
}

/** Up to here the total is counted; beyond it is what the planner estimates, and at least one more. */
const mostCounted = 100_000

const totalOf = async (db: Knex, where: Sql): Promise<number> => {
  const bindings = [...where.bindings]
  const counted: { rows: { count: number }[] } = await db.raw(
    `select count(*) as count from (select 1 from audit_entries where ${where.sql} limit ${mostCounted + 1}) counted`, bindings)
  const count = counted.rows[0]?.count ?? 0
  if (count <= mostCounted) return count
  const planned: { rows: { 'QUERY PLAN': { Plan: { 'Plan Rows': number } }[] }[] } = await db.raw(
    `explain (format json) select 1 from audit_entries where ${where.sql}`, bindings)
  return Math.max(count, planned.rows[0]?.['QUERY PLAN'][0]?.Plan['Plan Rows'] ?? 0)
}

export interface PageRequest {
  readonly page?: number | undefined
  readonly limit?: number | undefined
  readonly after?: string | undefined
}

/**
 * Newest first.
 * @throws AppError invalid_payload when `after` is no cursor of this list
 */
export const readPage = async (db: Knex, filter: Filter, { page = 1, limit = 20, after }: PageRequest) => {
  const where = whereOf(filter)
  const start = after === undefined ? undefined : readCursor(after, filter)
  const total = await totalOf(db, where)
  const offset = start ? 0 : (page - 1) * limit
  const rest = start ? { sql: `${where.sql} and (at, id) < (?::timestamptz, ?)`, bindings: [...where.bindings, ...start] } : where
  const found: { rows: Written[] } = offset >= total && !start ? { rows: [] } : await db.raw(
    `select ${columns} from audit_entries where ${rest.sql} order by at desc, id desc limit ${limit + 1} offset ${offset}`, [...rest.bindings])
  const rows = found.rows.slice(0, limit)
  const last = rows.at(-1)
  return { items: rows.map(toWire), page, limit, total, ...(last && found.rows.length > limit ? { next: cursorAfter(last, filter) } : {}) }
}
