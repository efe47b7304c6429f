// A filter and a search as SQL. Each part is true or false, never unknown, so that `not` is its complement.
import type { Schema } from 'yup'
import { fieldOf, type Field, type Resource } from '../model/resource.ts'
import { allOf, anyOf, differs, equals, likePattern, never, not, type Sql } from '../define/sql.ts'
import { textKindOf } from '../define/normalise.ts'
import { folded, matching } from '../define/collation.ts'
import type { Condition, Test } from './filter.ts'
import { expressionOf, isForPeople, orderOf } from './select.ts'

/** Whether a text holds a part, whatever the case of either. */
const holds = (expression: string, part: string): Sql =>
  ({ sql: `${folded(expression)} like ${folded('?')}`, bindings: [likePattern(part)] })

/** The place of a value, as the database is given it. */
const slot = (field: Field, value: unknown): string => {
  // An integer column takes none with a fraction or too many digits; compared as numbers, they only match nothing.
  if (typeof value === 'number' && isWhole(field.schema) && !(Number.isInteger(value) && Math.abs(value) < 2 ** 31)) return '?::numeric'
  return isForPeople(field) && textKindOf(field.schema) !== 'address' ? matching('?') : '?'
}

const isWhole = (schema: Schema): boolean => schema.tests.some((test) => test.OPTIONS?.name === 'integer')

const compare = { gt: '>', gte: '>=', lt: '<', lte: '<=' } as const
type Value = string | number | boolean

const testSql = (resource: Resource, { field, operator, value }: Test): Sql => {
  const kept = expressionOf(resource, field)
  // Addresses are kept in lower case, but for those that SQL from outside wrote; the unique index is on lower case too.
  const name = textKindOf(field.schema) === 'address' ? `lower(${kept})` : kept
  const bindings = [value as Value]
  const one = slot(field, value)
  switch (operator) {
    case 'eq': return equals(name, value as Value | null, one)
    case 'ne': return differs(name, value as Value | null, one)
    case 'in': {
      const list = value as Value[]
      return list.length === 0 ? never : { sql: `${name} in (${list.map((each) => slot(field, each)).join(', ')})`, bindings: list }
    }
    case 'contains': return holds(kept, String(value))
    case 'isNull': return { sql: `${name} is ${value === true ? '' : 'not '}null`, bindings: [] }
    case 'gt': case 'gte': case 'lt': case 'lte': return { sql: `${orderOf(resource, field)} ${compare[operator]} ${one}`, bindings }
  }
}

/** A filter as SQL. */
export const filterSql = (resource: Resource, condition: Condition): Sql => {
  if (condition.kind === 'test') return testSql(resource, condition)
  if (condition.kind === 'not') return not(filterSql(resource, condition.part))
  const parts = condition.parts.map((part) => filterSql(resource, part))
  // An `or` of nothing is refused before.
  return condition.kind === 'and' ? allOf(parts) : anyOf(parts)
}

/** For each binding of a filter's SQL its place in the payload. */
export const filterPlaces = (resource: Resource, condition: Condition): string[] => {
  if (condition.kind === 'test') return testSql(resource, condition).bindings.map(() => condition.path)
  return condition.kind === 'not' ? filterPlaces(resource, condition.part) : condition.parts.flatMap((part) => filterPlaces(resource, part))
}

/** The search over the searchable fields as SQL. */
export const searchSql = (resource: Resource, search: string): Sql => {
  return anyOf([...resource.list.search].map((name) => holds(expressionOf(resource, fieldOf(resource, name)), search)))
}
