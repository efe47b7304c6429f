// update: only the fields given change, and only if the row was and stays within the actor's rights.
import type { Resource, Resources } from '../model/resource.ts'
import type { EngineCall, Stages } from '../call/operation.ts'
import { notFound, requireVersion } from '../define/errors.ts'
import type { Row } from '../define/rights.ts'
import { authoriseCandidate, authoriseRow } from './authorise.ts'
import { decide, stateChange } from './change.ts'
import { updateParser } from './input.ts'
import { linkChanges } from './links.ts'
import { projectWritten } from './project.ts'
import { findRow } from './select.ts'
import { lockTree } from './trees.ts'
import { linkFields, patchRow } from './write.ts'

const control = new Set(['id', 'ifVersion'])

const beforeOf = (call: EngineCall): Row => {
  if (!call.before) throw notFound()
  return call.before
}

export const updateStages = (resources: Resources, resource: Resource): Stages => {
  const trees = [...resource.relations.values()].flatMap((relation) => (relation.kind === 'one' && relation.acyclic ? [relation] : []))
  const givenFields = (call: EngineCall): string[] => Object.keys(call.input).filter((name) => !control.has(name))
  return {
    parse: updateParser(resource),
    load: async (call) => {
      if (trees.some((relation) => call.input[relation.field] !== undefined)) await lockTree(call.db, resource.table)
      call.before = await findRow(call.db, resource, String(call.input['id']), { lock: 'change' })
    },
    authorise: async (call) => {
      const wanted = { action: 'update', key: resource.keys.update }
      const row = await authoriseRow(call, resource, call.before, wanted)
      await authoriseCandidate(call, resource, row, { ...wanted, fields: givenFields(call) })
    },
    candidate: async (call) => {
      const before = beforeOf(call)
      requireVersion(before.version, call.input['ifVersion'])
      const { ifVersion: _seen, id: _id, ...values } = call.input
      const after = { ...before, ...values }
      call.candidate = after
      const links = linkFields(resource, values).map((relation) => ({ relation, ...linkChanges(relation, before[relation.name], values[relation.name]) }))
      const fields = givenFields(call)
      const wanted = { action: 'update', key: resource.keys.update, ...(fields.length === 0 ? {} : { fields }) }
      return decide(call, stateChange(resource, { before, after, values, links }), {
        resources, resource, row: () => authoriseCandidate(call, resource, after, wanted),
      })
    },
    handle: (call) => {
      const { ifVersion: _seen, ...input } = call.input
      return patchRow(call, resource, beforeOf(call), input)
    },
    project: async (call, output) => {
      const row = await findRow(call.db, resource, String(output['id']))
      return row ? projectWritten(call, resource, row) : { id: output['id'] }
    },
  }
}
