// Columns that name a row of another table and have no index: each delete of such a row reads the whole table.
import type { Catalogue } from '../db/catalogue.ts'
import type { Resource } from '../model/resource.ts'

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
