// delete: a row that nothing else needs. Its own links go with it.
import { authoriseRow, onRow } from '../access/authorise.ts'
import { decide, stateChange } from '../access/decide.ts'
import { compose, type EngineCall, type Steps } from '../call/operation.ts'
import { modelOf } from '../db/models.ts'
import { ask, prepared, type Prepared } from '../define/statement.ts'
import { conflict, requireVersion } from '../define/errors.ts'
import type { Row } from '../define/rights.ts'
import { validate } from '../define/validate.ts'
import { linksOf, type Resource, type Resources } from '../model/resource.ts'
import { requiredId, version } from './input.ts'
import { loadRow } from './select.ts'

const deletions = new WeakMap<Resource, Prepared>()

/** Deletes the row if nothing refers to it, and answers what does. What comes to refer to it meanwhile, its foreign key refuses. */
export const deletionOf = (resource: Resource): Prepared => {
  const known = deletions.get(resource)
  if (known) return known
  const { table, references } = resource
  const counts = references.map((each) => `(select count(*) from ${each.table} where ${each.column} = given.id)`)
  // What a definition adds to its model may want to hear of it: then the model deletes.
  const gone = resource.extend ? '' : `, gone as (delete from ${table} r using given, used where r.id = given.id and not (0 < any(used.counts)))`
  const made = prepared(`with given as (select ?::text as id),
    used as materialized (select array[${counts.join(', ')}]::bigint[] as counts from given)${gone} select used.counts from used`)
  deletions.set(resource, made)
  return made
}

/** @throws AppError conflict with what refers to it: how much, is told only to those who may delete it */
const deleteUnused = async ({ db }: EngineCall, resource: Resource, id: string): Promise<void> => {
  const { rows: [row] } = await ask<{ counts: number[] }>(db, deletionOf(resource), [id])
  const counts = new Map<string, number>()
  for (const [index, { resource: name }] of resource.references.entries()) {
    const count = row?.counts[index] ?? 0
    if (count > 0) counts.set(name, (counts.get(name) ?? 0) + count)
  }
  const usedBy = [...counts].map(([name, count]) => ({ resource: name, count }))
  if (usedBy.length > 0) throw conflict({ usedBy }, 'Other rows still refer to this one')
  if (resource.extend) await modelOf(resource).query(db).delete().where('id', id)
}

/**
 * Holds the owners of links that go with the row, all of one table at once and in the order of their ids: the tables of links
 * fall one after another, and two deletes that touch the same owners by different links would wait for each other.
 */
const holdOwners = async (call: EngineCall, resources: Resources, resource: Resource, id: string): Promise<void> => {
  for (const owner of resources.values()) {
    const links = [...owner.relations.values()].flatMap((relation) =>
      ((relation.kind === 'link' && !relation.restrict) || relation.kind === 'linked') && relation.target === resource
        ? [linksOf(relation)] : [])
    if (links.length === 0) continue
    const ids = links.map(({ own, other, table }) => `select ${own} from ${table} where ${other} = ?`).join(' union ')
    await call.db.raw(`select id from ${owner.table} where id in (${ids}) order by id for no key update`, links.map(() => id))
  }
}

const deletionPayload = new Map([requiredId, version])

export const deleteSteps = (resources: Resources, resource: Resource): Steps => {
  const demand = onRow(resource, 'delete')
  const stated = (before: Row) => stateChange(resource, { before, after: undefined, values: {}, links: [] })
  return compose({
    demands: [demand],
    accepts: { fields: deletionPayload },
    parse: (payload) => validate(deletionPayload, payload),
    load: (call) => loadRow(call, resource, { lock: 'delete' }),
    authorise: (call, row) => authoriseRow(call, demand, row),
    async decide(call, before) {
      requireVersion(before.version, call.input['ifVersion'])
      await decide(call, stated(before), { resource })
      return before
    },
    async foresee(call, before) {
      if (before) await decide(call, stated(before), { resource })
      return []
    },
    async handle(call, { id }) {
      await holdOwners(call, resources, resource, id)
      await deleteUnused(call, resource, id)
      return { id }
    },
  })
}
