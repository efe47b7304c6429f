// The filter of a list, read and checked: only fields that the definition allows, only values of the field's own type.
import { boolean, number, string, type Schema } from 'yup'
import { combinators } from '../model/fields.ts'
import { fieldOf, type Field, type Resource } from '../model/resource.ts'
import { normaliseText } from '../define/normalise.ts'
import { faultsOf } from '../define/validate.ts'
import { isIsoDate } from '../define/fields.ts'
import { invalidPayload, type Fault } from '../define/errors.ts'
import type { Payload } from '../define/call.ts'

export const operators = ['eq', 'ne', 'in', 'gt', 'gte', 'lt', 'lte', 'contains', 'isNull'] as const
type Operator = (typeof operators)[number]

/** Words that combine filters; no field can have their names. */
type Combinator = (typeof combinators)[number]

/** Source: docs/protocol.md §3.2. `depth` counts combinators within each other, `conditions` the tests of the whole filter. */
export const limits = { depth: 3, conditions: 20, values: 100 }

/** By its id a row can be found in every list, whatever the definition allows. */
export const idOperators: readonly Operator[] = ['eq', 'in']

const isOperator = (name: string): name is Operator => (operators as readonly string[]).includes(name)
const isCombinator = (name: string): name is Combinator => (combinators as readonly string[]).includes(name)

/** What a value to compare with may be: the type of the field, not its rules of length or pattern. */
export const comparable = (field: Field): Schema => {
  if (field.date) return string().required().test('date', 'must be an ISO 8601 date', (value) => isIsoDate(value))
  if (field.schema.type === 'number') return number().required()
  if (field.schema.type === 'boolean') return boolean().required()
  return string().defined().max(1000)
}

/** One comparison of a field. */
export interface Test {
  readonly kind: 'test'
  readonly field: Field
  readonly operator: Operator
  readonly value: unknown
  readonly path: string
}

/** A filter as a tree; a plain filter is an `and` of its tests. */
export type Condition =
  Test | { readonly kind: 'and' | 'or'; readonly parts: readonly Condition[] } | { readonly kind: 'not'; readonly part: Condition }

/** The values to compare with, in the form that the field's own are kept in. */
const folded = (field: Field, value: unknown): unknown => {
  if (Array.isArray(value)) return value.map((item: unknown) => folded(field, item))
  return typeof value === 'string' ? normaliseText(field.schema, value) : value
}

const isObject = (value: unknown): value is Payload => typeof value === 'object' && value !== null && !Array.isArray(value)

const valueFaults = ({ field, operator, value, path }: Test): Fault[] => {
  if (operator === 'isNull') return faultsOf(boolean().required(), value, path)
  if (value === null && (operator === 'eq' || operator === 'ne')) return field.nullable ? [] : [{ path, message: 'may not be null' }]
  if (operator === 'in') {
    if (!Array.isArray(value) || value.length > limits.values)
      return [{ path, message: `must be an array of at most ${limits.values} values` }]
    return value.flatMap((item: unknown, index) => faultsOf(comparable(field), item, `${path}[${index}]`))
  }
  const isText = field.schema.type === 'string' && !field.date && typeof value === 'string'
  if (operator === 'contains' && !isText) return [{ path, message: 'contains is for texts' }]
  return faultsOf(comparable(field), value, path)
}

/** Reads one filter; what is wrong with it goes to `faults`. */
class Reader {
  readonly #resource: Resource
  readonly faults: Fault[] = []
  #conditions = 0

  constructor(resource: Resource) {
    this.#resource = resource
  }

  read(filter: unknown, path: string, depth: number): Condition {
    if (!isObject(filter)) return this.#fault(path, 'must be an object')
    const entries = Object.entries(filter)
    if (entries.length === 0 && depth > 0) return this.#fault(path, 'must hold a condition')
    return { kind: 'and', parts: entries.flatMap(([name, wanted]) => {
      const place = `${path}.${name}`.slice(0, 128)
      return isCombinator(name) ? [this.#combined(name, wanted, { path: place, depth: depth + 1 })] : this.#tests(name, wanted, place)
    }) }
  }

  #combined(word: Combinator, wanted: unknown, { path, depth }: { readonly path: string; readonly depth: number }): Condition {
    if (depth > limits.depth) return this.#fault(path, `must not be nested deeper than ${limits.depth} levels`)
    if (word === 'not') return { kind: 'not', part: this.read(wanted, path, depth) }
    if (!Array.isArray(wanted) || wanted.length === 0) return this.#fault(path, 'must be an array of filters')
    return { kind: word, parts: wanted.map((part: unknown, index) => this.read(part, `${path}[${index}]`, depth)) }
  }

  #tests(name: string, wanted: unknown, path: string): Condition[] {
    const allowed = this.#resource.list.filter.has(name) ? operators : name === 'id' ? idOperators : undefined
    if (!allowed) return [this.#fault(path, 'cannot be filtered by')]
    const entries: [string, unknown][] = isObject(wanted) ? Object.entries(wanted) : [['eq', wanted]]
    if (entries.length === 0) return [this.#fault(path, 'needs an operator')]
    return entries.map(([operator, value]) => {
      const place = isObject(wanted) ? `${path}.${operator}`.slice(0, 128) : path
      if (!isOperator(operator) || !allowed.includes(operator)) return this.#fault(place, `must be one of: ${allowed.join(', ')}`)
      this.#conditions += 1
      if (this.#conditions === limits.conditions + 1) this.#fault('filter', `must not hold more than ${limits.conditions} conditions`)
      const field = fieldOf(this.#resource, name)
      // A part of an address is not an address.
      const test: Test = { kind: 'test', field, operator, value: operator === 'contains' ? value : folded(field, value), path: place }
      this.faults.push(...valueFaults(test))
      return test
    })
  }

  #fault(path: string, message: string): Condition {
    this.faults.push({ path, message })
    return { kind: 'and', parts: [] }
  }
}

/**
 * A filter as a tree; none is an `and` of nothing.
 * @throws AppError invalid_payload with every fault
 */
export const parseFilter = (resource: Resource, filter: unknown): Condition => {
  if (filter === undefined) return { kind: 'and', parts: [] }
  const reader = new Reader(resource)
  const condition = reader.read(filter, 'filter', 0)
  if (reader.faults.length > 0) throw invalidPayload(reader.faults.slice(0, 100))
  return condition
}

/** The fields that a filter asks about. */
export const fieldsOfFilter = (condition: Condition): Field[] => {
  if (condition.kind === 'test') return [condition.field]
  return condition.kind === 'not' ? fieldsOfFilter(condition.part) : condition.parts.flatMap(fieldsOfFilter)
}
