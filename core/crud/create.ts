// create: a new row, in scope, with what it refers to.
import { v7 as uuid } from 'uuid'
import { authoriseCandidate } from '../access/authorise.ts'
import { decide, stateChange } from '../access/decide.ts'
import { lockTree } from '../access/trees.ts'
import { compose, type Steps } from '../call/operation.ts'
import { forbidden } from '../define/errors.ts'
import type { Resource } from '../model/resource.ts'
import { createParser, withDefaults } from './input.ts'
import { linksFrom } from './links.ts'
import { projectChanged } from './project.ts'
import { insertRow, linkFields, treesOf } from './write.ts'

export const createSteps = (resource: Resource): Steps => {
  const wanted = { action: 'create', key: resource.keys.create }
  const trees = treesOf(resource)
  return compose({
    parse: createParser(resource),
    async load({ db, input }) {
      if (trees.some((relation) => typeof input[relation.field] === 'string')) await lockTree(db, resource.table)
    },
    async authorise({ rights }) {
      if (!rights.mayAsk('create', resource, wanted.key)) throw forbidden(wanted.key)
    },
    async decide(call) {
      const id = typeof call.input['id'] === 'string' ? call.input['id'] : uuid()
      const after = { ...withDefaults(resource, call.input), id }
      const links = linkFields(resource, call.input).map((relation) =>
        ({ relation, added: linksFrom(relation, call.input[relation.name]), removed: [] }))
      const change = stateChange(resource, { before: undefined, after, values: { ...call.input, ...after }, links })
      await decide(call, change, { resource, row: () => authoriseCandidate(call, resource, after, wanted) })
      return after
    },
    handle: (call, after) => insertRow(call, resource, after),
    project: (call, _output, { id }) => projectChanged(call, resource, id),
  })
}
