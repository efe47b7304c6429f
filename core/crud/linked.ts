// Many-to-many relations: adding or removing one link from the end that declares it.
import { decide, hold, requireEnds, stateChange } from '../access/decide.ts'
import { compose, type Steps } from '../call/operation.ts'
import type { Row } from '../define/rights.ts'
import type { LinkRelation, Resource } from '../model/resource.ts'
import { furtherGuard, furtherOf, furtherSelf } from './further.ts'
import { linkChange, linkFrom, writeLinks, type RelationLinks } from './links.ts'
import { authoriseChange, changing, linkPayload } from './owner.ts'
import { projectChanged } from './project.ts'
import { loadRow } from './select.ts'
import { rowAfter } from './write.ts'

export const changeLinkSteps = (resource: Resource, relation: LinkRelation, kind: 'add' | 'remove'): Steps => {
  const demand = changing(resource, relation)
  const stated = (owner: Row, links: readonly RelationLinks[]) => stateChange(resource, { before: owner, after: owner, values: {}, links })
  return compose({
    demands: [demand],
    ...linkPayload(resource, relation, relation.columns),
    async load(call) {
      // The target before the owner: a delete of the target holds it and then touches its owners. It changes too where it names the link.
      const strength = relation.inverse ? 'no key update' : 'key share'
      await hold(call.db, relation.target.table, [String(call.input[relation.payload])], strength)
      return loadRow(call, resource, { lock: 'change' })
    },
    authorise: (call, row) => authoriseChange(call, demand, row),
    async decide(call, owner) {
      const links = [linkChange(kind, relation, linkFrom(relation, call.input))]
      const target = { resource: relation.target, id: String(call.input[relation.payload]) }
      await decide(call, stated(owner, links), { resource, target })
      return { owner, links }
    },
    async foresee(call, owner) {
      requireEnds(call, relation)
      if (owner) await decide(call, stated(owner, [{ relation, added: [], removed: [] }]), { resource })
      return [furtherOf(relation), ...(kind === 'add' ? furtherSelf(relation) : []), ...furtherGuard(resource)]
    },
    async handle(call, { owner, links }) {
      for (const change of links) await writeLinks(call.db, owner.id, change)
      return rowAfter(call, resource, owner.id)
    },
    project: (call, _output, { owner }) => projectChanged(call, resource, owner.id),
  })
}
