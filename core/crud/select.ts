// Reading rows of a resource: one statement, whatever its fields are kept in.
import type { Knex } from 'knex'
import type { Field, LinkRelation, Resource } from '../model/resource.ts'
import type { EngineCall } from '../call/operation.ts'
import { textKindOf } from '../define/normalise.ts'
import { ordered } from '../define/collation.ts'
import type { Row } from '../define/rights.ts'

const columnOf = (resource: Resource, field: Field): string => {
  if (field.stored) {
    const { table, key, column } = field.stored
    const value = `(select x.${column} from ${table} x where x.${key} = ${resource.table}.id)`
    const initial: unknown = field.schema.getDefault()
    return typeof initial === 'boolean' ? `coalesce(${value}, ${initial})` : value
  }
  return `${resource.table}.${field.column}`
}

/** A link as a client writes it: the target's id, or an object where a column of the link differs from its default. */
const linkItem = (relation: LinkRelation): string => {
  if (relation.columns.length === 0) return `to_jsonb(l.${relation.other})`
  const pairs = relation.columns.map((column) => `'${column.name}', l.${column.column}`).join(', ')
  const plain = relation.columns.map((column) => (column.initial === null ? `l.${column.column} is null` : `l.${column.column} = '${String(column.initial)}'`))
  return `case when ${plain.join(' and ')} then to_jsonb(l.${relation.other}) else jsonb_build_object('${relation.payload}', l.${relation.other}, ${pairs}) end`
}

const linksOf = (resource: Resource, relation: LinkRelation): string => {
  const order = [relation.other, ...relation.columns.map((column) => column.column)].map((column) => `l.${column}`).join(', ')
  return `coalesce((select jsonb_agg(${linkItem(relation)} order by ${order}) from ${relation.table} l where l.${relation.own} = ${resource.table}.id), '[]')`
}

const isForPeople = ({ schema, date, base }: Field): boolean => schema.type === 'string' && !date && !base && textKindOf(schema) !== 'id'

/** The SQL expression of a field, to be compared by order: text in the order that people recognise. */
export const orderOf = (resource: Resource, field: Field): string => {
  const expression = expressionOf(resource, field)
  return isForPeople(field) ? ordered(expression) : expression
}

/** The SQL expression of a field. */
export const expressionOf = (resource: Resource, field: Field): string => {
  const relation = resource.relations.get(field.name)
  return field.source === 'link' && relation?.kind === 'link' ? linksOf(resource, relation) : columnOf(resource, field)
}

const cache = new WeakMap<Resource, string>()

/** The select list of all fields that can be read. */
export const selectList = (resource: Resource): string => {
  const known = cache.get(resource)
  if (known !== undefined) return known
  const list = [...resource.fields.values()]
    .filter((field) => field.source !== 'none')
    .map((field) => `${expressionOf(resource, field)} as "${field.name}"`)
    .join(', ')
  cache.set(resource, list)
  return list
}

/** A row as the database gives it → as the engine holds it. */
export const toRow = (values: Readonly<Record<string, unknown>>): Row =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value instanceof Date ? value.toISOString() : value])) as Row

/** Holds a row; false when there is none. One that was deleted and made again while this waited is a row that is not held yet. */
const lockRow = async (db: Knex, resource: Resource, id: string, lock: 'change' | 'delete'): Promise<boolean> => {
  const rows = async (suffix: string): Promise<number> => {
    const result: { rows: unknown[] } = await db.raw(`select 1 from ?? where id = ? ${suffix}`, [resource.table, id])
    return result.rows.length
  }
  for (;;) {
    if ((await rows(`for ${lock === 'delete' ? '' : 'no key '}update`)) > 0) return true
    if ((await rows('')) === 0) return false
  }
}

/** One row by its id; `lock` holds it until the transaction ends. */
export const findRow = async (db: Knex, resource: Resource, id: string, options: { readonly lock?: 'change' | 'delete' } = {}): Promise<Row | undefined> => {
  // A statement that has to wait for its lock re-reads only the locked row, not what its sub-selects read before the wait:
  // the row is locked first and read by the next statement.
  // A change leaves the key alone: it need not stop who only refers to the row.
  if (options.lock && !(await lockRow(db, resource, id, options.lock))) return undefined
  const result: { rows: Record<string, unknown>[] } = await db.raw(
    `select ${selectList(resource)} from ${resource.table} where ${resource.table}.id = ?`, [id])
  const [found] = result.rows
  return found ? toRow(found) : undefined
}

/** The row that a call is about, named by its `id`: from here on it is `call.before`. */
export const loadRow = async (call: EngineCall, resource: Resource, options: { readonly lock?: 'change' | 'delete' } = {}): Promise<Row | undefined> =>
  (call.before = await findRow(call.db, resource, String(call.input['id']), options))
