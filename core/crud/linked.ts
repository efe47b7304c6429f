// Many-to-many relations: adding or removing one link from the end that declares it.
import { decide, hold, stateChange } from '../access/decide.ts'
import { compose, type Steps } from '../call/operation.ts'
import type { LinkRelation, Resource } from '../model/resource.ts'
import { linkChange, linkFrom, writeLinks } from './links.ts'
import { authoriseChange, parseLinking } from './owner.ts'
import { projectChanged } from './project.ts'
import { loadRow } from './select.ts'
import { rowAfter } from './write.ts'

export const changeLinkSteps = (resource: Resource, relation: LinkRelation, kind: 'add' | 'remove'): Steps => compose({
  parse: parseLinking(resource, relation, relation.columns),
  async load(call) {
    // The target before the owner: a delete of the target holds it and then touches its owners. It changes too where it names the link.
    const strength = relation.inverse ? 'no key update' : 'key share'
    await hold(call.db, relation.target.table, [String(call.input[relation.payload])], strength)
    return loadRow(call, resource, { lock: 'change' })
  },
  authorise: (call, row) => authoriseChange(call, resource, relation, row),
  async decide(call, owner) {
    const links = [linkChange(kind, relation, linkFrom(relation, call.input))]
    const change = stateChange(resource, { before: owner, after: owner, values: {}, links })
    await decide(call, change, { resource, target: { resource: relation.target, id: String(call.input[relation.payload]) } })
    return { owner, links }
  },
  async handle(call, { owner, links }) {
    for (const change of links) await writeLinks(call.db, owner.id, change)
    return rowAfter(call, resource, owner.id)
  },
  project: (call, _output, { owner }) => projectChanged(call, resource, owner.id),
})
