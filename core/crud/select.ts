// Reading rows of a resource: one statement, whatever its fields are kept in.
import type { Knex } from 'knex'
import type { Field, LinkRelation, Resource } from '../model/resource.ts'
import type { EngineCall } from '../call/operation.ts'
import { textKindOf } from '../define/normalise.ts'
import { ordered } from '../define/collation.ts'
import { ask, prepared, reading, type Prepared } from '../define/statement.ts'
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
  const plain = relation.columns.map(({ column, initial }) =>
    (initial === null ? `l.${column} is null` : `l.${column} = '${String(initial)}'`))
  const [id, whole] = [`l.${relation.other}`, plain.join(' and ')]
  return `case when ${whole} then to_jsonb(${id}) else jsonb_build_object('${relation.payload}', ${id}, ${pairs}) end`
}

const linksOf = (resource: Resource, relation: LinkRelation): string => {
  const order = [relation.other, ...relation.columns.map((column) => column.column)].map((column) => `l.${column}`).join(', ')
  return `coalesce((select jsonb_agg(${linkItem(relation)} order by ${order})
    from ${relation.table} l where l.${relation.own} = ${resource.table}.id), '[]')`
}

/** Whether it is kept in the order that people recognise. */
export const isForPeople = ({ schema, date, base }: Field): boolean =>
  schema.type === 'string' && !date && !base && textKindOf(schema) !== 'id'

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
export const toRow = (values: Record<string, unknown>): Row => {
  // In place: the driver has made them for this one reader, and lists are made of many.
  for (const name in values) {
    const value = values[name]
    if (value instanceof Date) values[name] = value.toISOString()
  }
  // Every select list has these two.
  return values as Row
}

interface Statements {
  readonly byId: Prepared
  readonly byIds: Prepared
  readonly exists: Prepared
  readonly lock: Readonly<Record<'change' | 'delete', Prepared>>
}

const statements = new WeakMap<Resource, Statements>()

/** The statements by which one row is read and locked. */
export const statementsOf = (resource: Resource): Statements => {
  const known = statements.get(resource)
  if (known) return known
  const { table } = resource
  const read = (columns: string, suffix = ''): Prepared =>
    prepared(`select ${columns} from ${table} where ${table}.id = ?${suffix}`, { quiet: true, rows: true })
  const seen = `(select s.version from ${table} s where s.id = ${table}.id) as "~seen", ${selectList(resource)}`
  // A grant that is just naming the row as its scope is waited for, and then counted.
  const scope = `with held as materialized (select id from scopes where id = ? for update)
    select ${seen} from ${table} where (select count(*) from held) >= 0 and ${table}.id = ? for update of ${table}`
  const made: Statements = {
    byId: read(selectList(resource)),
    byIds: reading(`select ${selectList(resource)} from ${table} where ${table}.id = any(?::text[])`),
    exists: read('1'),
    // A change leaves the key alone: it need not stop who only refers to the row.
    lock: {
      change: read(seen, ' for no key update'),
      delete: resource.isScope ? prepared(scope, { quiet: true, rows: true }) : read(seen, ' for update'),
    },
  }
  statements.set(resource, made)
  return made
}

const askRow = async (db: Knex, resource: Resource, id: string): Promise<Row | undefined> => {
  const { rows: [found] } = await ask<Record<string, unknown>>(db, statementsOf(resource).byId, [id])
  return found ? toRow(found) : undefined
}

/** How a row is held until the transaction ends. */
interface Locking {
  readonly lock?: 'change' | 'delete'
}

/** One row by its id. */
export const findRow = async (db: Knex, resource: Resource, id: string, options: Locking = {}): Promise<Row | undefined> => {
  if (!options.lock) return askRow(db, resource, id)
  const { lock, exists } = statementsOf(resource)
  const bindings = resource.isScope && options.lock === 'delete' ? [id, id] : [id]
  for (;;) {
    const { rows: [held] } = await ask<Record<string, unknown>>(db, lock[options.lock], bindings)
    if (held) {
      const { '~seen': seen, ...values } = held
      // A statement that had to wait for its lock has the locked row as it now is, and all else as it was before the wait.
      return seen === values['version'] ? toRow(values) : askRow(db, resource, id)
    }
    // One that was deleted and made again while this waited is a row that is not held yet.
    if ((await ask(db, exists, [id])).rows.length === 0) return undefined
  }
}

/** A row to be read, as it was read before where that still holds. */
export const readRow = ({ cache, db }: EngineCall, resource: Resource, id: string): Promise<Row | undefined> =>
  (cache ? cache.row(resource, id, () => findRow(db, resource, id)) : findRow(db, resource, id))

/** Rows to be read, by their ids: what was read before where that still holds, the others by one statement. */
export const readRows = async ({ cache, db }: EngineCall, resource: Resource, ids: readonly string[]): Promise<Map<string, Row>> => {
  const missing: string[] = []
  let asked: Promise<Map<string, Row>> | undefined
  const readMissing = async (): Promise<Map<string, Row>> => {
    // Once all that are missing are known.
    await Promise.resolve()
    const { rows } = await ask<Record<string, unknown>>(db, statementsOf(resource).byIds, [missing])
    return new Map(rows.map((values) => [String(values['id']), toRow(values)]))
  }
  const read = async (id: string): Promise<Row | undefined> => {
    missing.push(id)
    return (await (asked ??= readMissing())).get(id)
  }
  const rows = await Promise.all(ids.map((id) => (cache ? cache.row(resource, id, () => read(id)) : read(id))))
  return new Map(rows.flatMap((row) => (row ? [[row.id, row]] : [])))
}

/** The row that a call is about, named by its `id`: from here on it is `call.before`. */
export const loadRow = async (call: EngineCall, resource: Resource, options: Locking = {}): Promise<Row | undefined> => {
  const id = String(call.input['id'])
  return (call.before = await (options.lock ? findRow(call.db, resource, id, options) : readRow(call, resource, id)))
}
