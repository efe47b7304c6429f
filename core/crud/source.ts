// Where the rows of a to-many relation come from, in SQL.
import { linksOf, type ManyRelation } from '../model/resource.ts'

/** The rows of a relation in SQL: what they are read from, the column with the owner's id, and the columns that links have of their own. */
export const sourceOf = (relation: ManyRelation) => {
  const { target: { table } } = relation
  if (relation.kind === 'owned') return { from: table, owner: `${table}.${relation.of.column}`, extra: [] }
  const links = linksOf(relation)
  return {
    from: `${table} join ${links.table} l on l.${links.other} = ${table}.id`,
    owner: `l.${links.own}`,
    extra: links.columns.map(({ name, column }) => ({ name, sql: `l.${column}` })),
  }
}
