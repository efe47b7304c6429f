// Columns that name a row of another table and have no index: each delete of such a row reads the whole table.
import type { Catalogue } from '../db/catalogue.ts'
import type { Resource } from '../model/resource.ts'

const columnsOf = (resource: Resource): [place: string, table: string, column: string][] =>
[...resource.relations.values()].flatMap((relation): [string, string, string][] => {
  const place = `${resource.name}.relations.${relation.name}`
  if (relation.kind === 'one') return [[place, resource.table, relation.column]]
  if (relation.kind !== 'link') return []
  const scopes = relation.columns.filter((column) => column.scope).map((column) => column.column)
  return [relation.own, relation.other, ...scopes].map((column): [string, string, string] => [place, relation.table, column])
})

/** One sentence for each missing index, with what makes it. */
export const missingIndexes = (resources: readonly Resource[], { tables }: Catalogue): string[] => [
  ...new Set(
    resources.flatMap(columnsOf).flatMap(([place, name, column]) => {
      const table = tables.get(name)
      if (!table || table.kind === 'view' || table.indexed.has(column)) return []
      return [`${place}: the column "${column}" of the table "${name}" has no index. In a migration: create index on ${name} (${column})`]
    }),
  ),
]
