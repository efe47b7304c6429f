// Many-to-many relations: their page, and adding or removing one link.
import type { Schema } from 'yup'
import { decide, hold, stateChange } from '../access/decide.ts'
import { compose, deciding, type EngineCall, type Steps } from '../call/operation.ts'
import { id } from '../define/fields.ts'
import type { Row } from '../define/rights.ts'
import type { LinkRelation, Resource } from '../model/resource.ts'
import { absentable, requiredId } from './input.ts'
import { addLinks, linkFrom, removeLinks } from './links.ts'
import { authoriseChange, authoriseReading, ownerAlias, parseChange } from './owner.ts'
import { parsePage, readPage } from './page.ts'
import { projectChanged } from './project.ts'
import { loadRow } from './select.ts'
import { rowAfter } from './write.ts'

/** Those who are linked by a relation that says so read this one whole. */
const readsWhole = async (call: EngineCall, resource: Resource, relation: LinkRelation, owner: Row): Promise<boolean> => {
  const { actor } = call
  if (!actor) return false
  for (const holding of resource.relations.values()) {
    if (holding.kind !== 'link' || holding.holds?.reads.includes(relation.name) !== true) continue
    const found: unknown = await call.db(holding.table).where({ [holding.own]: owner.id, [holding.other]: actor.id }).first(holding.own)
    if (found !== undefined) return true
  }
  return false
}

export const linkedPageSteps = (resource: Resource, relation: LinkRelation): Steps => {
  const { target } = relation
  return deciding({
    parse: (payload) => parsePage(target, ownerAlias(resource, payload), [requiredId]),
    load: (call) => loadRow(call, resource),
    authorise: authoriseReading(resource),
    async handle(call, owner) {
      const owned = { sql: `l.${relation.own} = ?`, bindings: [owner.id] }
      const whole = await readsWhole(call, resource, relation, owner)
      return readPage(call, target, {
        from: `${target.table} join ${relation.table} l on l.${relation.other} = ${target.table}.id`,
        whole,
        where: whole ? [owned] : [owned, call.rights.sql('list', target)],
        extra: relation.columns.map((column) => ({ name: column.name, sql: `l.${column.column}` })),
        context: `${resource.name}.${relation.name}.${owner.id}`,
      })
    },
  })
}

export const changeLinkSteps = (resource: Resource, relation: LinkRelation, kind: 'add' | 'remove'): Steps => {
  const columns = relation.columns.map((column): [string, Schema] => [column.name, absentable(column.schema)])
  const targetId = (call: EngineCall): string => String(call.input[relation.payload])
  return compose({
    parse: parseChange(resource, [[relation.payload, id().required()], ...columns]),
    async load(call) {
      // The target before the owner: a delete of the target holds it and then touches its owners.
      await hold(call.db, relation.target.table, [targetId(call)], 'key share')
      return loadRow(call, resource, { lock: 'change' })
    },
    authorise: (call, row) => authoriseChange(call, resource, relation, row),
    async decide(call, before) {
      const link = linkFrom(relation, call.input)
      const links = [{ relation, added: kind === 'add' ? [link] : [], removed: kind === 'remove' ? [link] : [] }]
      const change = stateChange(resource, { before, after: before, values: {}, links })
      await decide(call, change, { resource, target: { resource: relation.target, id: targetId(call) } })
      return { owner: before, link }
    },
    async handle(call, { owner, link }) {
      await (kind === 'add' ? addLinks : removeLinks)(call.db, relation, owner.id, [link])
      return rowAfter(call, resource, owner.id)
    },
    project: (call, _output, { owner }) => projectChanged(call, resource, owner.id),
  })
}
