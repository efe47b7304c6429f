// Checks of what every event has in common: rows that are not there, stale versions, the echo of requestId, rows in use.
import { expect } from 'chai'
import { it } from '../../runner.ts'
import { kebabCase } from '../../../core/model/names.ts'
import type { Resource } from '../../../core/model/resource.ts'
import { goodCalls, unspentCalls, type GoodCall } from '../calls.ts'
import { changesNothing, causes, deleted } from '../expected.ts'
import { refusal } from '../transport.ts'
import { ask, createRow, next, ok, readRow, someRow, whole, type Later } from '../world.ts'

export const commonChecks = (later: Later, resource: Resource): void => {
  const { name } = resource

  it('has a good call for every event that follows from the definition', async () => {
    const world = later()
    // Not for the operations that it declares itself, nor for what takes many payloads of these.
    const events = [...world.server.assembly.operations.values()].filter(({ owner, action, relation, each }) =>
      owner === name && (action !== 'custom' || relation !== undefined) && each === undefined).map(({ event }) => event)
    expect((await unspentCalls(world, resource)).map((call) => call.event)).to.have.members(events)
  })

  it('is explained in every event as it is answered, which changes nothing', async () => {
    const world = later()
    const calls = await unspentCalls(world, resource)
    const nobody = await world.people.holding()
    await changesNothing(world, async () => {
      for (const { event, payload, addressed } of calls) {
        const asked = { event, ...(addressed ? { id: payload['id'] } : {}) }
        const may = await ok(world, 'permission-explain', { userId: world.admin.id, ...asked })
        // Only what the payload tells, or the rules of the resource, may still refuse it.
        expect(may, event).to.include({ allowed: true }).and.not.have.property('code')
        const mayNot = await ok(world, 'permission-explain', { userId: nobody.id, ...asked })
        const reply = await world.door.ask(nobody, event, payload)
        if (mayNot['allowed'] === true) continue
        const { code, details } = refusal(reply, mayNot['code'] === 'not_found' ? 'not_found' : 'forbidden', event)
        expect({ code, permission: (details as { permission?: unknown } | undefined)?.permission }, event).to.deep.equal({
          code: mayNot['code'], permission: mayNot['missing'],
        })
      }
    })
  })

  it('answers not_found for a row that is not there, in every event', async () => {
    const world = later()
    const calls = (await unspentCalls(world, resource)).filter((call) => call.addressed)
    await changesNothing(world, async () => {
      for (const { event, payload } of calls) refusal(await ask(world, event, { ...payload, id: 'no-such-row' }), 'not_found', event)
    })
  })

  it('echoes the requestId of every event, and changes nothing under a stale ifVersion', async () => {
    const world = later()
    const calls = await goodCalls(world, resource)
    const isVersioned = ({ addressed, mutation }: GoodCall): boolean => addressed && mutation
    const versionOf = async ({ payload }: GoodCall): Promise<unknown> => (await readRow(world, resource, payload['id']))['version']
    await changesNothing(world, async () => {
      for (const call of calls) {
        const { event, payload } = call
        const requestId = `echo-${next()}`
        expect(refusal(await ask(world, event, { ...payload, nonsense: 1, requestId }), 'invalid_payload', event)).to.include({ requestId })
        for (const wrong of ['', 'x'.repeat(65), 42, null, {}]) {
          const { details } = refusal(
            await ask(world, event, { ...payload, requestId: wrong }), 'invalid_payload',
            `${event} with requestId ${JSON.stringify(wrong)}`,
          )
          expect(details, event).to.have.nested.property('[0].path', 'requestId')
        }
        if (!isVersioned(call)) continue
        const version = await versionOf(call)
        for (const stale of [Number(version) - 1, Number(version) + 1]) {
          const { details } = refusal(
            await ask(world, event, { ...payload, ifVersion: stale }), 'conflict', `${event} with a stale ifVersion`,
          )
          expect(details, event).to.deep.equal({ version })
        }
        for (const wrong of ['1', 1.5, null, -1])
          refusal(await ask(world, event, { ...payload, ifVersion: wrong }), 'invalid_payload', `${event} with ifVersion ${String(wrong)}`)
      }
    })
    for (const call of calls) {
      const requestId = `echo-${next()}`
      const version = isVersioned(call) ? { ifVersion: await versionOf(call) } : {}
      expect(await ok(world, call.event, { ...call.payload, requestId, ...version }), call.event).to.include({ requestId })
    }
  })

  it('is not deleted while others refer to it, and says who', async () => {
    const world = later()
    for (const owner of whole(world.resources)) {
      for (const relation of owner.relations.values()) {
        const scoped = relation.kind === 'link' && resource.isScope ? relation.columns.find((column) => column.scope) : undefined
        const refers = relation.target.name === resource.name
          && (relation.kind === 'one' || (relation.kind === 'link' && relation.restrict))
        if (!refers && !scoped) continue
        const { id } = await createRow(world, resource)
        const referring = await createRow(world, owner, relation.kind === 'one' ? { [relation.field]: id } : {})
        if (relation.kind === 'link') {
          const link = scoped ? { [relation.payload]: await someRow(world, relation.target.name), [scoped.name]: id } : {
            [relation.payload]: id,
          }
          await ok(world, `${owner.name}-add-${relation.item ?? ''}`, { id: referring['id'], ...link })
        }
        await changesNothing(world, async () => {
          const { details } = refusal(
            await ask(world, `${name}-delete`, { id }), 'conflict', `${name}-delete of a row that ${owner.name}.${relation.name} names`,
          )
          expect(details).to.deep.equal({ usedBy: [{ resource: owner.name, count: 1 }] })
        })
      }
    }
  })

  it('takes its links with it when it is deleted, and those who lose one are heard', async () => {
    const world = later()
    for (const owner of whole(world.resources)) {
      for (const relation of owner.relations.values()) {
        const isTaken = (relation.kind === 'link' && !relation.restrict) || relation.kind === 'linked'
        if (!isTaken || relation.target.name !== resource.name || relation.item === undefined) continue
        const [row, holder] = [await createRow(world, resource), await createRow(world, owner)]
        await ok(world, `${owner.name}-add-${relation.item}`, { id: holder['id'], [relation.payload]: row['id'] })
        const before = await readRow(world, resource, row['id'])
        await causes(world, () => ok(world, `${name}-delete`, { id: row['id'] }), () =>
          deleted(world, resource, before).add(owner.name, 'update', holder['id']))
        expect(await ok(world, `${owner.name}-${kebabCase(relation.name)}-request`, { id: holder['id'] })).to.include({ total: 0 })
      }
    }
  })
}
