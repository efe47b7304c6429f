// docs/protocol.md §6: what is told after each committed change, to whom, and nothing else.

import { expect } from 'chai'
import { onAnyDatabase } from './support/databases.ts'
import { changesOf, expectChanges } from './support/changes.ts'
import type { Change } from './support/changes.ts'
import type { Client } from '../kit/client.ts'
import { refusal } from '../kit/replies.ts'
import { unique } from './support/wire.ts'

const change = {
  site: { label: 'Other' }, department: { label: 'Other' }, group: { name: 'Other' }, role: { label: 'Other' },
  permission: { description: 'Other' }, user: { firstName: 'Other' },
} as const

onAnyDatabase('"After each committed create, update or delete, <resource>-changed"', (wire) => {
  let client: Client

  before(async () => { client = await wire.connect(wire.adminToken) })

  const one = async (work: () => Promise<unknown>): Promise<Change> => {
    const changes = await wire.changesDuring(client, work)
    expect(changes).to.have.lengthOf(1)
    const [only] = changes
    if (only === undefined) throw new Error('no change')
    return only
  }

  for (const resource of ['site', 'department', 'group', 'role', 'permission', 'user'] as const) {
    const event = `${resource}-changed`

    it(`${event}: create, update, delete, each once, with the version of the row`, async () => {
      let id = ''
      const made = await one(async () => { id = await wire.make(resource) })
      expect(made).to.include({ event, id, action: 'create', version: 1 })
      const updated = await one(async () => wire.admin.ok(`${resource}-update`, { id, ...change[resource] }))
      expect(updated).to.include({ event, id, action: 'update', version: 2 })
      expect((await wire.admin.ok(`${resource}-get`, { id }))['version']).to.equal(2)
      const deleted = await one(async () => wire.admin.ok(`${resource}-delete`, { id }))
      expect(deleted).to.include({ event, id, action: 'delete' })
      expect(deleted.version).to.be.greaterThan(2)
      expect([made.pos, updated.pos, deleted.pos]).to.deep.equal([made.pos, updated.pos, deleted.pos].toSorted((a, b) => a - b))
    })

    it(`${event}: "{ id } plus action, version, pos, requestId. Never any content of the row"`, async () => {
      const requestId = unique('request')
      let id = ''
      const bare = await one(async () => { id = await wire.make(resource) })
      expect(bare.payload).to.have.all.keys('id', 'action', 'version', 'pos')
      const named = await one(async () => wire.admin.ok(`${resource}-delete`, { id, requestId }))
      expect(named.payload).to.have.all.keys('id', 'action', 'version', 'pos', 'requestId')
    })

    it(`${event}: "a row made later with its id goes on from a higher version"`, async () => {
      const id = await wire.make(resource)
      for (let round = 0; round < 3; round += 1) await wire.admin.ok(`${resource}-update`, {
        id, ...change[resource], ...(resource === 'user' ? { firstName: `Round ${round}` } : {}),
      })
      const deleted = await one(async () => wire.admin.ok(`${resource}-delete`, { id }))
      const again = await one(async () => wire.make(resource, { id }))
      expect(again).to.include({ event, id, action: 'create' })
      expect(again.version).to.be.greaterThan(deleted.version)
      expect((await wire.admin.ok(`${resource}-get`, { id }))['version']).to.equal(again.version)
    })
  }

  it('a refused request, a read and a failed one tell nothing', async () => {
    const id = await wire.make('site')
    const { client: nobody } = await wire.actor()
    expectChanges(await wire.changesDuring(client, async () => {
      refusal(await nobody.ask('site-update', { id, label: 'No' }), 'forbidden')
      refusal(await wire.admin.ask('site-update', { id, label: '' }), 'invalid_payload')
      refusal(await wire.admin.ask('site-create', { id, label: 'No' }), 'conflict')
      refusal(await wire.admin.ask('site-delete', { id: 'nothing-here' }), 'not_found')
      await wire.admin.ok('site-get', { id })
      await wire.admin.ok('site-list-request')
    }), [])
  })

  it('"goes to every client connected to /": whatever his rights, his door or his transport', async () => {
    const { client: nobody, token } = await wire.actor()
    const polling = await wire.connect(token, {}, { transports: ['polling'] })
    const everyone = [client, nobody, polling, wire.admin]
    const id = await wire.make('group')
    await wire.settle(...everyone)
    for (const each of everyone) {
      expect(changesOf(each).filter((heard) => heard.id === id).map(({ event, action }) => `${event} ${action}`)).to.deep.equal([
        'group-changed create',
      ])
    }
  })

  it('a change made over HTTP is told as well', async () => {
    let id: unknown
    const told = await one(async () => {
      const { body } = await wire.http('group-create', { name: 'By HTTP' }, wire.adminToken)
      id = (body as { id: unknown }).id
    })
    expect(told).to.include({ event: 'group-changed', id, action: 'create' })
  })

  it('the committed state can be read when the change is heard', async () => {
    const watcher = await wire.connect(wire.adminToken)
    for (let round = 0; round < 10; round += 1) {
      const id = unique('readable')
      const heard = watcher.hear(({ event, args }) => event === 'group-changed' && (args[0] as { id: unknown }).id === id)
      const making = wire.admin.ok('group-create', { id, name: 'Readable' })
      await heard
      expect(await watcher.ok('group-get', { id })).to.include({ id, version: 1 })
      await making
    }
  })

  it('"in one order (pos) that is the same for all clients", "and never hears of an older version of a row after a newer one"', async () => {
    const others = [await wire.connect(wire.adminToken), await wire.connect(wire.adminToken)]
    const first = await wire.settle(client, ...others)
    const rows = [await wire.make('group'), await wire.make('group'), await wire.make('group')]
    await Promise.all(Array.from({ length: 60 }, async (_, index) =>
      wire.admin.ok('group-update', { id: rows[index % 3], name: `Name ${index}` })))
    await wire.settle(client, ...others)
    const heard = [client, ...others].map((each) => {
      const all = changesOf(each)
      return all.slice(all.findIndex(({ id }) => id === first) + 1)
    })
    for (const list of heard) {
      expect(list.map(({ pos, id, version }) => [pos, id, version])).to.deep.equal(heard[0]?.map(({ pos, id, version }) =>
        [pos, id, version]))
      for (const [index, { pos }] of list.entries()) if (index > 0) expect(pos).to.be.greaterThan(list[index - 1]?.pos ?? Infinity)
      for (const id of rows) {
        const versions = list.filter((told) => told.id === id).map(({ version }) => version)
        expect(versions).to.deep.equal(versions.toSorted((a, b) => a - b))
        expect(versions.at(-1), 'the last state is told').to.equal(21)
      }
    }
  })
})
