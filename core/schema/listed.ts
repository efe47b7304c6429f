// What lists may ask of a table's columns, and how each is compared: by which indexes it is answered.
import type { ListColumn } from '../define/indexes.ts'
import { textKindOf } from '../define/normalise.ts'
import { isForPeople } from '../crud/select.ts'
import type { Field, Resource } from '../model/resource.ts'

/** Characters, of at most four bytes each: longer texts may not fit into an ordered index. */
const longest = 600

/** How lists compare a field. */
export const listColumnOf = ({ list }: Resource, field: Field): ListColumn => {
  if (!isForPeople(field)) return 'value'
  if (textKindOf(field.schema) === 'address') return 'address'
  const { oneOf, tests } = field.schema.describe()
  const most: unknown = tests.find(({ name }) => name === 'max')?.params?.['max']
  return oneOf.length > 0 || (typeof most === 'number' ? most <= longest : list.sort.has(field.name)) ? 'text' : 'long'
}

const inColumns = ({ fields }: Resource): Field[] => [...fields.values()].filter(({ source }) => source === 'column')

/** The fields that lists are sorted or filtered by, but for those whose index their relation needs anyway. */
export const listedFields = (resource: Resource): Field[] => {
  const named = new Set([...resource.relations.values()].flatMap((relation) => (relation.kind === 'one' ? [relation.field] : [])))
  const { sort, filter } = resource.list
  return inColumns(resource).filter(({ name }) => name !== 'id' && (sort.has(name) || (filter.has(name) && !named.has(name))))
}

/** The columns in which lists are searched. */
export const searchedColumns = (resource: Resource): string[] =>
  inColumns(resource).filter(({ name }) => resource.list.search.has(name)).map(({ column }) => column)
