// Every way in which a list of a million may be asked: its sorts, filters, searches and pages, with values that the rows have.
import { operators } from '../../core/crud/filter.ts'
import { emailOf, idOf, million } from '../database/organisation.ts'

/** The payload of one request for a list. `turn` makes each another, so that no page is one that is still kept. */
export interface Question {
  readonly title: string
  readonly ask: (turn: number) => Readonly<Record<string, unknown>>
}

/** A list: how many rows it has, and what it may be asked by. */
export interface Asked {
  readonly rows: number
  readonly sorts: readonly string[]
  readonly filters: readonly string[]
  readonly searched: readonly string[]
}

export const perPage = 20

const stampOf = (number: number): string => new Date(Date.parse('2026-01-01T00:00:00Z') + number * 1000).toISOString()

/** What the fields of the n-th user hold, and the label of the n-th site, as `fill` makes them. */
const values: Readonly<Record<string, (number: number) => string | boolean>> = {
  firstName: (number) => `First${number % 997}`,
  lastName: (number) => `Last${number % 7919}`,
  email: emailOf,
  status: () => 'active',
  siteId: (number) => idOf('site', number % 50 + 1),
  departmentId: (number) => idOf('department', number % million.departments + 1),
  locale: (number) => (number % 3 === 0 ? 'fr' : 'en'),
  emailVerified: () => false,
  createdAt: stampOf,
  updatedAt: stampOf,
  label: (number) => `Site ${number}`,
}

/** @throws Error for a field whose values are not known here: one that a definition has gained */
const valueOf = (field: string, number: number): string | boolean => {
  const value = values[field]
  if (!value) throw new Error(`bench/reach does not know what "${field}" holds`)
  return value(number)
}

/** Far from each other, and the same in each run. */
const numberAt = ({ rows }: Asked, turn: number): number => (turn * 7919 * 13 + 4711) % rows + 1

const withValue = (asked: Asked, field: string, operator: (typeof operators)[number], turn: number): unknown => {
  const number = numberAt(asked, turn)
  const value = valueOf(field, number)
  if (operator === 'isNull') return turn % 2 === 0
  if (operator === 'in') return [value, valueOf(field, number + 1), valueOf(field, number + 2)]
  return value
}

const operatorsFor = (field: string): (typeof operators)[number][] =>
  operators.filter((operator) => operator !== 'contains' || (typeof valueOf(field, 1) === 'string' && !field.endsWith('At')))

const sortsOf = ({ sorts }: Asked): string[] => ['id', ...sorts].flatMap((sort) => [sort, `-${sort}`])

/** Pages of the whole list, in each order: the first, the middle and the last ones. */
const pages = (asked: Asked): Question[] => sortsOf(asked).flatMap((sort) => {
  const last = Math.floor(asked.rows / perPage)
  return [
    { title: `sort ${sort}, first pages`, ask: (turn) => ({ sort, page: 1 + turn, limit: perPage }) },
    { title: `sort ${sort}, middle pages`, ask: (turn) => ({ sort, page: Math.floor(last / 2) - turn, limit: perPage }) },
    { title: `sort ${sort}, last pages`, ask: (turn) => ({ sort, page: last - turn, limit: perPage }) },
  ]
})

/** Each filter by itself, in the order that a list has by itself. */
const filters = (asked: Asked): Question[] => asked.filters.flatMap((field) => operatorsFor(field).map((operator) => ({
  title: `filter ${field} ${operator}`,
  ask: (turn) => ({ filter: { [field]: { [operator]: withValue(asked, field, operator, turn) } }, page: 1 + turn, limit: perPage }),
})))

/** Each filter in each order: what no index has as a whole. */
const filtersInOrder = (asked: Asked): Question[] => asked.filters.flatMap((field) => sortsOf(asked).map((sort) => ({
  title: `filter ${field} eq, sort ${sort}`,
  ask: (turn) => ({ filter: { [field]: withValue(asked, field, 'eq', turn + 10) }, sort, page: 1 + turn, limit: perPage }),
})))

const searches = (asked: Asked): Question[] => (asked.searched.includes('email') ? ['id', ...asked.sorts].flatMap((sort) => {
  const question = (title: string, text: (turn: number) => string): Question =>
    ({ title: `search ${title}, sort ${sort}`, ask: (turn) => ({ search: text(turn), sort, page: 1, limit: perPage }) })
  return [
    question('one row', (turn) => String(valueOf('email', numberAt(asked, turn))).slice(1)),
    question('a hundredth', (turn) => `irst${(numberAt(asked, turn) % 89) + 10}`),
    question('no row', (turn) => `nothing like ${numberAt(asked, turn)}`),
  ]
}) : [])

/** All questions. */
export const questionsOf = (asked: Asked): Question[] =>
  [...pages(asked), ...filters(asked), ...filtersInOrder(asked), ...searches(asked)]
