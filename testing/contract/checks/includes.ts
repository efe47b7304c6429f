// Checks of include: every relation that can be embedded is the row itself; every other is refused.
import { expect } from 'chai'
import { it } from '../../runner.ts'
import { linksOf, type CompiledRelation, type ManyRelation, type Resource } from '../../../core/model/resource.ts'
import { refusal, success, type Row } from '../transport.ts'
import { ask, create, createRow, fullPayload, isRequiredReference, ok, readRow, type Later, type World } from '../world.ts'

/** Links a new row by the event that adds one, if there is such an event. */
const linkOne = async (world: World, { owner, item, target, payload }: ManyRelation, id: unknown): Promise<unknown[]> => {
  if (item === undefined) return []
  const linked = await createRow(world, target)
  await ok(world, `${owner}-add-${item}`, { id, [payload]: linked['id'] })
  return [linked['id']]
}

/** A row that has something in every relation that can be included, with the ids of what is in it. */
const related = async (world: World, resource: Resource): Promise<{ row: Row; manyOf: Map<string, unknown[]> }> => {
  const row = await create(world, resource, await fullPayload(world, resource))
  const manyOf = new Map<string, unknown[]>()
  for (const relation of resource.relations.values()) {
    if (relation.kind === 'owned' && relation.cap !== undefined) {
      const rows = [
        await createRow(world, relation.target, { [relation.of.field]: row['id'] }),
        await createRow(world, relation.target, { [relation.of.field]: row['id'] }),
      ]
      manyOf.set(relation.name, rows.map(({ id }) => id))
    } else if (relation.kind !== 'one' && relation.cap !== undefined) {
      const isField = relation.kind === 'link' && relation.isField
      manyOf.set(relation.name, isField ? (row[relation.name] as unknown[]) : await linkOne(world, relation, row['id']))
    }
  }
  return { row: await readRow(world, resource, row['id']), manyOf }
}

const isIncludable = (relation: CompiledRelation): boolean => relation.kind === 'one' || relation.cap !== undefined

export const includeChecks = (later: Later, resource: Resource): void => {
  const { name } = resource
  const relations = [...resource.relations.values()]
  const includable = relations.filter(isIncludable)

  if (includable.length > 0) {
    it(`embeds ${includable.map((relation) => relation.name).join(', ')} in get and in list`, async () => {
      const world = later()
      const { row, manyOf } = await related(world, resource)
      const { id } = row
      for (const include of [...includable.map((relation) => [relation.name]), includable.map((relation) => relation.name)]) {
        const got = await ok(world, `${name}-get`, { id, include })
        const list = await ok(world, `${name}-list-request`, { include, sort: '-createdAt', limit: 100 })
        expect((list['items'] as Row[]).find((item) => item['id'] === id), 'list').to.deep.equal(got)
        for (const relation of includable.filter((each) => include.includes(each.name))) {
          const target = relation.target
          if (relation.kind === 'one') expect(got[relation.name], relation.name).to.deep.equal(
            await readRow(world, target, row[relation.field]),
          )
          else {
            const wanted = await Promise.all((manyOf.get(relation.name) ?? []).map((each) => readRow(world, target, each)))
            const links = relation.kind === 'owned' ? [] : linksOf(relation).columns
            const columns: Row = Object.fromEntries(links.map((column) => [column.name, column.initial]))
            expect(got[relation.name], relation.name).to.have.deep.members(wanted.map((each) => ({ ...each, ...columns })))
          }
        }
        const untouched = Object.keys(row).filter((field) => !include.includes(field))
        for (const field of untouched) expect(got[field], field).to.deep.equal(row[field])
      }
    })

    it('embeds nothing that the actor may not read by its own rules', async () => {
      const world = later()
      const { row: { id } } = await related(world, resource)
      const person = await world.people.holding({ key: resource.keys.get })
      const payload = { id, include: includable.map((relation) => relation.name) }
      const got = success(await world.door.ask(person, `${name}-get`, payload), `${name}-get`)
      for (const relation of includable) {
        const target = relation.target
        if (relation.kind !== 'one') expect(got[relation.name], relation.name).to.deep.equal([])
        else if (target.keys.get !== resource.keys.get) expect(got[relation.name], relation.name).to.equal(null)
      }
    })

    it('embeds null or nothing where there is nothing, and always what must be there', async () => {
      const world = later()
      const row = await createRow(world, resource)
      const got = await ok(world, `${name}-get`, { id: row['id'], include: includable.map((relation) => relation.name) })
      for (const relation of includable) {
        if (relation.kind !== 'one') expect(got[relation.name], relation.name).to.deep.equal([])
        else if (!isRequiredReference(resource, relation.field)) expect(got[relation.name], relation.name).to.equal(null)
        else expect(got[relation.name], relation.name).to.deep.equal(await readRow(world, relation.target, row[relation.field]))
      }
    })
  }

  it('refuses to include anything else', async () => {
    const world = later()
    const { id } = await createRow(world, resource)
    const others = [
      ...relations.filter((relation) => !isIncludable(relation)).map((relation) => relation.name), 'nonsense', 'id', '', 'toString',
      `${name}s`,
    ]
    for (const other of others) {
      for (const [event, payload] of [[`${name}-get`, { id }], [`${name}-list-request`, {}]] as const) {
        const what = `${event} with ${other}`
        const { details } = refusal(await ask(world, event, { ...payload, include: [other] }), 'invalid_payload', what)
        expect(details, what).to.have.nested.property('[0].path', 'include[0]')
      }
    }
  })
}
