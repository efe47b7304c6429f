// No one may ask a list about fields that they may not read: filters, searches and orders would give the values away bit by bit.
import { fieldOf, type Field, type Resource } from '../model/resource.ts'
import type { Sql } from '../define/sql.ts'
import type { EngineCall } from '../call/operation.ts'
import { forbidden } from '../define/errors.ts'
import type { Payload } from '../define/call.ts'
import type { Further } from '../define/explanation.ts'
import { fieldsOfFilter, type Condition } from './filter.ts'
import { isDefaultSort, type SortKey } from './sort.ts'

/** The rows of a list. `whole`: they are read without a right of one's own to them. */
export interface Reach {
  readonly from: string
  readonly where: readonly Sql[]
  readonly whole?: boolean
}

/** The fields that a request for a page asks about; the default order is no one's question. */
export const fieldsAsked = (
  resource: Resource, { sort, search = '' }: Payload, { filter, order }: { readonly filter: Condition; readonly order: readonly SortKey[] },
): Field[] => {
  const sorted = isDefaultSort(sort) ? [] : order.map(({ name }) => name)
  const searched = search === '' ? [] : resource.list.search
  return [...fieldsOfFilter(filter), ...[...sorted, ...searched].map((name) => fieldOf(resource, name))]
}

/**
 * Lets pass what asks only about fields that the actor may read of every row in reach. Without rules over fields it costs nothing.
 * @throws AppError forbidden with the field
 */
export const refuseHidden = async (call: EngineCall, resource: Resource, reach: Reach, asked: readonly Field[]): Promise<void> => {
  const hidden = [...new Set(asked)].flatMap((field) => {
    const rows = field.name === 'id' ? undefined : call.rights.hidden('list', resource, field, reach.whole)
    return rows ? [{ field, rows }] : []
  })
  if (hidden.length === 0) return
  const where = reach.where.map((part) => part.sql)
  const tests = hidden.map(({ rows }, index) =>
    `exists (select 1 from ${reach.from} where ${[...where, rows.sql].join(' and ')}) as "${index}"`)
  const bindings = hidden.flatMap(({ rows }) => [...reach.where.flatMap((part) => part.bindings), ...rows.bindings])
  const found: { rows: Record<string, boolean>[] } = await call.db.raw(`select ${tests.join(', ')}`, bindings)
  const first = hidden.find((_each, index) => found.rows[0]?.[index] !== false)
  if (first) throw forbidden(first.field.readKey ?? first.field.name)
}

/** The fields that a request for a page may not be allowed to ask about. */
export const furtherHidden = ({ rights }: Pick<EngineCall, 'rights'>, resource: Resource): Further[] => {
  const { search, filter, sort } = resource.list
  const hidden = [...new Set([...search, ...filter, ...sort])].map((name) => fieldOf(resource, name))
    .filter((field) => field.name !== 'id' && rights.hidden('list', resource, field) !== undefined)
  return hidden.length === 0 ? [] : [{
    when: 'fields', keys: [...new Set(hidden.flatMap(({ readKey }) => readKey ?? []))], fields: hidden.map(({ name }) => name),
  }]
}
