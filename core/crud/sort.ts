// The order of a list and the cursor that goes on from a row: total, whatever the fields, also over nulls.
import { fieldOf, type Field, type Resource } from '../model/resource.ts'
import { allOf, differs, equals, type Sql } from '../define/sql.ts'
import { invalidPayload, type Fault } from '../define/errors.ts'
import type { Payload } from '../define/call.ts'
import { orderOf } from './select.ts'

export interface SortKey {
  readonly name: string
  readonly sql: string
  readonly descending: boolean
  readonly nullable: boolean
}

const keyOf = (resource: Resource, field: Field, descending: boolean): SortKey =>
  ({ name: field.name, sql: orderOf(resource, field), descending, nullable: field.nullable })

/** Whether a request leaves the order to the list. */
export const isDefaultSort = (sort: unknown): boolean => sort === undefined || (Array.isArray(sort) && sort.length === 0)

/**
 * The keys of an order; `id` always comes last, so that no two rows are equal.
 * @throws AppError invalid_payload
 */
export const parseSort = (resource: Resource, sort: unknown): SortKey[] => {
  const names: unknown[] = isDefaultSort(sort) ? ['createdAt'] : Array.isArray(sort) ? sort : [sort]
  const faults: Fault[] = []
  if (names.length > 8) faults.push({ path: 'sort', message: 'must have at most 8 fields' })
  const keys: SortKey[] = []
  for (const given of names) {
    const text = typeof given === 'string' ? given : undefined
    const name = text?.replace(/^-/, '') ?? ''
    if (resource.list.sort.has(name) || name === 'id') keys.push(keyOf(resource, fieldOf(resource, name), text?.startsWith('-') === true))
    else faults.push({
      path: 'sort', message: text === undefined ? 'must be a field or an array of fields' : `"${text.slice(0, 64)}" cannot be sorted by`,
    })
  }
  if (faults.length > 0) throw invalidPayload(faults)
  if (!keys.some((key) => key.name === 'id')) keys.push(keyOf(resource, fieldOf(resource, 'id'), keys.at(-1)?.descending ?? false))
  return keys
}

/** ORDER BY of the keys. PostgreSQL puts nulls last when ascending and first when descending; the cursor relies on it. */
export const orderSql = (keys: readonly Pick<SortKey, 'sql' | 'descending'>[]): string =>
  keys.map((key) => `${key.sql} ${key.descending ? 'desc' : 'asc'}`).join(', ')

type Value = string | number | boolean | null

/** What makes a cursor the cursor of this list: which it is, its order, its filter, its search. */
export const placeOf = ({ sort = null, filter = null, search = null }: Payload, context: string): unknown[] =>
  [context, sort, filter, search]

const isValue = (value: unknown): value is Value => value === null || ['string', 'number', 'boolean'].includes(typeof value)

/** Whether the values of a cursor can be those of an order's keys. */
export const fitsKeys = (keys: readonly SortKey[]) => (values: readonly unknown[]): values is Value[] =>
  values.length === keys.length && values.every(isValue)

/**
 * Whether one comparison of rows tells what comes after: what an index answers at once. Nulls come last, and first in a descending
 * order.
 */
const isComparable = (keys: readonly SortKey[], values: readonly Value[]): boolean => keys.every((key, index) =>
  key.descending === keys[0]?.descending && values[index] !== null && (key.descending || index === 0 || !key.nullable))

/** SQL: the rows that come after those values in that order, in parts that share no row; each is one range of an index. */
export const afterSql = (keys: readonly SortKey[], values: readonly Value[]): Sql[] => {
  const [key, ...rest] = keys
  const [value = null, ...others] = values
  if (!key) return []
  const sign = key.descending ? '<' : '>'
  const nulls = key.nullable && !key.descending && value !== null ? [equals(key.sql, null)] : []
  if (isComparable(keys, values))
    return [{ sql: `(${keys.map(({ sql }) => sql).join(', ')}) ${sign} (${keys.map(() => '?').join(', ')})`, bindings: values }, ...nulls]
  const beyond = value === null ? (key.descending ? [differs(key.sql, null)] : []) : [{ sql: `${key.sql} ${sign} ?`, bindings: [value] }]
  return [...afterSql(rest, others).map((part) => allOf([equals(key.sql, value), part])), ...beyond, ...nulls]
}
