// A page of rows: request, query, total, cursor. Lists and to-many relations are both made of it.
import { mixed, string, type Schema } from 'yup'
import type { Resource } from '../model/resource.ts'
import { allOf, type Sql } from '../define/sql.ts'
import { pageFields, pageOf, type PageRequest } from '../define/page.ts'
import type { EngineCall } from '../call/operation.ts'
import { countSql, type Counted } from '../call/cache.ts'
import { ask, type Prepared } from '../define/statement.ts'
import { kindsOf } from '../access/scopes.ts'
import { placed } from '../db/place.ts'
import { invalidPayload } from '../define/errors.ts'
import type { Payload } from '../define/call.ts'
import type { Row } from '../define/rights.ts'
import { validate } from '../define/validate.ts'
import { parseFilter } from './filter.ts'
import { filterPlaces, filterSql, searchSql } from './filter-sql.ts'
import { fieldsAsked, refuseHidden, type Reach } from './hidden.ts'
import { checkInclude, embed, includeField } from './include.ts'
import { projectRows } from './project.ts'
import { keysOf, listing, scanRows, type Extra } from './rows.ts'
import { toRow } from './select.ts'
import { afterSql, fitsKeys, parseSort, placeOf } from './sort.ts'

/** Source: docs/protocol.md §3.2. */
const listFields: [string, Schema][] = [
  ...Object.entries(pageFields()),
  ['search', string().max(200).optional()],
  ['sort', mixed().optional()],
  ['filter', mixed().optional()],
  includeField,
]

/** The fields of a request for a page, with those beside them. */
export const pagePayload = (more: readonly [string, Schema][] = []): ReadonlyMap<string, Schema> => new Map([...more, ...listFields])

/**
 * Checks everything about a request for a page that needs no database.
 * @throws AppError invalid_payload
 */
export const parsePage = (resource: Resource, payload: Payload, fields = pagePayload()): Payload => {
  const request = validate(fields, payload)
  checkInclude(resource, request['include'])
  parseFilter(resource, request['filter'])
  parseSort(resource, request['sort'])
  const refuse = (path: string, message: string): never => { throw invalidPayload([{ path, message }]) }
  if (request['after'] !== undefined && request['page'] !== undefined) refuse('after', 'cannot be given with page')
  if (request['search'] !== undefined && resource.list.search.size === 0) refuse('search', 'nothing here can be searched')
  return request
}

/** Where the rows of a page come from, when it is not the whole table: `table` or `table join …`. */
export interface PageSource extends Reach {
  /** Whose links or owned rows they are. */
  readonly owner?: Resource
  /** Further columns of each item, with the keys that make their order total. */
  readonly extra?: readonly Extra[]
  /** Tells the cursors of one list from those of another. */
  readonly context: string
}

// As `coalesce(…::text, '')` has it.
const text = (value: unknown): string => (['string', 'boolean', 'number'].includes(typeof value) ? String(value) : '')

/** Answers a request for a page. */
export const readPage = async (call: EngineCall, resource: Resource, source: PageSource): Promise<Payload> => {
  // `parsePage` has checked it.
  const request: Payload & PageRequest = call.input
  const extra = source.extra ?? []
  const order = parseSort(resource, request['sort'])
  const keys = keysOf(order, extra)
  const search = request['search']
  const place = placeOf(request, source.context)
  const filter = parseFilter(resource, request['filter'])
  await refuseHidden(call, resource, source, fieldsAsked(resource, request, { filter, order }))
  const all = allOf([
    ...source.where,
    filterSql(resource, filter),
    ...(typeof search === 'string' && search !== '' ? [searchSql(resource, search)] : []),
  ])
  const cursor = request['after']
  const after = typeof cursor === 'string' ? afterSql(keys, call.cursors.open(cursor, place, fitsKeys(keys))) : []
  // What the database cannot take of a filter is the client's; everything before and after it is ours.
  const places = [...source.where.flatMap((part) => part.bindings.map(() => '')), ...filterPlaces(resource, filter)]
  const read = async <R>(statement: Prepared, bindings: Sql['bindings']): Promise<R[]> => {
    try {
      return (await ask<R>(call.db, statement, bindings)).rows
    } catch (error) {
      throw placed(error, places)
    }
  }
  const count = async (): Promise<Counted> => {
    const [counted] = await read<Counted>(listing(countSql(resource, source.from, all), all), all.bindings)
    return counted ?? { total: 0, size: 0, pos: 0 }
  }
  // Which rows an actor may list hangs on what their scopes lie in too.
  const about = [resource, ...(source.owner ? [source.owner] : []), ...kindsOf(resource)]
  const counted = await (call.cache ? call.cache.found(about, [source.from, all.sql, all.bindings], count) : count())
  return pageOf(request, {
    total: counted.total,
    rows(range) {
      const asked = scanRows({ resource, from: source.from, extra, order, all, after, counted }, range)
      const scan = async (): Promise<readonly Row[]> => {
        for (const { statement, bindings } of asked) {
          const rows = await read<Record<string, unknown>>(statement, bindings)
          if (rows.length > 0) return rows.map(toRow)
        }
        return []
      }
      return call.cache ? call.cache.page(about, asked.map(({ statement, bindings }) => [statement.sql, bindings]), scan) : scan()
    },
    async items(rows) {
      const projected = await projectRows(call, resource, rows, source.whole === true ? 'whole' : 'list')
      const withExtra = extra.length === 0 ? projected
        : projected.map((row, index) => ({ ...row, ...Object.fromEntries(extra.map(({ name }) => [name, rows[index]?.[name] ?? null])) }))
      return embed(call, resource, { rows, projected: withExtra, include: request['include'] })
    },
    cursor(last) {
      const asText = new Set(extra.map(({ name }) => name))
      return call.cursors.seal(keys.map(({ name }) => (asText.has(name) ? text(last[name]) : last[name] ?? null)), place)
    },
  })
}
