// Links changed from the end that does not declare them: what changes is the row at the other end, whichever end the event belongs to.
import { decide, hold, requireEnds, stateChange } from '../access/decide.ts'
import { lockTree } from '../access/trees.ts'
import { compose, type EngineCall, type Steps } from '../call/operation.ts'
import { notFound } from '../define/errors.ts'
import type { Row } from '../define/rights.ts'
import type { InverseRelation, OneRelation, Resource } from '../model/resource.ts'
import { columnsFrom, linkChange, writeLinks } from './links.ts'
import { furtherGuard, furtherOf, furtherSelf } from './further.ts'
import { authoriseChange, changing, linkPayload } from './owner.ts'
import { projectChanged } from './project.ts'
import { findRow, loadRow } from './select.ts'
import { patchRow, rowAfter } from './write.ts'

/** What becomes of the other row's field; nothing where it is so already. */
const valuesOf = (kind: 'add' | 'remove', { field }: OneRelation, other: Row, owner: Row): Readonly<Record<string, string | null>> => {
  const isHere = other[field] === owner.id
  if (kind === 'add') return isHere ? {} : { [field]: owner.id }
  return isHere ? { [field]: null } : {}
}

/** Locks both rows, and the one that the other row leaves, in the order in which every other writer does. */
const lockEnds = async (call: EngineCall, resource: Resource, { target, of, payload }: InverseRelation) => {
  const id = String(call.input['id'])
  if (of.kind === 'link') await hold(call.db, resource.table, [id], 'no key update')
  else if (of.acyclic) await lockTree(call.db, target.table)
  const other = await findRow(call.db, target, String(call.input[payload]), { lock: 'change' })
  const left = of.kind === 'one' ? other?.[of.field] : undefined
  if (of.kind === 'one') await hold(call.db, resource.table, typeof left === 'string' ? [id, left] : [id], 'no key update')
  return { other, owner: await loadRow(call, resource, { lock: 'change' }) }
}

export const changeInverseSteps = (resource: Resource, relation: InverseRelation, kind: 'add' | 'remove'): Steps => {
  const { target, of } = relation
  const demand = changing(resource, relation)
  return compose({
    demands: [demand],
    ...linkPayload(resource, relation, of.kind === 'link' ? of.columns : []),
    load: (call) => lockEnds(call, resource, relation),
    authorise: async (call, { other, owner }) => ({ other, owner: await authoriseChange(call, demand, owner) }),
    async decide(call, { other, owner }) {
      requireEnds(call, relation)
      if (!other || !(await call.rights.nameable(target, [other.id])).has(other.id)) throw notFound()
      const values = of.kind === 'one' ? valuesOf(kind, of, other, owner) : {}
      const links = of.kind === 'link' ? [linkChange(kind, of, { target: owner.id, columns: columnsFrom(of, call.input) })] : []
      // The owner is the row that the event acts on: its right was asked, it need not be readable.
      await decide(call, stateChange(target, { before: other, after: { ...other, ...values }, values, links }), {
        resource: target, target: { resource: target, id: other.id },
      })
      return { other, owner, values, links }
    },
    foresee(call) {
      requireEnds(call, relation)
      return Promise.resolve([furtherOf(relation), ...(kind === 'add' ? furtherSelf(relation) : []), ...furtherGuard(target)])
    },
    async handle(call, { other, owner, values, links }) {
      if (Object.keys(values).length > 0) await patchRow(call, target, other, values)
      for (const change of links) await writeLinks(call.db, other.id, change)
      return rowAfter(call, resource, owner.id)
    },
    project: (call, _output, { owner }) => projectChanged(call, resource, owner.id),
  })
}
