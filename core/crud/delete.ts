// delete: a row that nothing else needs. Its own links go with it.
import { authoriseRow } from '../access/authorise.ts'
import { decide, stateChange } from '../access/decide.ts'
import { compose, type EngineCall, type Steps } from '../call/operation.ts'
import { modelOf } from '../db/models.ts'
import { conflict, requireVersion } from '../define/errors.ts'
import { validate } from '../define/validate.ts'
import type { Resource, Resources } from '../model/resource.ts'
import { requiredId, version } from './input.ts'
import { loadRow } from './select.ts'

const usedBy = async (call: EngineCall, resource: Resource, id: string): Promise<{ resource: string; count: number }[]> => {
  const counts = new Map<string, number>()
  for (const reference of resource.references) {
    const found: { count: number | string }[] = await call.db(reference.table).where({ [reference.column]: id }).count({ count: '*' })
    const count = Number(found[0]?.count ?? 0)
    if (count > 0) counts.set(reference.resource, (counts.get(reference.resource) ?? 0) + count)
  }
  return [...counts].map(([name, count]) => ({ resource: name, count }))
}

/**
 * Holds the owners of links that go with the row, all of one table at once and in the order of their ids: the tables of links
 * fall one after another, and two deletes that touch the same owners by different links would wait for each other.
 */
const holdOwners = async (call: EngineCall, resources: Resources, resource: Resource, id: string): Promise<void> => {
  for (const owner of resources.values()) {
    const links = [...owner.relations.values()].flatMap((relation) =>
      (relation.kind === 'link' && relation.target === resource && !relation.restrict ? [relation] : []))
    if (links.length === 0) continue
    const ids = links.map(({ own, other, table }) => `select ${own} from ${table} where ${other} = ?`).join(' union ')
    await call.db.raw(`select id from ${owner.table} where id in (${ids}) order by id for no key update`, links.map(() => id))
  }
}

export const deleteSteps = (resources: Resources, resource: Resource): Steps => compose({
  parse: (payload) => validate(new Map([requiredId, version]), payload),
  async load(call) {
    // A grant that is just naming it as its scope is waited for, and then counted.
    if (resource.isScope) await call.db.raw('select 1 from scopes where id = ? for update', [String(call.input['id'])])
    return loadRow(call, resource, { lock: 'delete' })
  },
  authorise: (call, row) => authoriseRow(call, resource, row, { action: 'delete', key: resource.keys.delete }),
  async decide(call, before) {
    requireVersion(before.version, call.input['ifVersion'])
    await decide(call, stateChange(resource, { before, after: undefined, values: {}, links: [] }), { resource })
    return before
  },
  async handle(call, { id }) {
    // After every decision: how much refers to a row is told only to those who may delete it.
    const uses = await usedBy(call, resource, id)
    if (uses.length > 0) throw conflict({ usedBy: uses }, 'Other rows still refer to this one')
    await holdOwners(call, resources, resource, id)
    await modelOf(resource).query(call.db).delete().where('id', id)
    return { id }
  },
})
