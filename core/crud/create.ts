// create: a new row, in scope, with what it refers to.
import { v7 as uuid } from 'uuid'
import { authorise, authoriseCandidate, onResource } from '../access/authorise.ts'
import { decide, stateChange } from '../access/decide.ts'
import { lockTree } from '../access/trees.ts'
import { compose, type Steps } from '../call/operation.ts'
import type { Resource } from '../model/resource.ts'
import { furtherGuard, furtherLinks, furtherResult } from './further.ts'
import { createPayload, withDefaults } from './input.ts'
import { linksFrom } from './links.ts'
import { projectChanged } from './project.ts'
import { insertRow, linkFields, treesOf } from './write.ts'

export const createSteps = (resource: Resource): Steps => {
  const demand = onResource(resource, 'create')
  const trees = treesOf(resource)
  return compose({
    demands: [demand],
    ...createPayload(resource),
    async load({ db, input }) {
      if (trees.some((relation) => typeof input[relation.field] === 'string')) await lockTree(db, resource.table)
    },
    authorise: (call) => authorise(call, demand),
    async decide(call) {
      const id = typeof call.input['id'] === 'string' ? call.input['id'] : uuid()
      const after = { ...withDefaults(resource, call.input), id }
      const links = linkFields(resource, call.input).map((relation) =>
        ({ relation, added: linksFrom(relation, call.input[relation.name]), removed: [] }))
      const change = stateChange(resource, { before: undefined, after, values: { ...call.input, ...after }, links })
      await decide(call, change, { resource, row: () => authoriseCandidate(call, resource, after, demand) })
      return after
    },
    foresee: (call) => Promise.resolve([...furtherResult(call, demand), ...furtherLinks(resource), ...furtherGuard(resource)]),
    handle: (call, after) => insertRow(call, resource, after),
    project: (call, _output, { id }) => projectChanged(call, resource, id),
  })
}
