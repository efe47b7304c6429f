// To-one relations: `<resource>-<relation>-get`, `-set`, `-remove`.
import type { OneRelation, Resource, Resources } from '../model/resource.ts'
import type { EngineCall, Stages } from '../call/operation.ts'
import { validate } from '../define/validate.ts'
import { decide, stateChange } from './change.ts'
import { requiredId } from './input.ts'
import { projectRow } from './project.ts'
import { findRow } from './select.ts'
import { lockTree } from './trees.ts'
import { patchRow } from './write.ts'
import { id } from '../define/fields.ts'
import { changeOwner, ownerOf, readOwner, targetOf } from './owner.ts'

export const getOneStages = (resources: Resources, resource: Resource, relation: OneRelation): Stages => ({
  ...readOwner(resource),
  parse: (payload) => validate(new Map([requiredId]), payload),
  handle: async (call) => {
    const target = targetOf(resources, relation)
    const targetId = ownerOf(call)[relation.field]
    const row = typeof targetId === 'string' ? await findRow(call.db, target, targetId) : undefined
    const visible = row && (await call.rights.can('get', target, row)) ? row : undefined
    return { [relation.name]: visible ? await projectRow(call, target, visible, 'get') : null }
  },
})

/** A tree is locked before its row is read, or two moves could both pass their check. */
const inTree = (stages: Omit<Stages, 'handle'>, resource: Resource, relation: OneRelation): Omit<Stages, 'handle'> => ({
  ...stages,
  load: async (call) => {
    if (relation.acyclic) await lockTree(call.db, resource.table)
    await stages.load?.(call)
  },
})

type ValueOf = (call: EngineCall) => string | null

const changeOne = (resources: Resources, resource: Resource, relation: OneRelation, valueOf: ValueOf): Pick<Stages, 'candidate' | 'handle'> => ({
  candidate: (call) => {
    const before = ownerOf(call)
    const values = { [relation.field]: valueOf(call) }
    const change = stateChange(resource, { before, after: { ...before, ...values }, values, links: [] })
    const [move] = change.moves
    const target = move?.joined === undefined ? {} : { target: { resource: targetOf(resources, relation), id: move.joined } }
    return decide(call, change, { resources, resource, ...target })
  },
  handle: (call) => patchRow(call, resource, ownerOf(call), { [relation.field]: valueOf(call) }),
})

export const setOneStages = (resources: Resources, resource: Resource, relation: OneRelation): Stages => ({
  ...inTree(changeOwner(resource, relation, [[relation.payload, id().required()]]), resource, relation),
  ...changeOne(resources, resource, relation, (call) => String(call.input[relation.payload])),
})

export const removeOneStages = (resources: Resources, resource: Resource, relation: OneRelation): Stages => ({
  ...inTree(changeOwner(resource, relation, []), resource, relation),
  ...changeOne(resources, resource, relation, () => null),
})
