// update: only the fields given change, and only if the row was and stays within the actor's rights.
import type { Resource, Resources } from '../boot/resource.ts'
import type { EngineCall, Stages } from '../call/operation.ts'
import { changeAction } from '../access/ability.ts'
import { notFound } from '../define/errors.ts'
import type { Row } from '../define/rights.ts'
import { authoriseCandidate, authoriseRow, checkVersion } from './authorise.ts'
import { updateParser } from './input.ts'
import { checkLinks, linkChanges } from './links.ts'
import { projectWritten } from './project.ts'
import { changedReferences, checkAcyclic, checkReferences, lockTree } from './references.ts'
import { findRow } from './select.ts'
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
      checkVersion(call, before)
      const { ifVersion: _seen, ...input } = call.input
      const candidate = { ...before, ...input }
      call.candidate = candidate
      const wanted = { action: 'update', key: resource.keys.update }
      const fields = givenFields(call)
      await authoriseCandidate(call, resource, candidate, fields.length === 0 ? wanted : { ...wanted, fields })
      const references = changedReferences(resource, input, before)
      const links = linkFields(resource, input).map((relation) => ({ relation, ...linkChanges(relation, before[relation.name], input[relation.name]) }))
      const changed = links.filter(({ added, removed }) => added.length + removed.length > 0)
      for (const relation of [...references, ...changed.map((link) => link.relation)]) {
        for (const row of [before, candidate]) await authoriseCandidate(call, resource, row, { action: changeAction(relation.name), key: relation.key })
      }
      for (const relation of references) if (relation.acyclic) await checkAcyclic(call.db, resource, relation, candidate)
      await checkReferences(call.db, resources, references, input)
      for (const { relation, added } of changed) await checkLinks(call.db, resources, relation, added)
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
