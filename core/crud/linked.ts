// Many-to-many relations: their page, and adding or removing one link.
import type { Schema } from 'yup'
import type { LinkRelation, Resource, Resources } from '../model/resource.ts'
import type { EngineCall, Stages } from '../call/operation.ts'
import { decide, hold, stateChange } from './change.ts'
import { absentable, requiredId } from './input.ts'
import { addLink, linkFrom, removeLink } from './links.ts'
import { parsePage, readPage } from './page.ts'
import { id } from '../define/fields.ts'
import { changeOwner, ownerOf, readOwner, rereadOwner, targetOf } from './owner.ts'

/** Those linked by a relation that says so read this one whole. */
const readsWhole = async (call: EngineCall, resource: Resource, relation: LinkRelation): Promise<boolean> => {
  const { actor } = call
  if (!actor) return false
  for (const holding of resource.relations.values()) {
    if (holding.kind !== 'link' || holding.holds?.reads.includes(relation.name) !== true) continue
    const found: unknown = await call.db(holding.table).where({ [holding.own]: ownerOf(call).id, [holding.other]: actor.id }).first(holding.own)
    if (found !== undefined) return true
  }
  return false
}

export const linkedPageStages = (resources: Resources, resource: Resource, relation: LinkRelation): Stages => {
  const target = () => targetOf(resources, relation)
  return {
    ...readOwner(resource),
    parse: (payload) => parsePage(target(), payload, [requiredId]),
    handle: async (call) => {
      const { table } = target()
      const owned = { sql: `l.${relation.own} = ?`, bindings: [ownerOf(call).id] }
      const whole = await readsWhole(call, resource, relation)
      return readPage(call, resources, target(), {
        from: `${table} join ${relation.table} l on l.${relation.other} = ${table}.id`,
        whole,
        where: whole ? [owned] : [owned, call.rights.sql('list', target())],
        extra: relation.columns.map((column) => ({ name: column.name, sql: `l.${column.column}` })),
        context: `${resource.name}.${relation.name}.${ownerOf(call).id}`,
      })
    },
  }
}

export const changeLinkStages = (resources: Resources, resource: Resource, relation: LinkRelation, kind: 'add' | 'remove'): Stages => {
  const columns = relation.columns.map((column): [string, Schema] => [column.name, absentable(column.schema)])
  const stages = changeOwner(resource, relation, [[relation.payload, id().required()], ...columns])
  const targetId = (call: EngineCall): string => String(call.input[relation.payload])
  return {
    ...stages,
    // The target before the owner: a delete of the target holds it and then touches its owners.
    load: async (call) => {
      await hold(call.db, targetOf(resources, relation).table, [targetId(call)], 'key share')
      await stages.load?.(call)
    },
    candidate: (call) => {
      const before = ownerOf(call)
      const link = linkFrom(relation, call.input)
      const links = [{ relation, added: kind === 'add' ? [link] : [], removed: kind === 'remove' ? [link] : [] }]
      const change = stateChange(resource, { before, after: before, values: {}, links })
      return decide(call, change, { resources, resource, target: { resource: targetOf(resources, relation), id: targetId(call) } })
    },
    handle: async (call) => {
      const owner = ownerOf(call)
      await (kind === 'add' ? addLink : removeLink)(call.db, relation, owner.id, linkFrom(relation, call.input))
      return rereadOwner(call, resource)
    },
  }
}
