// update: only the fields given change, and only if the row was and stays within the actor's rights.
import { authoriseCandidate, authoriseRow, onRow } from '../access/authorise.ts'
import { decide, stateChange } from '../access/decide.ts'
import { lockTree } from '../access/trees.ts'
import { compose, type EngineCall, type Steps } from '../call/operation.ts'
import type { Payload } from '../define/call.ts'
import { requireVersion } from '../define/errors.ts'
import type { Resource } from '../model/resource.ts'
import { furtherFields, furtherGuard, furtherLinks, furtherResult } from './further.ts'
import { updatePayload } from './input.ts'
import { linkChanges } from './links.ts'
import { projectChanged } from './project.ts'
import { loadRow } from './select.ts'
import { linkFields, patchRow, treesOf } from './write.ts'

const valuesOf = ({ input: { ifVersion: _seen, id: _id, ...values } }: EngineCall): Payload => values

export const updateSteps = (resource: Resource): Steps => {
  const trees = treesOf(resource)
  const demand = onRow(resource, 'update')
  return compose({
    demands: [demand],
    ...updatePayload(resource),
    async load(call) {
      if (trees.some((relation) => call.input[relation.field] !== undefined)) await lockTree(call.db, resource.table)
      return loadRow(call, resource, { lock: 'change' })
    },
    async authorise(call, loaded) {
      const row = await authoriseRow(call, demand, loaded)
      await authoriseCandidate(call, resource, row, { ...demand, fields: Object.keys(valuesOf(call)) })
      return row
    },
    async decide(call, before) {
      requireVersion(before.version, call.input['ifVersion'])
      const values = valuesOf(call)
      const after = { ...before, ...values }
      const links = linkFields(resource, values).map((relation) => linkChanges(relation, before, values))
      const fields = Object.keys(values)
      const reached = { ...demand, ...(fields.length === 0 ? {} : { fields }) }
      const change = stateChange(resource, { before, after, values, links })
      await decide(call, change, { resource, row: () => authoriseCandidate(call, resource, after, reached) })
      return { before, values }
    },
    async foresee(call, before) {
      if (before) await decide(call, stateChange(resource, { before, after: before, values: {}, links: [] }), { resource })
      return [
        ...(before ? await furtherFields(call, demand, before) : []), ...furtherResult(call, demand), ...furtherLinks(resource),
        ...furtherGuard(resource),
      ]
    },
    handle: (call, { before, values }) => patchRow(call, resource, before, values),
    project: (call, _output, { before }) => projectChanged(call, resource, before.id),
  })
}
