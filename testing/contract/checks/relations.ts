// Checks of the events of relations: read, page, set, add, remove; each change heard once, and what is so already not at all.
import { expect } from 'chai'
import { it } from '../../runner.ts'
import { kebabCase } from '../../../core/model/names.ts'
import {
  linksOf, type LinkedRelation, type LinkRelation, type OneRelation, type OwnedRelation, type Resource,
} from '../../../core/model/resource.ts'
import { causes, changesNothing, nothing, updated, type Expected } from '../expected.ts'
import { refusal, success, type Row } from '../transport.ts'
import { isValid } from '../values.ts'
import { ask, createRow, isRequiredReference, leastPayload, named, ok, readRow, someRow, type Later, type World } from '../world.ts'
import { idsOf } from './lists.ts'

const missing = 'no-such-row'

const newRow = (world: World, name: string): Promise<Row> => createRow(world, named(world, name))

/** Both names of the owner mean the same; two that differ are refused. */
const checkAlias = async (world: World, resource: Resource, event: string, payload: Row): Promise<void> => {
  const { id, ...rest } = payload
  const alias = `${resource.name}Id`
  if (alias in rest) return
  const plain = await ok(world, event, payload)
  expect(await ok(world, event, { ...rest, [alias]: id })).to.deep.equal(plain)
  expect(await ok(world, event, { ...payload, [alias]: id })).to.deep.equal(plain)
  refusal(await ask(world, event, { ...payload, [alias]: missing }), 'invalid_payload', `${event} with two ids`)
}

const oneChecks = (later: Later, resource: Resource, relation: OneRelation): void => {
  const { name, payload, field } = relation
  const event = `${resource.name}-${kebabCase(name)}`

  it(`gets, sets and removes its ${name}`, async () => {
    const world = later()
    const target = relation.target
    const row = await createRow(world, resource)
    const { id } = row
    const [first, second] = [await createRow(world, target), await createRow(world, target)]
    const present = isRequiredReference(resource, field) ? await readRow(world, target, row[field]) : null
    expect(await ok(world, `${event}-get`, { id })).to.deep.equal({ [name]: present })
    const set = await causes(world, () => ok(world, `${event}-set`, { id, [payload]: first['id'] }), (result) =>
      updated(world, resource, row, result))
    expect(set).to.include({ id, [field]: first['id'] })
    expect(await ok(world, `${event}-get`, { id })).to.deep.equal({ [name]: await readRow(world, target, first['id']) })
    await causes(world, () => ok(world, `${event}-set`, { id, [payload]: first['id'] }), nothing)
    const moved = await causes(world, () => ok(world, `${event}-set`, { id, [payload]: second['id'] }), (result) =>
      updated(world, resource, set, result))
    if (present === null) {
      const removed = await causes(world, () => ok(world, `${event}-remove`, { id }), (result) => updated(world, resource, moved, result))
      expect(removed).to.include({ id, [field]: null })
      await causes(world, () => ok(world, `${event}-remove`, { id }), nothing)
    } else refusal(await ask(world, `${event}-remove`, { id }), 'unknown_event', `${event}-remove of what must be there`)
    await checkAlias(world, resource, `${event}-get`, { id })
    await changesNothing(world, async () => {
      refusal(await ask(world, `${event}-set`, { id, [payload]: missing }), 'not_found', `${event}-set to nothing`)
      for (const wrong of [null, 42, '', 'a b', [], {}])
        refusal(await ask(world, `${event}-set`, { id, [payload]: wrong }), 'invalid_payload', `${event}-set`)
      refusal(await ask(world, `${event}-set`, { id }), 'invalid_payload', `${event}-set without ${payload}`)
    })
  })
}

const treeChecks = (later: Later, resource: Resource, relation: OneRelation): void => {
  it(`makes a tree by its ${relation.name}: ancestors from the root down, and no circle`, async () => {
    const world = later()
    const rows = [await createRow(world, resource)]
    for (const _level of [1, 2, 3]) rows.push(await createRow(world, resource, { [relation.field]: rows.at(-1)?.['id'] }))
    const ids = rows.map((row) => row['id'])
    const { items } = await ok(world, `${resource.name}-ancestors-request`, { id: ids[3] })
    expect(idsOf(items)).to.deep.equal(ids.slice(0, 3))
    expect(items).to.deep.equal(await Promise.all(ids.slice(0, 3).map((id) => readRow(world, resource, id))))
    await checkAlias(world, resource, `${resource.name}-ancestors-request`, { id: ids[3] })
    await changesNothing(world, async () => {
      for (const end of [ids[0], ids[1], ids[3]]) {
        const circles: [string, Row][] = [[`${resource.name}-update`, { id: ids[0], [relation.field]: end }]]
        if (relation.events) circles.push([`${resource.name}-${kebabCase(relation.name)}-set`, { id: ids[0], [relation.payload]: end }])
        for (const [event, payload] of circles) {
          const { details } = refusal(await ask(world, event, payload), 'conflict', `${event}: circle by ${String(end)}`)
          expect((details as { cycle: unknown[] }).cycle).to.have.members(ids.slice(0, ids.indexOf(end) + 1))
        }
      }
      const id = `circle-${String(ids[0])}`.slice(0, 60)
      refusal(
        await ask(world, `${resource.name}-create`, { ...(await leastPayload(world, resource)), id, [relation.field]: id }), 'conflict',
        'its own ancestor',
      )
    })
  })
}

const ownedChecks = (later: Later, resource: Resource, relation: OwnedRelation): void => {
  const { item, payload, of: { field } } = relation
  const page = `${resource.name}-${kebabCase(relation.name)}-request`

  it(`pages through its ${relation.name}${item === undefined ? '' : `, adds and removes one; adding moves it here`}`, async () => {
    const world = later()
    const target = relation.target
    const [owner, other] = [await createRow(world, resource), await createRow(world, resource)]
    const rows = [await createRow(world, target, { [field]: owner['id'] }), await createRow(world, target, { [field]: owner['id'] })]
    const list = await ok(world, page, { id: owner['id'], limit: 1 })
    expect(list).to.include({ total: 2, page: 1, limit: 1 })
    expect(idsOf(list['items'])).to.deep.equal([rows[0]?.['id']])
    const rest = await ok(world, page, { id: owner['id'], limit: 1, after: list['next'] })
    expect(idsOf(rest['items'])).to.deep.equal([rows[1]?.['id']])
    expect(rest).to.not.have.property('next')
    refusal(await ask(world, page, { id: other['id'], limit: 1, after: list['next'] }), 'invalid_payload', 'a cursor of another list')
    await checkAlias(world, resource, page, { id: owner['id'] })
    if (item === undefined) return
    const [add, remove] = [`${resource.name}-add-${item}`, `${resource.name}-remove-${item}`]
    let row = await createRow(world, target)
    for (const into of [owner, other]) {
      const call = (): Promise<Row> => ok(world, add, { id: into['id'], [payload]: row['id'] })
      const reply = await causes(world, call, () => updated(world, target, row, { ...row, [field]: into['id'] }))
      expect(reply).to.deep.equal(await readRow(world, resource, into['id']))
      row = await readRow(world, target, row['id'])
      expect(row[field]).to.equal(into['id'])
      await causes(world, call, nothing)
    }
    const stays = isRequiredReference(target, field)
    if (stays) refusal(
      await ask(world, remove, { id: other['id'], [payload]: row['id'] }), 'unknown_event', `${remove} of what must belong to a row`,
    )
    else {
      await causes(world, () => ok(world, remove, { id: owner['id'], [payload]: row['id'] }), nothing)
      await causes(world, () => ok(world, remove, { id: other['id'], [payload]: row['id'] }), () =>
        updated(world, target, row, { ...row, [field]: null }))
      expect((await readRow(world, target, row['id']))[field]).to.equal(null)
      await causes(world, () => ok(world, remove, { id: other['id'], [payload]: row['id'] }), nothing)
    }
    await changesNothing(world, async () => {
      for (const event of stays ? [add] : [add, remove])
        refusal(await ask(world, event, { id: owner['id'], [payload]: missing }), 'not_found', event)
    })
  })
}

/** The links that differ only in their own columns: the plain one, and one for each column that is not at its default. */
const linkVariants = async (world: World, relation: LinkRelation | LinkedRelation): Promise<Row[]> => {
  const variants: Row[] = [{}]
  const scope = [...world.resources.values()].find((resource) => resource.isScope)
  for (const column of linksOf(relation).columns) {
    if (column.scope && scope) variants.push({ [column.name]: await someRow(world, scope.name) })
    else if (typeof column.initial === 'boolean' && isValid(column.schema, !column.initial))
      variants.push({ [column.name]: !column.initial })
  }
  return variants
}

const linkChecks = (later: Later, resource: Resource, relation: LinkRelation | LinkedRelation): void => {
  const { item, payload } = relation
  const { columns } = linksOf(relation)
  const isNamedByBoth = relation.kind === 'linked' || relation.inverse !== undefined
  const page = `${resource.name}-${kebabCase(relation.name)}-request`
  const initial = Object.fromEntries(columns.map((column) => [column.name, column.initial]))

  it(`pages through its ${relation.name}${item === undefined ? '' : ', adds and removes one, each just once'}`, async () => {
    const world = later()
    const target = relation.target
    const row = await createRow(world, resource)
    const { id } = row
    expect(await ok(world, page, { id })).to.deep.equal({ items: [], page: 1, limit: 20, total: 0 })
    await checkAlias(world, resource, page, { id })
    if (item === undefined) return
    const [add, remove] = [`${resource.name}-add-${item}`, `${resource.name}-remove-${item}`]
    const linked = await newRow(world, relation.target.name)
    const present: Row[] = []
    const heard = (): Expected => {
      const changes = updated(world, resource, row, row)
      return isNamedByBoth ? changes.add(target.name, 'update', linked['id']) : changes
    }
    for (const variant of await linkVariants(world, relation)) {
      const call = (): Promise<Row> => ok(world, add, { id, [payload]: linked['id'], ...variant })
      const reply = await causes(world, call, heard)
      expect(reply).to.deep.equal(await readRow(world, resource, id))
      await causes(world, call, nothing)
      present.push({ ...initial, ...variant })
      const now = await readRow(world, target, linked['id'])
      const { items, total } = await ok(world, page, { id })
      expect(total).to.equal(present.length)
      expect(items).to.have.deep.members(present.map((link) => ({ ...now, ...link })))
    }
    for (const variant of await linkVariants(world, relation)) {
      const call = (): Promise<Row> => ok(world, remove, { id, [payload]: linked['id'], ...variant })
      await causes(world, call, heard)
      await causes(world, call, nothing)
    }
    expect(await ok(world, page, { id })).to.include({ total: 0 })
    await changesNothing(world, async () => {
      for (const event of [add, remove]) refusal(await ask(world, event, { id, [payload]: missing }), 'not_found', event)
      for (const column of columns.filter((each) => each.scope)) {
        refusal(await ask(world, add, { id, [payload]: linked['id'], [column.name]: missing }), 'invalid_payload', `${add} within no scope`)
      }
    })
  })
}

/** Who may read the owner reads of a relation what they may read anyway: here, nothing. */
const readingChecks = (later: Later, resource: Resource): void => {
  const relations = [...resource.relations.values()].filter((relation) => relation.kind !== 'one' || relation.events)
  if (relations.length === 0) return
  it('shows of its relations only what the actor may read', async () => {
    const world = later()
    const person = await world.people.holding({ key: resource.keys.get })
    for (const relation of relations) {
      const target = relation.target
      const event = `${resource.name}-${kebabCase(relation.name)}`
      const linked = await createRow(world, target)
      const row = await createRow(world, resource, relation.kind === 'one' ? { [relation.field]: linked['id'] } : {})
      if (relation.kind === 'one') {
        const reply = success(await world.door.ask(person, `${event}-get`, { id: row['id'] }), event)
        if (target.keys.get !== resource.keys.get) expect(reply).to.deep.equal({ [relation.name]: null })
        continue
      }
      if (relation.item !== undefined)
        await ok(world, `${resource.name}-add-${relation.item}`, { id: row['id'], [relation.payload]: linked['id'] })
      const reply = success(await world.door.ask(person, `${event}-request`, { id: row['id'] }), event)
      expect(reply).to.deep.equal({ items: [], page: 1, limit: 20, total: 0 })
    }
  })
}

export const relationChecks = (later: Later, resource: Resource): void => {
  readingChecks(later, resource)
  for (const relation of resource.relations.values()) {
    if (relation.kind === 'owned') ownedChecks(later, resource, relation)
    else if (relation.kind !== 'one') linkChecks(later, resource, relation)
    else {
      if (relation.events) oneChecks(later, resource, relation)
      if (relation.acyclic) treeChecks(later, resource, relation)
    }
  }
}
