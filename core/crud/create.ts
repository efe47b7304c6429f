// create: a new row, in scope, with what it refers to.
import { v7 as uuid } from 'uuid'
import type { Resource, Resources } from '../boot/resource.ts'
import type { Stages } from '../call/operation.ts'
import { changeAction } from '../access/ability.ts'
import { forbidden } from '../define/errors.ts'
import { authoriseCandidate } from './authorise.ts'
import { createParser, withDefaults } from './input.ts'
import { checkLinks, linksFrom } from './links.ts'
import { projectWritten } from './project.ts'
import { changedReferences, checkAcyclic, checkReferences, lockTree } from './references.ts'
import { findRow } from './select.ts'
import { insertRow, linkFields } from './write.ts'

export const createStages = (resources: Resources, resource: Resource): Stages => ({
  parse: createParser(resource),
  load: async (call) => {
    if (changedReferences(resource, call.input, undefined).some((relation) => relation.acyclic)) await lockTree(call.db, resource.table)
  },
  authorise: async (call) => {
    if (!call.rights.mayAsk('create', resource, resource.keys.create)) throw forbidden(resource.keys.create)
  },
  candidate: async (call) => {
    const id = typeof call.input['id'] === 'string' ? call.input['id'] : uuid()
    const candidate = { ...withDefaults(resource, call.input), id }
    call.candidate = candidate
    const references = changedReferences(resource, call.input, undefined)
    const links = linkFields(resource, call.input).filter((relation) => linksFrom(relation, call.input[relation.name]).length > 0)
    await authoriseCandidate(call, resource, candidate, { action: 'create', key: resource.keys.create })
    for (const relation of [...references, ...links]) {
      await authoriseCandidate(call, resource, candidate, { action: changeAction(relation.name), key: relation.key })
    }
    for (const relation of references) if (relation.acyclic) await checkAcyclic(call.db, resource, relation, candidate)
    await checkReferences(call.db, resources, references, call.input)
    for (const relation of links) await checkLinks(call.db, resources, relation, linksFrom(relation, call.input[relation.name]))
  },
  handle: (call) => insertRow(call, resource, { ...call.candidate, id: String(call.candidate?.['id']) }),
  project: async (call, output) => {
    const row = await findRow(call.db, resource, String(output['id']))
    return row ? projectWritten(call, resource, row) : { id: output['id'] }
  },
})
