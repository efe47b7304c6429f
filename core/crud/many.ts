// A page of a to-many relation.
import { deciding, type EngineCall, type Steps } from '../call/operation.ts'
import type { Row } from '../define/rights.ts'
import type { ManyRelation, Resource } from '../model/resource.ts'
import { requiredId } from './input.ts'
import { aliasesOf, reading, withoutAliases } from './owner.ts'
import { pagePayload, parsePage, readPage } from './page.ts'
import { sourceOf } from './source.ts'

/** Those who are linked by a relation that says so read this one whole. */
const readsWhole = async (call: EngineCall, resource: Resource, relation: ManyRelation, owner: Row): Promise<boolean> => {
  const { actor } = call
  if (!actor) return false
  for (const { holds, table, own, other } of resource.links) {
    if (holds?.reads.includes(relation.name) !== true) continue
    const found: unknown = await call.db(table).where({ [own]: owner.id, [other]: actor.id }).first(own)
    if (found !== undefined) return true
  }
  return false
}

export const manyPageSteps = (resource: Resource, relation: ManyRelation): Steps => {
  const { target } = relation
  const { from, owner: column, extra } = sourceOf(relation)
  const fields = pagePayload([requiredId])
  const aliases = aliasesOf(resource)
  return deciding({
    ...reading(resource),
    accepts: { fields, aliases },
    parse: (payload) => parsePage(target, withoutAliases(aliases, payload), fields),
    async handle(call, owner) {
      const owned = { sql: `${column} = ?`, bindings: [owner.id] }
      const whole = await readsWhole(call, resource, relation, owner)
      return readPage(call, target, {
        from, whole, extra, owner: resource, where: whole ? [owned] : [owned, await call.rights.reach('list', target)],
        context: `${resource.name}.${relation.name}.${owner.id}`,
      })
    },
  })
}
