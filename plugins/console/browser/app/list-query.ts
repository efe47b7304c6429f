// What a list is asked, as it stands in its address, so that a list can be kept, shared and gone back to.
import type { DescribedField, DescribedResource } from '#sovrane'
import type { Payload } from './state.ts'
import { typeOf, widgetOf } from './schema.ts'

const operators = ['eq', 'ne', 'contains', 'gte', 'lte', 'isNull'] as const
export type Operator = (typeof operators)[number]

export interface Condition {
  readonly field: string
  readonly operator: Operator
  readonly value: unknown
}

/** The operators that make sense for a field, the usual one first. */
export const operatorsOf = (field: DescribedField): readonly Operator[] => {
  switch (widgetOf(field)) {
    case 'text':
    case 'long':
    case 'email':
    case 'url':
      return ['contains', 'eq', 'isNull']
    case 'number':
      return ['eq', 'gte', 'lte']
    case 'time':
      return ['gte', 'lte']
    case 'choice':
      return ['eq', 'ne']
    case 'boolean':
      return ['eq']
    default:
      return ['eq', 'isNull']
  }
}

const isCondition = (value: unknown): value is [string, Operator, unknown] =>
  Array.isArray(value) && typeof value[0] === 'string' && operators.some((known) => known === value[1])

/** Out of the address; what is not a filter of this resource is left out. */
export const conditionsIn = (text: string | null, resource: DescribedResource): Condition[] => {
  try {
    const parsed: unknown = JSON.parse(text ?? '[]')
    const listed: unknown[] = Array.isArray(parsed) ? parsed : []
    return listed
      .filter(isCondition)
      .filter(([field]) => resource.list.filter.includes(field))
      .map(([field, operator, value]) => ({ field, operator, value }))
  } catch {
    return []
  }
}

export const conditionsText = (conditions: readonly Condition[]): string | undefined =>
  conditions.length === 0 ? undefined : JSON.stringify(conditions.map(({ field, operator, value }) => [field, operator, value]))

const isWhole = ({ operator, value }: Condition): boolean =>
  operator === 'isNull' || (value !== undefined && value !== null && value !== '')

export const limits = [20, 50, 100] as const

/** The columns that show a relation need its rows. */
const includesOf = (resource: DescribedResource, columns: readonly DescribedField[]): string[] =>
  columns.flatMap(({ relation }) =>
    resource.relations.some(({ name, include }) => name === relation && include) && relation !== undefined ? [relation] : [],
  )

/** The payload of the list. */
export const queryOf = (resource: DescribedResource, query: URLSearchParams, columns: readonly DescribedField[]): Payload => {
  const conditions = conditionsIn(query.get('filter'), resource).filter(isWhole)
  const search = query.get('search') ?? ''
  const sort = query.get('sort') ?? ''
  const page = Math.max(1, Number(query.get('page') ?? 1) || 1)
  const limit = limits.find((each) => each === Number(query.get('limit'))) ?? limits[1]
  const include = includesOf(resource, columns)
  return {
    page,
    limit,
    ...(search !== '' && resource.list.search.length > 0 ? { search } : {}),
    ...(resource.list.sort.includes(sort.replace(/^-/, '')) ? { sort } : {}),
    ...(include.length > 0 ? { include } : {}),
    ...(conditions.length > 0
      ? { filter: { and: conditions.map(({ field, operator, value }) => ({ [field]: { [operator]: value } })) } }
      : {}),
  }
}

/** Whether a field can stand in a column. */
const canShow = (field: DescribedField): boolean => !field.writeOnly && field.name !== 'id'
export const columnsOf = (resource: DescribedResource): DescribedField[] => {
  const shown = resource.fields.filter((field) => canShow(field) && !resource.title.includes(field.name))
  return [...shown.filter(({ base }) => !base), ...shown.filter(({ base }) => base)]
}

/** Those that are shown until someone chooses others. */
const usual = 4
export const usualColumns = (resource: DescribedResource): string[] => {
  const told = columnsOf(resource).filter(
    (field) => !field.base && !['json', 'url', 'links'].includes(widgetOf(field)) && typeOf(field.schema) !== 'object',
  )
  const first = told
    .filter(({ readOnly }) => !readOnly)
    .slice(0, usual)
    .map(({ name }) => name)
  return [...first, 'updatedAt']
}
