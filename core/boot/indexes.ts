// Indexes that are missing: what is slower without them, never wrong.
import type { Catalogue, Table } from '../db/catalogue.ts'
import { listIndexes, searchIndex, type ListColumn } from '../define/indexes.ts'
import { textKindOf } from '../define/normalise.ts'
import { isForPeople } from '../crud/select.ts'
import type { Field, Resource } from '../model/resource.ts'

type Column = readonly [place: string, table: string, column: string]

const columnsOf = ({ name, table, ones, links }: Resource): Column[] => {
  const placeOf = (relation: string): string => `${name}.relations.${relation}`
  return [
    ...ones.map((relation): Column => [placeOf(relation.name), table, relation.column]),
    ...links.flatMap(({ name: relation, table: of, own, other, columns }) =>
      [own, other, ...columns.filter(({ scope }) => scope).map(({ column }) => column)].map((column): Column =>
        [placeOf(relation), of, column])),
  ]
}

/** Columns that name a row of another table and have no index: each delete of such a row reads the whole table. */
const unreferenced = (resource: Resource, { tables }: Catalogue): string[] => columnsOf(resource).flatMap(([place, name, column]) => {
  const table = tables.get(name)
  if (!table || table.kind === 'view' || table.indexes.some(({ keys }) => keys[0]?.sql === column)) return []
  return [`${place}: the column "${column}" of the table "${name}" has no index. In a migration: create index on ${name} (${column})`]
})

/** Characters, of at most four bytes each: longer texts may not fit into an ordered index. */
const longest = 600

const kindOf = (field: Field, isSorted: boolean): ListColumn => {
  if (!isForPeople(field)) return 'value'
  if (textKindOf(field.schema) === 'address') return 'address'
  const { oneOf, tests } = field.schema.describe()
  const most: unknown = tests.find(({ name }) => name === 'max')?.params?.['max']
  return oneOf.length > 0 || (typeof most === 'number' ? most <= longest : isSorted) ? 'text' : 'long'
}

/** SQL that makes what lists lack of one column: their order, and for addresses equality whatever the case. */
const missingOf = ({ list }: Resource, field: Field, { name: table, indexes }: Table): string[] => {
  const { name, column } = field
  const isSorted = list.sort.has(name)
  const kind = kindOf(field, isSorted)
  const begins = (key: string, isText: boolean, then?: string): boolean => indexes.some(({ keys: [first, second] }) =>
    first?.sql === key && (first.collation === 'sovrane_text') === isText && (then === undefined || second?.sql === then))
  const has = [
    begins(column, kind !== 'value', isSorted && kind !== 'long' ? 'id' : undefined),
    !list.filter.has(name) || begins(`lower${column}`, false),
  ]
  return listIndexes(table, column, kind).filter((_sql, index) => has[index] === false)
}

/** The type of a column can be put in order as text without asking the settings of a session. */
const isPlainText = (field: Field, table: Table): boolean => /^(?:text|varchar|bpchar)$/.test(table.columns.get(field.column)?.type ?? '')

const ofLists = (resource: Resource, { tables, trigrams }: Catalogue): string[] => {
  const table = tables.get(resource.table)
  if (!table || table.kind === 'view') return []
  const fields = [...resource.fields.values()].filter((field) =>
    field.source === 'column' && (!isForPeople(field) || isPlainText(field, table)))
  // Those that name other rows are told of anyway.
  const named = new Set([...resource.relations.values()].flatMap((relation) => (relation.kind === 'one' ? [relation.field] : [])))
  const { sort, filter, search } = resource.list
  const listed = fields.filter(({ name }) => name !== 'id' && (sort.has(name) || (filter.has(name) && !named.has(name))))
  const missing = listed.flatMap((field) => missingOf(resource, field, table))
  const searched = fields.filter(({ name }) => search.has(name)).map(({ column }) => column)
  const isSearched = searched.every((column) => table.indexes.some(({ method, keys }) =>
    method === 'gin' && keys.some(({ sql }) => new RegExp(`^upper${column}COLLATE.*sovrane_text$`).test(sql))))
  const all = [...missing, ...(trigrams === undefined || isSearched ? [] : [searchIndex(table.name, searched, trigrams)])]
  if (all.length === 0) return []
  return [`${resource.name}.list: the table "${table.name}" is read whole, or sorted, by what lists may ask. `
    + `In a migration: ${all.join('; ')}`]
}

/** One sentence for each that is missing, with what makes it. */
export const missingIndexes = (resources: readonly Resource[], catalogue: Catalogue): string[] => [
  ...new Set(resources.flatMap((resource) => [...unreferenced(resource, catalogue), ...ofLists(resource, catalogue)])),
  ...(catalogue.trigrams === undefined && resources.some(({ list }) => list.search.size > 0)
    ? ['searches read whole tables: the database lacks the extension pg_trgm. Once it is there, the next start names the indexes to make']
    : []),
]
