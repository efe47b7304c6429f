// To-one relations: `<resource>-<relation>-get`, `-set`, `-remove`.
import { decide, stateChange } from '../access/decide.ts'
import { lockTree } from '../access/trees.ts'
import { compose, deciding, type EngineCall, type Steps } from '../call/operation.ts'
import { id } from '../define/fields.ts'
import { validate } from '../define/validate.ts'
import type { OneRelation, Resource } from '../model/resource.ts'
import { requiredId } from './input.ts'
import { authoriseChange, authoriseReading, ownerAlias, parseChange } from './owner.ts'
import { projectChanged, projectRow } from './project.ts'
import { findRow, loadRow } from './select.ts'
import { patchRow } from './write.ts'

export const getOneSteps = (resource: Resource, relation: OneRelation): Steps => deciding({
  parse: (payload) => validate(new Map([requiredId]), ownerAlias(resource, payload)),
  load: (call) => loadRow(call, resource),
  authorise: authoriseReading(resource),
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
  return compose({
    parse: parseChange(resource, isSet ? [[relation.payload, id().required()]] : []),
    async load(call) {
      // A tree is locked before its row is read, or two moves could both pass their check.
      if (relation.acyclic) await lockTree(call.db, resource.table)
      return loadRow(call, resource, { lock: 'change' })
    },
    authorise: (call, row) => authoriseChange(call, resource, relation, row),
    async decide(call, before) {
      const values = { [relation.field]: valueOf(call) }
      const change = stateChange(resource, { before, after: { ...before, ...values }, values, links: [] })
      const joined = change.moves[0]?.joined
      await decide(call, change, { resource, ...(joined === undefined ? {} : { target: { resource: relation.target, id: joined } }) })
      return { before, values }
    },
    handle: (call, { before, values }) => patchRow(call, resource, before, values),
    project: (call, _output, { before }) => projectChanged(call, resource, before.id),
  })
}

export const setOneSteps = (resource: Resource, relation: OneRelation): Steps => changeOneSteps(resource, relation, true)

export const clearOneSteps = (resource: Resource, relation: OneRelation): Steps => changeOneSteps(resource, relation, false)
