// One-to-many relations: the rows of another resource that name this one. Adding one moves it here.
import { decide, hold, stateChange } from '../access/decide.ts'
import { lockTree } from '../access/trees.ts'
import { compose, deciding, type Steps } from '../call/operation.ts'
import { forbidden, notFound } from '../define/errors.ts'
import { id } from '../define/fields.ts'
import type { Row } from '../define/rights.ts'
import type { OneRelation, OwnedRelation, Resource } from '../model/resource.ts'
import { requiredId } from './input.ts'
import { authoriseChange, authoriseReading, ownerAlias, parseChange } from './owner.ts'
import { parsePage, readPage } from './page.ts'
import { projectChanged } from './project.ts'
import { findRow, loadRow } from './select.ts'
import { patchRow, rowAfter } from './write.ts'

export const ownedPageSteps = (resource: Resource, relation: OwnedRelation): Steps => {
  const { target } = relation
  return deciding({
    parse: (payload) => parsePage(target, ownerAlias(resource, payload), [requiredId]),
    load: (call) => loadRow(call, resource),
    authorise: authoriseReading(resource),
    handle: (call, owner) => readPage(call, target, {
      from: target.table,
      where: [{ sql: `${target.table}.${relation.column} = ?`, bindings: [owner.id] }, call.rights.sql('list', target)],
      context: `${resource.name}.${relation.name}.${owner.id}`,
    }),
  })
}

/** What becomes of the moved row's field; nothing where it is so already. */
const valuesOf = (kind: 'add' | 'remove', { field }: OneRelation, moved: Row, owner: Row): Readonly<Record<string, string | null>> => {
  const isHere = moved[field] === owner.id
  if (kind === 'add') return isHere ? {} : { [field]: owner.id }
  return isHere ? { [field]: null } : {}
}

/** `inverse`: the same link as the moved rows declare it. */
export const changeOwnedSteps = (resource: Resource, relation: OwnedRelation, inverse: OneRelation, kind: 'add' | 'remove'): Steps => {
  const { target } = relation
  return compose({
    parse: parseChange(resource, [[relation.payload, id().required()]]),
    async load(call) {
      if (inverse.acyclic) await lockTree(call.db, target.table)
      // The moved row first, then the owners that lose and gain it, in the order of their ids: as every other writer does.
      const moved = await findRow(call.db, target, String(call.input[relation.payload]), { lock: 'change' })
      const owners = [call.input['id'], moved?.[relation.field]].filter((each): each is string => typeof each === 'string')
      await hold(call.db, resource.table, owners, 'no key update')
      return { moved, owner: await loadRow(call, resource, { lock: 'change' }) }
    },
    authorise: async (call, { moved, owner }) => ({ moved, owner: await authoriseChange(call, resource, relation, owner) }),
    // The change is the moved row's, whichever end the event belongs to.
    async decide(call, { moved, owner }) {
      for (const key of [relation.key, inverse.key]) if (!call.rights.holds(key)) throw forbidden(key)
      if (!moved || !(await call.rights.nameable(target, [moved.id])).has(moved.id)) throw notFound()
      const values = valuesOf(kind, inverse, moved, owner)
      const change = stateChange(target, { before: moved, after: { ...moved, ...values }, values, links: [] })
      // The owner is the row that the event acts on: its right was asked, it need not be readable.
      await decide(call, change, { resource: target, target: { resource: target, id: moved.id } })
      return { moved, owner, values }
    },
    async handle(call, { moved, owner, values }) {
      if (Object.keys(values).length > 0) await patchRow(call, target, moved, values)
      return rowAfter(call, resource, owner.id)
    },
    project: (call, _output, { owner }) => projectChanged(call, resource, owner.id),
  })
}
