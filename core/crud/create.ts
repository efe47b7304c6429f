// create: a new row, in scope, with what it refers to.
import { v7 as uuid } from 'uuid'
import type { Resource, Resources } from '../model/resource.ts'
import type { Stages } from '../call/operation.ts'
import { forbidden } from '../define/errors.ts'
import { authoriseCandidate } from './authorise.ts'
import { decide, stateChange } from './change.ts'
import { createParser, withDefaults } from './input.ts'
import { linksFrom } from './links.ts'
import { projectWritten } from './project.ts'
import { findRow } from './select.ts'
import { lockTree } from './trees.ts'
import { insertRow, linkFields } from './write.ts'

export const createStages = (resources: Resources, resource: Resource): Stages => {
  const wanted = { action: 'create', key: resource.keys.create }
  const trees = [...resource.relations.values()].flatMap((relation) => (relation.kind === 'one' && relation.acyclic ? [relation] : []))
  return {
    parse: createParser(resource),
    load: async (call) => {
      if (trees.some((relation) => typeof call.input[relation.field] === 'string')) await lockTree(call.db, resource.table)
    },
    authorise: (call) => {
      if (!call.rights.mayAsk('create', resource, resource.keys.create)) throw forbidden(resource.keys.create)
      return Promise.resolve()
    },
    candidate: async (call) => {
      const id = typeof call.input['id'] === 'string' ? call.input['id'] : uuid()
      const after = { ...withDefaults(resource, call.input), id }
      call.candidate = after
      const links = linkFields(resource, call.input).map((relation) => ({ relation, added: linksFrom(relation, call.input[relation.name]), removed: [] }))
      const change = stateChange(resource, { before: undefined, after, values: { ...call.input, ...after }, links })
      return decide(call, change, { resources, resource, row: () => authoriseCandidate(call, resource, after, wanted) })
    },
    handle: (call) => insertRow(call, resource, { ...call.candidate, id: String(call.candidate?.['id']) }),
    project: async (call, output) => {
      const row = await findRow(call.db, resource, String(output['id']))
      return row ? projectWritten(call, resource, row) : { id: output['id'] }
    },
  }
}
