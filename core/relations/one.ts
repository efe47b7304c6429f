// To-one relations: `<resource>-<relation>-get`, `-set`, `-remove`.
import type { OneRelation, Resource, Resources } from '../boot/resource.ts'
import type { EngineCall, Stages } from '../call/operation.ts'
import { validate } from '../call/validate.ts'
import { changeAction } from '../access/ability.ts'
import { authoriseCandidate } from '../crud/authorise.ts'
import { requiredId } from '../crud/input.ts'
import { projectRow } from '../crud/project.ts'
import { checkAcyclic, lockTree, rowExists } from '../crud/references.ts'
import { findRow } from '../crud/select.ts'
import { patchRow } from '../crud/write.ts'
import { id } from '../define/fields.ts'
import { notFound } from '../define/errors.ts'
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

const change = async (call: EngineCall, resource: Resource, relation: OneRelation, value: string | null) => {
  const before = ownerOf(call)
  const candidate = { ...before, [relation.field]: value }
  if (!call.system) await authoriseCandidate(call, resource, candidate, { action: changeAction(relation.name), key: relation.key })
  if (relation.acyclic) await checkAcyclic(call.db, resource, relation, candidate)
  return patchRow(call, resource, before, { [relation.field]: value })
}

/** A tree is locked before its row is read, or two moves could both pass their check. */
const inTree = (stages: Omit<Stages, 'handle'>, resource: Resource, relation: OneRelation): Omit<Stages, 'handle'> => ({
  ...stages,
  load: async (call) => {
    if (relation.acyclic) await lockTree(call.db, resource.table)
    await stages.load?.(call)
  },
})

export const setOneStages = (resources: Resources, resource: Resource, relation: OneRelation): Stages => ({
  ...inTree(changeOwner(resource, relation, [[relation.payload, id().required()]]), resource, relation),
  handle: async (call) => {
    const value = String(call.input[relation.payload])
    if (!(await rowExists(call.db, targetOf(resources, relation).table, value))) throw notFound()
    return change(call, resource, relation, value)
  },
})

export const removeOneStages = (resource: Resource, relation: OneRelation): Stages => ({
  ...inTree(changeOwner(resource, relation, []), resource, relation),
  handle: (call) => change(call, resource, relation, null),
})
