// To-one relations: `<resource>-<relation>-get`, `-set`, `-remove`.
import { decide, stateChange } from '../access/decide.ts'
import { lockTree } from '../access/trees.ts'
import { compose, deciding, type EngineCall, type Steps } from '../call/operation.ts'
import type { Row } from '../define/rights.ts'
import type { OneRelation, Resource } from '../model/resource.ts'
import { furtherGuard, furtherOf } from './further.ts'
import { authoriseChange, changePayload, changing, ownerId, reading, targetPayload } from './owner.ts'
import { projectChanged, projectRow } from './project.ts'
import { findRow, loadRow } from './select.ts'
import { patchRow } from './write.ts'

export const getOneSteps = (resource: Resource, relation: OneRelation): Steps => deciding({
  ...reading(resource),
  ...ownerId(resource),
  async handle(call, owner) {
    const { target } = relation
    const targetId = owner[relation.field]
    const row = typeof targetId === 'string' ? await findRow(call.db, target, targetId) : undefined
    const visible = row && (await call.rights.can('get', target, row)) ? row : undefined
    return { [relation.name]: visible ? await projectRow(call, target, visible, 'get') : null }
  },
})

const changeOneSteps = (resource: Resource, relation: OneRelation, isSet: boolean): Steps => {
  const valueOf = ({ input }: EngineCall): string | null => (isSet ? String(input[relation.payload]) : null)
  const demand = changing(resource, relation)
  const stated = (before: Row, value: unknown) => {
    const values = { [relation.field]: value }
    return { values, change: stateChange(resource, { before, after: { ...before, ...values }, values, links: [] }) }
  }
  return compose({
    demands: [demand],
    ...(isSet ? targetPayload(resource, relation) : changePayload(resource, [])),
    async load(call) {
      // A tree is locked before its row is read, or two moves could both pass their check.
      if (relation.acyclic) await lockTree(call.db, resource.table)
      return loadRow(call, resource, { lock: 'change' })
    },
    authorise: (call, row) => authoriseChange(call, demand, row),
    async decide(call, before) {
      const { values, change } = stated(before, valueOf(call))
      const joined = change.moves[0]?.joined
      await decide(call, change, { resource, ...(joined === undefined ? {} : { target: { resource: relation.target, id: joined } }) })
      return { before, values }
    },
    async foresee(call, before) {
      // Cleared, the row tells all; set to what it is, it asks what it asks of any.
      if (before) await decide(call, stated(before, isSet ? before[relation.field] : null).change, { resource })
      return isSet ? [furtherOf(relation), ...furtherGuard(resource)] : before ? [] : [furtherOf(relation)]
    },
    handle: (call, { before, values }) => patchRow(call, resource, before, values),
    project: (call, _output, { before }) => projectChanged(call, resource, before.id),
  })
}

export const setOneSteps = (resource: Resource, relation: OneRelation): Steps => changeOneSteps(resource, relation, true)

export const clearOneSteps = (resource: Resource, relation: OneRelation): Steps => changeOneSteps(resource, relation, false)
