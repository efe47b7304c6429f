// Reading the audit log: pages for clients (audit-log-request), and lines of JSON for an export.
import type { Knex } from 'knex'
import { mixed, object, string } from 'yup'
import {
  allOf, dateTime, dayOrTime, invalidPayload, operation, pageFields, pageOf, pageWith, type Call, type Fault, type Page, type PageRequest,
  type Sql,
} from '#sovrane'
import { columns, levels, type Fields, type Level, type Written } from './entry.ts'

export const viewKey = 'view_audit_logs'

/** What a client and an export see of an entry. Source: docs/protocol.md §7. */
const toWire = ({ id, timestamp, mac: _mac, ...entry }: Written) => ({ id, timestamp: timestamp.toISOString(), ...entry })

interface Filter {
  readonly actorId?: string | undefined
  readonly action?: string | undefined
  readonly targetType?: string | undefined
  readonly targetId?: string | undefined
  readonly level?: Level | undefined
  readonly category?: string | undefined
  /** ISO 8601, inclusive; a bare date is its whole day in UTC. */
  readonly from?: string | undefined
  readonly to?: string | undefined
}

export type Period = Pick<Filter, 'from' | 'to'>

const conditions: Readonly<Record<keyof Filter, string>> = {
  actorId: 'actor_id = ?', action: 'action = ?', targetType: 'target_type = ?', targetId: 'target_id = ?',
  level: 'level = ?', category: 'category = ?', from: 'at >= ?::timestamptz', to: 'at <= ?::timestamptz',
}

const names = Object.keys(conditions) as (keyof Filter)[]

/** The beginning of a day, or the time itself. */
const startOf = (text: string): string => new Date(text).toISOString()
/** The end of a day, or the time itself. */
const endOf = (text: string): string => new Date(Date.parse(text) + (text.length === 10 ? 86_399_999 : 0)).toISOString()

const valueOf = (name: keyof Filter, value: string): string => (name === 'from' ? startOf(value) : name === 'to' ? endOf(value) : value)

/** The filter as SQL. */
export const whereOf = (filter: Filter): Sql =>
  allOf(names.flatMap((name) => (filter[name] === undefined ? [] : [{ sql: conditions[name], bindings: [valueOf(name, filter[name])] }])))

/** What is wrong with a period whose ends a payload has under these names. */
export const periodFaults = ({ from, to }: Period, fromName: string, toName: string): Fault[] =>
  from !== undefined && to !== undefined && Date.parse(startOf(from)) > Date.parse(endOf(to))
    ? [{ path: toName, message: `must not be before ${fromName}` }]
    : []

/** Up to here the total is counted; beyond it is what the planner estimates, and at least one more. */
const maxCounted = 100_000

const totalOf = async (db: Knex, where: Sql): Promise<number> => {
  const counted: { rows: { count: number }[] } = await db.raw(
    `select count(*) as count from (select 1 from audit_entries where ${where.sql} limit ${maxCounted + 1}) counted`, [...where.bindings])
  const count = counted.rows[0]?.count ?? 0
  if (count <= maxCounted) return count
  const planned: { rows: { 'QUERY PLAN': { Plan: { 'Plan Rows': number } }[] }[] } = await db.raw(
    `explain (format json) select 1 from audit_entries where ${where.sql}`, [...where.bindings])
  return Math.max(count, planned.rows[0]?.['QUERY PLAN'][0]?.Plan['Plan Rows'] ?? 0)
}

const isPlace = (values: readonly unknown[]): values is readonly [string, string] =>
  values.length === 2 && values.every((value) => typeof value === 'string')

/**
 * Newest first.
 * @throws AppError invalid_payload when `after` is not a cursor of this list with this filter
 */
const readPage = async (
  { db, cursors }: Pick<Call, 'db' | 'cursors'>, filter: Filter, request: PageRequest,
): Promise<Page<ReturnType<typeof toWire>>> => {
  const place = ['audit', ...names.map((name) => filter[name] ?? null)]
  const where = whereOf(filter)
  const rest = request.after === undefined ? where
    : allOf([where, { sql: '(at, id) < (?::timestamptz, ?)', bindings: cursors.open(request.after, place, isPlace) }])
  return pageOf<Written, ReturnType<typeof toWire>>(request, {
    total: await totalOf(db, where),
    async rows({ limit, offset }) {
      // What is passed over costs its place in an index, not its details.
      const found: { rows: Written[] } = await db.raw(
        `select ${columns} from audit_entries
           join (select at as page_at, id as page_id from audit_entries where ${rest.sql}
             order by at desc, id desc limit ${limit} offset ${offset}) page on at = page_at and id = page_id
           order by at desc, id desc`, [...rest.bindings])
      return found.rows
    },
    items: (rows) => rows.map(toWire),
    cursor: ({ timestamp, id }) => cursors.seal([timestamp.toISOString(), id], place),
  })
}

const word = () => string().required()
const wordOrNull = () => string().nullable().defined()
const entryReply = object({
  id: word(), timestamp: dateTime().required(), actorId: wordOrNull(),
  actorType: word(), action: word(), level: word(), category: word(), targetType: wordOrNull(), targetId: wordOrNull(),
  details: mixed<Fields>().required(), ipAddress: wordOrNull(), userAgent: wordOrNull(), requestId: wordOrNull(),
})

const wanted = () => string().min(1).max(128).optional()

/** By what the entries can be narrowed, beside their time. */
export const wantedFields = () => ({
  actorId: wanted(), action: wanted(), targetType: wanted(), targetId: wanted(), category: wanted(),
  level: string().oneOf(levels).optional(),
})

export const logRequest = operation({
  event: 'audit-log-request',
  about: 'Lists the entries of the audit log, newest first',
  kind: 'query',
  access: { key: viewKey },
  input: object({
    ...pageFields(),
    ...wantedFields(),
    dateFrom: dayOrTime().optional(),
    dateTo: dayOrTime().optional(),
  }),
  output: pageWith(entryReply),
  async handle(call) {
    const { page, limit, after, dateFrom: from, dateTo: to, ...fields } = call.input
    const filter: Filter = { ...fields, from, to }
    const faults = periodFaults(filter, 'dateFrom', 'dateTo')
    if (page !== undefined && after !== undefined) faults.push({ path: 'after', message: 'cannot be given with page' })
    if (faults.length > 0) throw invalidPayload(faults)
    return readPage(call, filter, { page, limit, after })
  },
})

/** What ends a line for some reader, or steers a terminal, and JSON lets pass. */
const unsafe = /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g

/** One entry as one line, without its end. */
export const exportLine = (entry: object): string =>
  JSON.stringify(entry).replaceAll(unsafe, (character) => String.raw`\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)

const exportBatch = 1000

/** Gives the lines of a period one by one, oldest first, with place and seal so that a copy can be verified; memory holds one batch. */
export async function* exportLines(db: Knex, period: Period): AsyncGenerator<string> {
  const where = whereOf(period)
  // `at` has no finer parts than the milliseconds of a Date.
  let place = ['0001-01-01T00:00:00.000Z', '']
  for (;;) {
    const found: { rows: Written[] } = await db.raw(
      `select ${columns}, pos as position, seal from audit_entries left join audit_seals using (at, id)
       where ${where.sql} and (at, id) > (?::timestamptz, ?) order by at, id limit ${exportBatch}`,
      [...where.bindings, ...place])
    for (const entry of found.rows) yield exportLine({ ...toWire(entry), mac: entry.mac })
    const last = found.rows.at(-1)
    if (!last || found.rows.length < exportBatch) return
    place = [last.timestamp.toISOString(), last.id]
  }
}
