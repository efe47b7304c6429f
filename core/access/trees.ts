// Trees: one writer at a time, and no row is its own ancestor.
import type { Knex } from 'knex'
import type { OneRelation, Resource } from '../model/resource.ts'
import { treeAncestors } from './scopes.ts'
import type { DecidingCall } from './row-rights.ts'
import { conflict } from '../define/errors.ts'
import type { Payload } from '../define/call.ts'

/** Lets one writer at a time at a tree: with anything less, two moves can close a circle together. */
export const lockTree = (db: Knex, table: string): Promise<unknown> =>
  db.raw("select pg_advisory_xact_lock(hashtext('sovrane:tree:' || ?))", [table])

/** @throws AppError conflict with the circle that the new parent would close, as far as the actor may read it */
export const checkAcyclic = async (
  { db, rights }: Pick<DecidingCall, 'db' | 'rights'>, resource: Resource, relation: OneRelation, row: Payload,
): Promise<void> => {
  const [id, parentId] = [row['id'], row[relation.field]]
  if (typeof parentId !== 'string' || typeof id !== 'string') return
  const above = parentId === id ? [id] : await treeAncestors(db, { table: resource.table, parent: relation.column }, parentId)
  if (!above.includes(id)) return
  const circle = [id, ...above.slice(0, above.indexOf(id)).toReversed()]
  const known = new Set([id, parentId, ...(await rights.nameable(resource, circle))])
  throw conflict({ cycle: circle.filter((each) => known.has(each)) }, 'A row cannot be its own ancestor')
}
