// `<resource>-ancestors-request`: the way from the root of a tree down to a row's parent.
import { treeAncestors } from '../access/scopes.ts'
import { deciding, type Steps } from '../call/operation.ts'
import { validate } from '../define/validate.ts'
import type { OneRelation, Resource } from '../model/resource.ts'
import { requiredId } from './input.ts'
import { authoriseReading, ownerAlias } from './owner.ts'
import { projectRow } from './project.ts'
import { loadRow, selectList, toRow } from './select.ts'

export const ancestorsSteps = (resource: Resource, relation: OneRelation): Steps => deciding({
  parse: (payload) => validate(new Map([requiredId]), ownerAlias(resource, payload)),
  load: (call) => loadRow(call, resource),
  authorise: authoriseReading(resource),
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
