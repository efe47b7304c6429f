// Checks of what takes many payloads of a single event: all or none, each as if it came alone.
import { expect } from 'chai'
import { it } from '../../runner.ts'
import type { Resource } from '../../../core/model/resource.ts'
import { plainField, readersOf } from '../calls.ts'
import { causes, changesNothing, created, deleted, nothing, updated } from '../expected.ts'
import { refusal, success, type Row } from '../transport.ts'
import { ask, createRow, idsInTable, leastPayload, next, ok, readRow, valueFor, type Later, type World } from '../world.ts'

const bare = (rows: readonly Row[]): unknown[] => rows.map(({ id }) => id)
const itemsOf = (reply: Row): Row[] => reply['items'] as Row[]

export const severalChecks = (later: Later, resource: Resource): void => {
  const { name, keys } = resource
  const field = plainField(resource)
  const several = (world: World, count: number): Promise<Row[]> =>
    Promise.all(Array.from({ length: count }, () => leastPayload(world, resource)))
  const many = (action: string, items: readonly Row[]): [string, Row] => [`${name}-${action}-many`, { items }]

  it('makes, changes and deletes many rows at once, and answers each as the single event does', async () => {
    const world = later()
    const payloads = await several(world, 3)
    const made = itemsOf(await causes(world, () => ok(world, ...many('create', payloads)), (reply) =>
      nothing().and(...itemsOf(reply).map((row) => created(world, resource, row)))))
    expect(made).to.have.length(3)
    for (const row of made) expect(row).to.deep.equal(await readRow(world, resource, row['id']))
    const changes = await Promise.all(made.map(async ({ id, version }) =>
      ({ id, ifVersion: version, [field]: await valueFor(world, resource, field, next()) })))
    const changed = itemsOf(await causes(world, () => ok(world, ...many('update', changes)), (reply) =>
      nothing().and(...itemsOf(reply).map((row, index) => updated(world, resource, made[index] ?? {}, row)))))
    expect(bare(changed)).to.deep.equal(bare(made))
    for (const row of changed) expect(row).to.deep.equal(await readRow(world, resource, row['id']))
    const gone = await causes(world, () => ok(world, ...many('delete', bare(made).map((id) => ({ id })))), () =>
      nothing().and(...changed.map((row) => deleted(world, resource, row))))
    expect(gone).to.deep.equal({ items: bare(made).map((id) => ({ id })) })
  })

  it('does nothing at all where one of them is refused, and says which', async () => {
    const world = later()
    const [first, second] = [await createRow(world, resource), await createRow(world, resource)]
    const before = await idsInTable(world, resource)
    const value = await valueFor(world, resource, field, next())
    const [good, bad] = await several(world, 2)
    await changesNothing(world, async () => {
      const wrong = { ...bad, [field]: [[null]] }
      const told = refusal(await ask(world, ...many('create', [good ?? {}, wrong, { nonsense: 1 }])), 'invalid_payload', 'two faults')
      const faults = told.details as Row[]
      expect(faults.map(({ path }) => path)).to.include.members([`items.1.${field}`, 'items.2.nonsense'])
      for (const { path } of faults) expect(String(path)).to.match(/^items\.[12]\./)
      const taken = refusal(await ask(world, ...many('create', [good ?? {}, { ...bad, id: first['id'] }])), 'conflict', 'taken')
      expect(taken.details).to.include({ index: 1 })
      const stale = [{ id: first['id'], [field]: value }, { id: second['id'], ifVersion: 99, [field]: value }]
      const old = refusal(await ask(world, ...many('update', stale)), 'conflict', 'stale')
      expect(old.details).to.deep.equal({ version: second['version'], index: 1 })
      const absent = [{ id: first['id'] }, { id: 'no-such-row' }]
      for (const action of ['update', 'delete'])
        expect(refusal(await ask(world, ...many(action, absent)), 'not_found', action).details).to.deep.equal({ index: 1 })
    })
    expect(await idsInTable(world, resource)).to.deep.equal(before)
  })

  it('takes 1 to 500 payloads, which are objects', async () => {
    const world = later()
    await changesNothing(world, async () => {
      for (const action of ['create', 'update', 'delete']) {
        for (const items of [[], 'x', { 0: {} }, null, Array.from({ length: 501 }, () => ({}))]) {
          const { details } = refusal(await ask(world, `${name}-${action}-many`, { items }), 'invalid_payload', action)
          expect(details, action).to.have.nested.property('[0].path', 'items')
        }
        const { details } = refusal(await ask(world, `${name}-${action}-many`, { items: [null, 'x', [1]] }), 'invalid_payload', action)
        expect((details as Row[]).map(({ path }) => path)).to.deep.equal(['items.0', 'items.1', 'items.2'])
      }
    })
  })

  it('asks for the rights to each of them, and is done once under one requestId', async () => {
    const world = later()
    const row = await createRow(world, resource)
    const reader = await world.people.holding({ key: keys.get })
    await changesNothing(world, async () => {
      const value = await valueFor(world, resource, field, next())
      const { details } = refusal(
        await world.door.ask(reader, ...many('update', [{ id: row['id'], [field]: value }])), 'forbidden', 'without the key',
      )
      expect(details).to.deep.equal({ permission: keys.update, index: 0 })
      const deleting = refusal(await world.door.ask(reader, ...many('delete', [{ id: row['id'] }])), 'forbidden', 'without the key')
      expect(deleting.details).to.deep.equal({ permission: keys.delete, index: 0 })
      const creating = refusal(await world.door.ask(reader, ...many('create', await several(world, 1))), 'forbidden', 'without the key')
      expect(creating.details).to.deep.equal({ permission: keys.create, index: 0 })
    })
    const maker = await world.people.holding(...[keys.create, keys.get, ...readersOf(resource)].map((key) => ({ key })))
    const requestId = `several-${next()}`
    const [event, payload] = many('create', await several(world, 2))
    const reply = await world.door.ask(maker, event, { ...payload, requestId })
    if (!reply.ok) return void expect(reply.error.details, 'what its fields need beside').to.include({ index: 0 })
    await changesNothing(world, async () =>
      expect(success(await world.door.ask(maker, event, { ...payload, requestId }), event)).to.deep.equal(reply.data))
  })
}
