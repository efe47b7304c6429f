// A page of rows: request, query, total, cursor. Lists and to-many relations are both made of it.
import { mixed, number, string, type Schema } from 'yup'
import type { Resource, Resources } from '../model/resource.ts'
import type { Sql } from '../access/scopes.ts'
import type { EngineCall } from '../call/operation.ts'
import { placed } from '../db/place.ts'
import { invalidPayload } from '../define/errors.ts'
import type { Payload } from '../define/call.ts'
import { validate } from '../define/validate.ts'
import { parseFilter } from './filter.ts'
import { filterPlaces, filterSql, searchSql } from './filter-sql.ts'
import { fieldsAsked, refuseHidden, type Reach } from './hidden.ts'
import { checkInclude, embed, includeField } from './include.ts'
import { projectRow } from './project.ts'
import { selectList, toRow } from './select.ts'
import { afterSql, makeCursor, orderSql, parseSort, placeOf, readCursor, type SortKey } from './sort.ts'

/** Source: docs/protocol.md §3.2. */
export const pageFields: [string, Schema][] = [
  ['page', number().integer().min(1).max(Number.MAX_SAFE_INTEGER).optional()],
  ['limit', number().integer().min(1).max(100).optional()],
  ['search', string().max(200).optional()],
  ['sort', mixed().optional()],
  ['filter', mixed().optional()],
  ['after', string().max(40_000).optional()],
  includeField,
]

/**
 * Checks everything about a request for a page that needs no database.
 * @throws AppError invalid_payload
 */
export const parsePage = (resource: Resource, payload: Payload, more: readonly [string, Schema][] = []): Payload => {
  const request = validate(new Map([...pageFields, ...more]), payload)
  checkInclude(resource, request['include'])
  parseFilter(resource, request['filter'])
  parseSort(resource, request['sort'])
  if (request['after'] !== undefined && request['page'] !== undefined) throw invalidPayload([{ path: 'after', message: 'cannot be given with page' }])
  if (request['search'] !== undefined && resource.list.search.size === 0) throw invalidPayload([{ path: 'search', message: 'nothing here can be searched' }])
  return request
}

/** Where the rows of a page come from, when it is not the whole table: `table` or `table join …`. */
export interface PageSource extends Reach {
  /** Further columns of each item, with the keys that make their order total. */
  readonly extra?: readonly { readonly name: string; readonly sql: string }[]
  /** Tells the cursors of one list from those of another. */
  readonly context: string
}

const both = (parts: readonly Sql[]): Sql =>
  parts.length === 0 ? { sql: 'true', bindings: [] } : { sql: parts.map((part) => part.sql).join(' and '), bindings: parts.flatMap((part) => part.bindings) }

// As `coalesce(…::text, '')` has it.
const text = (value: unknown): string => (['string', 'boolean', 'number'].includes(typeof value) ? String(value) : '')

/** Answers a request for a page. */
export const readPage = async (call: EngineCall, resources: Resources, resource: Resource, source: PageSource): Promise<Payload> => {
  const request = call.input
  const limit = Number(request['limit'] ?? 20)
  const page = Number(request['page'] ?? 1)
  const extra = source.extra ?? []
  const order = parseSort(resource, request['sort'])
  const keys: SortKey[] = [
    ...order,
    ...extra.map((column) => ({ name: column.name, sql: `coalesce(${column.sql}::text, '')`, descending: false, nullable: false })),
  ]
  const search = request['search']
  const place = placeOf(request, source.context)
  const filter = parseFilter(resource, request['filter'])
  await refuseHidden(call, resource, source, fieldsAsked(resource, request, { filter, order }))
  const all = both([
    ...source.where,
    filterSql(resource, filter),
    ...(typeof search === 'string' && search !== '' ? [searchSql(resource, search)] : []),
  ])
  const after = request['after']
  const rest = typeof after === 'string' ? both([all, afterSql(keys, readCursor(call.cursors, keys, after, place))]) : all
  const offset = after === undefined ? (page - 1) * limit : 0
  // What the database cannot take of a filter is the client's; everything before and after it is ours.
  const places = [...source.where.flatMap((part) => part.bindings.map(() => '')), ...filterPlaces(resource, filter)]
  const read = async <R>(sql: string, bindings: Sql['bindings']): Promise<{ rows: R[] }> => {
    try {
      return await call.db.raw(sql, bindings)
    } catch (error) {
      throw placed(error, places)
    }
  }
  const counted = await read<{ total: number | string }>(`select count(*) as total from ${source.from} where ${all.sql}`, all.bindings)
  const total = Number(counted.rows[0]?.total ?? 0)
  const columns = [selectList(resource), ...extra.map((column) => `${column.sql} as "${column.name}"`)].join(', ')
  const found = offset >= total && after === undefined
    ? { rows: [] }
    : await read<Record<string, unknown>>(`select ${columns} from ${source.from} where ${rest.sql} order by ${orderSql(keys)} limit ${limit + 1} offset ${offset}`, rest.bindings)
  const rows = found.rows.slice(0, limit).map(toRow)
  const projected = await Promise.all(rows.map((row) => projectRow(call, resource, row, source.whole === true ? 'whole' : 'list')))
  const withExtra = projected.map((row, index) => ({ ...row, ...Object.fromEntries(extra.map(({ name }) => [name, rows[index]?.[name] ?? null])) }))
  const items = await embed(call, resources, resource, { rows, projected: withExtra, include: request['include'] })
  const last = rows.at(-1)
  const cursorRow = last && { ...last, ...Object.fromEntries(extra.map(({ name }) => [name, text(last[name])])) }
  const next = cursorRow && found.rows.length > limit ? { next: makeCursor(call.cursors, keys, cursorRow, place) } : {}
  return { items, page, limit, total, ...next }
}

