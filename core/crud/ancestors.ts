// `<resource>-ancestors-request`: the way from the root of a tree down to a row's parent.
import { treeAncestors } from '../access/scopes.ts'
import { deciding, type Steps } from '../call/operation.ts'
import type { OneRelation, Resource } from '../model/resource.ts'
import { ownerId, reading } from './owner.ts'
import { projectRow } from './project.ts'
import { selectList, toRow } from './select.ts'

export const ancestorsSteps = (resource: Resource, relation: OneRelation): Steps => deciding({
  ...reading(resource),
  ...ownerId(resource),
  async handle(call, owner) {
    const [, ...above] = await treeAncestors(call.db, { table: resource.table, parent: relation.column }, owner.id)
    const allowed = call.rights.sql('list', resource)
    const found: Record<string, unknown>[] = await call.db(resource.table).select(call.db.raw(selectList(resource)))
      .whereIn(`${resource.table}.id`, above).whereRaw(allowed.sql, allowed.bindings)
    const rows = new Map(found.map(toRow).map((row) => [row.id, row]))
    const items = above.toReversed().flatMap((id) => rows.get(id) ?? [])
    return { items: await Promise.all(items.map((row) => projectRow(call, resource, row, 'list'))) }
  },
})
