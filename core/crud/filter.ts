// filter and search of a list, as SQL: only fields that the definition allows, only values of the field's own type.
import { boolean, number, string, type Schema } from 'yup'
import { fieldOf, type Field, type Resource } from '../boot/resource.ts'
import { faultsOf } from '../call/validate.ts'
import type { Sql } from '../access/scopes.ts'
import { isIsoDate } from '../define/fields.ts'
import { invalidPayload, type Fault } from '../define/errors.ts'
import type { Payload } from '../define/call.ts'
import { expressionOf } from './select.ts'

const operators = ['eq', 'ne', 'in', 'gt', 'gte', 'lt', 'lte', 'contains', 'isNull'] as const
type Operator = (typeof operators)[number]

const isOperator = (name: string): name is Operator => (operators as readonly string[]).includes(name)

/** What a value to compare with may be: the type of the field, not its rules of length or pattern. */
const comparable = (field: Field): Schema => {
  if (field.date) return string().required().test('date', 'must be an ISO 8601 date', (value) => isIsoDate(value))
  if (field.schema.type === 'number') return number().required()
  if (field.schema.type === 'boolean') return boolean().required()
  return string().defined().max(1000)
}

/** `%` and `_` are letters here. */
export const likePattern = (text: string): string => `%${text.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`

interface Test { readonly field: Field; readonly operator: Operator; readonly value: unknown; readonly path: string }

const isObject = (value: unknown): value is Payload => typeof value === 'object' && value !== null && !Array.isArray(value)

const valueFaults = ({ field, operator, value, path }: Test): Fault[] => {
  if (operator === 'isNull') return faultsOf(boolean().required(), value, path)
  if (value === null && (operator === 'eq' || operator === 'ne')) return field.nullable ? [] : [{ path, message: 'may not be null' }]
  if (operator === 'in') {
    if (!Array.isArray(value) || value.length > 100) return [{ path, message: 'must be an array of at most 100 values' }]
    return value.flatMap((item: unknown, index) => faultsOf(comparable(field), item, `${path}[${index}]`))
  }
  if (operator === 'contains' && (field.schema.type !== 'string' || typeof value !== 'string')) return [{ path, message: 'contains is for texts' }]
  return faultsOf(comparable(field), value, path)
}

/**
 * The tests of a filter.
 * @throws AppError invalid_payload with every fault
 */
export const parseFilter = (resource: Resource, filter: unknown): Test[] => {
  if (filter === undefined) return []
  if (!isObject(filter)) throw invalidPayload([{ path: 'filter', message: 'must be an object' }])
  const faults: Fault[] = []
  const tests: Test[] = []
  for (const [name, wanted] of Object.entries(filter)) {
    const path = `filter.${name}`.slice(0, 128)
    if (!resource.list.filter.has(name)) {
      faults.push({ path, message: 'cannot be filtered by' })
      continue
    }
    const entries: [string, unknown][] = isObject(wanted) ? Object.entries(wanted) : [['eq', wanted]]
    if (entries.length === 0) faults.push({ path, message: 'needs an operator' })
    for (const [operator, value] of entries) {
      const place = isObject(wanted) ? `${path}.${operator}`.slice(0, 128) : path
      if (isOperator(operator)) tests.push({ field: fieldOf(resource, name), operator, value, path: place })
      else faults.push({ path: place, message: `must be one of: ${operators.join(', ')}` })
    }
  }
  faults.push(...tests.flatMap(valueFaults))
  if (faults.length > 0) throw invalidPayload(faults)
  return tests
}

const compare = { gt: '>', gte: '>=', lt: '<', lte: '<=' } as const
type Value = string | number | boolean

/** One test as SQL. */
export const filterSql = (resource: Resource, { field, operator, value }: Test): Sql => {
  const name = expressionOf(resource, field)
  const bindings = [value as Value]
  switch (operator) {
    case 'eq': return value === null ? { sql: `${name} is null`, bindings: [] } : { sql: `${name} = ?`, bindings }
    case 'ne': return value === null ? { sql: `${name} is not null`, bindings: [] } : { sql: `(${name} = ?) is not true`, bindings }
    case 'in': {
      const list = value as Value[]
      return list.length === 0 ? { sql: 'false', bindings: [] } : { sql: `${name} in (${list.map(() => '?').join(', ')})`, bindings: list }
    }
    case 'contains': return { sql: `${name} ilike ?`, bindings: [likePattern(String(value))] }
    case 'isNull': return { sql: `${name} is ${value === true ? '' : 'not '}null`, bindings: [] }
    case 'gt': case 'gte': case 'lt': case 'lte': return { sql: `${name} ${compare[operator]} ?`, bindings }
  }
}

/** The search over the searchable fields as SQL. */
export const searchSql = (resource: Resource, search: string): Sql => {
  const fields = [...resource.list.search].map((name) => `${expressionOf(resource, fieldOf(resource, name))} ilike ?`)
  return { sql: `(${fields.join(' or ')})`, bindings: fields.map(() => likePattern(search)) }
}
