// Values that name other rows: do they exist, may they be set, and do they close a circle?
import type { Knex } from 'knex'
import { resourceOf, type LinkColumn, type OneRelation, type Resource, type Resources } from '../boot/resource.ts'
import { treeAncestors } from '../access/scopes.ts'
import { conflict, invalidPayload, type Fault } from '../define/errors.ts'
import type { Payload } from '../define/call.ts'

/** The to-one relations whose field the payload sets to something else than the row has. */
export const changedReferences = (resource: Resource, input: Payload, before: Payload | undefined): OneRelation[] =>
  [...resource.relations.values()].filter((relation): relation is OneRelation =>
    relation.kind === 'one' && input[relation.field] !== undefined && (input[relation.field] ?? null) !== (before?.[relation.field] ?? null))

/** Holds a row that something is about to refer to, so that it is not deleted meanwhile. */
export const rowExists = async (db: Knex, table: string, id: string): Promise<boolean> => {
  const result: { rows: unknown[] } = await db.raw('select 1 from ?? where id = ? for key share', [table, id])
  return result.rows.length > 0
}

/** @throws AppError invalid_payload naming each field that refers to nothing */
export const checkReferences = async (db: Knex, resources: Resources, relations: readonly OneRelation[], input: Payload): Promise<void> => {
  const faults: Fault[] = []
  for (const relation of relations) {
    const value = input[relation.field]
    const exists = typeof value !== 'string' || (await rowExists(db, resourceOf(resources, relation.target).table, value))
    if (!exists) faults.push({ path: relation.field, message: `there is no such ${relation.target}` })
  }
  if (faults.length > 0) throw invalidPayload(faults)
}

/** @throws AppError invalid_payload when a scope is none */
export const checkScopes = async (db: Knex, columns: readonly LinkColumn[], link: Payload): Promise<void> => {
  for (const column of columns) {
    const value = link[column.name]
    if (column.scope && typeof value === 'string' && !(await rowExists(db, 'scopes', value))) {
      throw invalidPayload([{ path: column.name, message: 'there is no such scope' }])
    }
  }
}

/** Lets one writer at a time at a tree: with anything less, two moves can close a circle together. */
export const lockTree = (db: Knex, table: string): Promise<unknown> =>
  db.raw("select pg_advisory_xact_lock(hashtext('sovrane:tree:' || ?))", [table])

/** @throws AppError conflict with the circle that the new parent would close */
export const checkAcyclic = async (db: Knex, resource: Resource, relation: OneRelation, row: Payload): Promise<void> => {
  const [id, parentId] = [row['id'], row[relation.field]]
  if (typeof parentId !== 'string' || typeof id !== 'string') return
  const above = parentId === id ? [id] : await treeAncestors(db, { table: resource.table, parent: relation.column }, parentId)
  if (above.includes(id)) throw conflict({ cycle: [id, ...above.slice(0, above.indexOf(id)).toReversed()] }, 'A row cannot be its own ancestor')
}
