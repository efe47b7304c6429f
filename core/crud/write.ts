// What create and update have in common once the rights are settled: columns through the model, links through their tables.
import type { Knex } from 'knex'
import { fieldOf, type LinkRelation, type OneRelation, type Resource } from '../model/resource.ts'
import { differs } from '../access/decide.ts'
import type { EngineCall } from '../call/operation.ts'
import type { Payload } from '../define/call.ts'
import type { Row } from '../define/rights.ts'
import { placed } from '../db/place.ts'
import { addLink, linkChanges, removeLink } from './links.ts'
import { modelOf } from '../db/models.ts'
import { findRow } from './select.ts'

/** The relations by which the rows of a resource make a tree. */
export const treesOf = (resource: Resource): OneRelation[] =>
  [...resource.relations.values()].filter((relation): relation is OneRelation => relation.kind === 'one' && relation.acyclic)

/** The relations that are fields and that the payload sets. */
export const linkFields = (resource: Resource, input: Payload): LinkRelation[] =>
  [...resource.relations.values()].filter((relation): relation is LinkRelation => relation.kind === 'link' && relation.isField && input[relation.name] !== undefined)

const columnsIn = (resource: Resource, values: Payload): Record<string, unknown> =>
  Object.fromEntries(Object.entries(values).filter(([name]) => resource.fields.get(name)?.source === 'column'))

const writeLinks = async (db: Knex, resource: Resource, input: Payload, row: { readonly id: string; readonly before: Payload | undefined }): Promise<void> => {
  for (const relation of linkFields(resource, input)) {
    const { added, removed } = linkChanges(relation, row.before?.[relation.name], input[relation.name])
    for (const link of removed) await removeLink(db, relation, row.id, link)
    for (const link of added) await addLink(db, relation, row.id, link)
  }
}

/** The row as it has become, for hooks. */
export const rowAfter = async (db: Knex, resource: Resource, id: string): Promise<Payload> => (await findRow(db, resource, id)) ?? { id }

interface Statement<T> extends PromiseLike<T> {
  toKnexQuery(): { toSQL(): { readonly sql: string } }
}

/** Runs a statement that writes columns; a value that the database cannot take is named by its field. */
const naming = async <T>(resource: Resource, values: Payload, make: () => Statement<T>): Promise<T> => {
  const statement = make()
  try {
    return await statement
  } catch (error) {
    // Each column is named once, in the order of the parameters.
    const { sql } = make().toKnexQuery().toSQL()
    const set = sql.startsWith('insert') ? sql.slice(sql.indexOf('('), sql.indexOf(') values')) : sql.slice(sql.indexOf(' set '))
    const columns = [...set.matchAll(/"(\w+)"/g)].map(([, column]) => column)
    const field = (column: string | undefined): string => [...resource.fields.values()].find((each) => each.column === column && each.source === 'column')?.name ?? ''
    throw placed(error, columns.map(field), Object.keys(values).filter((name) => !fieldOf(resource, name).base))
  }
}

/** Inserts a row with its links. */
export const insertRow = async ({ db }: EngineCall, resource: Resource, values: Payload & { readonly id: string }): Promise<Payload> => {
  await naming(resource, columnsIn(resource, values), () => modelOf(resource).query(db).insert(columnsIn(resource, values)).returning('id'))
  await writeLinks(db, resource, values, { id: values.id, before: undefined })
  return rowAfter(db, resource, values.id)
}

/** Writes what really changes; a payload that changes nothing writes nothing and so is heard by no one. */
export const patchRow = async ({ db }: EngineCall, resource: Resource, before: Row, input: Payload): Promise<Payload> => {
  const changed = Object.fromEntries(Object.entries(columnsIn(resource, input)).filter(([name, value]) => !fieldOf(resource, name).base && differs(value, before[name])))
  if (Object.keys(changed).length > 0) await naming(resource, changed, () => modelOf(resource).query(db).patch(changed).where('id', before.id))
  await writeLinks(db, resource, input, { id: before.id, before })
  return rowAfter(db, resource, before.id)
}
