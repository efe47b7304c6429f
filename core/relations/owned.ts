// One-to-many relations: the rows of another resource that name this one. Adding one moves it here.
import { resourceOf, type OneRelation, type OwnedRelation, type Resource, type Resources } from '../boot/resource.ts'
import type { EngineCall, Stages } from '../call/operation.ts'
import { changeAction } from '../access/ability.ts'
import { authoriseCandidate } from '../crud/authorise.ts'
import { requiredId } from '../crud/input.ts'
import { parsePage, readPage } from '../crud/page.ts'
import { checkAcyclic, lockTree } from '../crud/references.ts'
import { findRow } from '../crud/select.ts'
import { patchRow } from '../crud/write.ts'
import { notFound } from '../define/errors.ts'
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

interface Move {
  readonly target: Resource
  readonly inverse: OneRelation
  readonly before: Row
  readonly value: string | null
}

/** The moved row must lie within the right too, where it was and where it comes to be. */
const move = async (call: EngineCall, { target, inverse, before, value }: Move): Promise<void> => {
  const candidate = { ...before, [inverse.field]: value }
  if (!call.system) {
    for (const row of [before, candidate]) await authoriseCandidate(call, target, row, { action: changeAction(inverse.name), key: inverse.key })
  }
  if (inverse.acyclic) await checkAcyclic(call.db, target, inverse, candidate)
  await patchRow(call, target, before, { [inverse.field]: value })
}

export const changeOwnedStages = (resources: Resources, resource: Resource, relation: OwnedRelation, kind: 'add' | 'remove'): Stages => {
  const stages = changeOwner(resource, relation, [[relation.payload, id().required()]])
  return {
    ...stages,
    load: async (call) => {
      const target = targetOf(resources, relation)
      if (inverseOf(target, relation).acyclic) await lockTree(call.db, target.table)
      // The moved row first, then the owners that lose and gain it, in the order of their ids: as every other writer does.
      const moved = await findRow(call.db, target, String(call.input[relation.payload]), { lock: 'change' })
      call.stage.set('moved', moved)
      const owners = [call.input['id'], moved?.[relation.field]].filter((each): each is string => typeof each === 'string')
      await call.db.raw('select 1 from ?? where id = any(?::text[]) order by id for no key update', [resource.table, owners])
      await stages.load?.(call)
    },
    handle: async (call) => {
      const target = targetOf(resources, relation)
      const inverse = inverseOf(target, relation)
      const owner = ownerOf(call)
      const before = call.stage.get('moved') as Row | undefined
      if (!before) throw notFound()
      const isHere = before[inverse.field] === owner.id
      if (kind === 'add' && !isHere) await move(call, { target, inverse, before, value: owner.id })
      if (kind === 'remove' && isHere) await move(call, { target, inverse, before, value: null })
      return rereadOwner(call, resource)
    },
  }
}

