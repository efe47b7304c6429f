// One-to-many relations: the rows of another resource that name this one. Adding one moves it here.
import { resourceOf, type OneRelation, type OwnedRelation, type Resource, type Resources } from '../model/resource.ts'
import type { EngineCall, Stages } from '../call/operation.ts'
import { decide, hold, stateChange } from './change.ts'
import { requiredId } from './input.ts'
import { parsePage, readPage } from './page.ts'
import { findRow } from './select.ts'
import { lockTree } from './trees.ts'
import { patchRow } from './write.ts'
import { forbidden, notFound } from '../define/errors.ts'
import { id } from '../define/fields.ts'
import type { Row } from '../define/rights.ts'
import { changeOwner, ownerOf, readOwner, rereadOwner, targetOf } from './owner.ts'

export const ownedPageStages = (resources: Resources, resource: Resource, relation: OwnedRelation): Stages => {
  const target = resourceOf(resources, relation.target)
  return {
    ...readOwner(resource),
    parse: (payload) => parsePage(target, payload, [requiredId]),
    handle: (call) => readPage(call, resources, target, {
      from: target.table,
      where: [{ sql: `${target.table}.${relation.column} = ?`, bindings: [ownerOf(call).id] }, call.rights.sql('list', target)],
      context: `${resource.name}.${relation.name}.${ownerOf(call).id}`,
    }),
  }
}

/** The same link seen from the other side: boot has checked that there is one. */
const inverseOf = (target: Resource, relation: OwnedRelation): OneRelation => {
  const found = [...target.relations.values()].find((other): other is OneRelation => other.kind === 'one' && other.field === relation.field)
  if (!found) throw new Error(`"${target.name}" has no relation by "${relation.field}"`)
  return found
}

export const changeOwnedStages = (resources: Resources, resource: Resource, relation: OwnedRelation, kind: 'add' | 'remove'): Stages => {
  const stages = changeOwner(resource, relation, [[relation.payload, id().required()]])
  const ends = (): { readonly target: Resource; readonly inverse: OneRelation } => {
    const target = targetOf(resources, relation)
    return { target, inverse: inverseOf(target, relation) }
  }
  const moved = new WeakMap<EngineCall, Row>()
  /** What becomes of the link, or undefined where it is so already. */
  const valueOf = (call: EngineCall, row: Row): string | null | undefined => {
    const isHere = row[relation.field] === ownerOf(call).id
    if (kind === 'add') return isHere ? undefined : ownerOf(call).id
    return isHere ? null : undefined
  }
  return {
    ...stages,
    load: async (call) => {
      const { target, inverse } = ends()
      if (inverse.acyclic) await lockTree(call.db, target.table)
      // The moved row first, then the owners that lose and gain it, in the order of their ids: as every other writer does.
      const row = await findRow(call.db, target, String(call.input[relation.payload]), { lock: 'change' })
      if (row) moved.set(call, row)
      const owners = [call.input['id'], row?.[relation.field]].filter((each): each is string => typeof each === 'string')
      await hold(call.db, resource.table, owners, 'no key update')
      await stages.load?.(call)
    },
    // The change is the moved row's, whichever end the event belongs to.
    candidate: async (call) => {
      const { target, inverse } = ends()
      const before = moved.get(call)
      for (const key of [relation.key, inverse.key]) if (!call.rights.holds(key)) throw forbidden(key)
      if (!before || !(await call.rights.nameable(target, [before.id])).has(before.id)) throw notFound()
      const value = valueOf(call, before)
      const values = value === undefined ? {} : { [inverse.field]: value }
      const change = stateChange(target, { before, after: { ...before, ...values }, values, links: [] })
      // The owner is the row that the event acts on: its right was asked, it need not be readable.
      return decide(call, change, { resources, resource: target, target: { resource: target, id: before.id } })
    },
    handle: async (call) => {
      const before = moved.get(call)
      if (!before) throw notFound()
      const value = valueOf(call, before)
      if (value !== undefined) await patchRow(call, ends().target, before, { [relation.field]: value })
      return rereadOwner(call, resource)
    },
  }
}
