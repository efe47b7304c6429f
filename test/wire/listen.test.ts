// docs/protocol.md §6, Interest: a socket says what it wants to hear of changes, and hears that and no more.

import { expect } from 'chai'
import { io } from 'socket.io-client'
import { onAnyDatabase, onOwnServer } from './support/databases.ts'
import { changesOf } from './support/changes.ts'
import { Client, connected } from '../kit/client.ts'
import { faultPaths, number, refusal, row, text, type Row } from '../kit/replies.ts'
import { eventually, type Wire } from './support/wire.ts'

const events = (client: Client): string[] => changesOf(client).map(({ event, id }) => `${event} ${id}`)
const told = (client: Client, event: string): Row[] => client.heard.filter((heard) => heard.event === event).map(({ args }) => row(args[0]))
const heads = (client: Client): number[] => told(client, 'feed-head').map(({ pos }) => number(pos))

/** The paths of an `invalid_payload`. */
const paths = (reply: unknown): string[] => [...new Set(faultPaths(refusal(reply, 'invalid_payload')))]

/** Waits until the feed has moved past a client that hears everything; gives the position. */
const present = async (wire: Wire): Promise<{ readonly epoch: unknown; readonly pos: number }> => {
  const client = await wire.connect(wire.adminToken)
  const id = await wire.settle(client)
  client.close()
  return { epoch: row(client.session['feed'])['epoch'], pos: changesOf(client).find((change) => change.id === id)?.pos ?? -1 }
}

/** The changes that a client hears of some work, once a witness has heard all of it. */
const heardAfter = async (wire: Wire, client: Client, work: () => Promise<unknown>): Promise<string[]> => {
  const witness = await wire.connect(wire.adminToken)
  const before = changesOf(client).length
  await work()
  await wire.settle(witness)
  // What a socket is sent in answer comes after what it was sent before.
  await client.ok('ping')
  witness.close()
  return events(client).slice(before)
}

onAnyDatabase('feed-listen { resources?, heads? } → { resources, heads }', (wire) => {
  it('"only the named resources", in the same order and with the same positions', async () => {
    const [all, some] = [await wire.connect(wire.adminToken), await wire.connect(wire.adminToken)]
    expect(await some.ok('feed-listen', { resources: ['site', 'group'] })).to.deep.equal({ resources: ['group', 'site'], heads: false })
    const made: string[] = []
    for (const resource of ['group', 'role', 'site', 'department', 'group'] as const) made.push(await wire.make(resource))
    await wire.settle(all, some)
    expect(changesOf(some).map(({ payload }) => payload)).to.deep.equal(
      changesOf(all).filter(({ event }) => ['site-changed', 'group-changed'].includes(event)).map(({ payload }) => payload),
    )
    expect(events(some)).to.include.members([`group-changed ${made[0]}`, `site-changed ${made[2]}`])
    expect(changesOf(all).map(({ id }) => id)).to.include.members(made)
  })

  it('"{} is everything again"; what it did not hear meanwhile is not told', async () => {
    const client = await wire.connect(wire.adminToken)
    await client.ok('feed-listen', { resources: [] })
    expect(await heardAfter(wire, client, () => wire.make('group'))).to.deep.equal([])
    const { resources, heads: only } = await client.ok('feed-listen')
    expect(only).to.equal(false)
    expect(resources).to.include.members([
      'user', 'role', 'group', 'site', 'department', 'permission', 'config', 'audit-config', 'invitation',
    ])
    const id = await wire.make('role')
    await wire.settle(client)
    expect(events(client)).to.include(`role-changed ${id}`)
  })

  it('changes of a table that a plugin names are heard by that name', async () => {
    const client = await wire.connect(wire.adminToken)
    await client.ok('feed-listen', { resources: ['config'] })
    const heard = await heardAfter(wire, client, async () => {
      await wire.make('site')
      await wire.admin.ok('config-update', { key: 'listen.test', value: 1 })
    })
    expect(heard).to.deep.equal(['config-changed listen.test'])
  })

  it('heads: no change, but where the feed is, and never back', async () => {
    const client = await wire.connect(wire.adminToken)
    expect(await client.ok('feed-listen', { heads: true })).to.deep.equal({ resources: [], heads: true })
    expect(await heardAfter(wire, client, () => wire.make('site'))).to.deep.equal([])
    const { pos } = await present(wire)
    await eventually(async () => expect(heads(client).at(-1)).to.be.at.least(pos))
    expect(heads(client)).to.deep.equal(heads(client).toSorted((a, b) => a - b))
  })

  it('narrowed, it comes back with the place that a head has told, and hears what it wants of what came after', async () => {
    const client = await wire.connect(wire.adminToken)
    await client.ok('feed-listen', { heads: true })
    const { epoch, pos } = await present(wire)
    await eventually(async () => expect(heads(client).at(-1)).to.be.at.least(pos))
    const since = { epoch, pos: heads(client).at(-1) }
    client.close()
    const witness = await wire.connect(wire.adminToken)
    const [group] = [await wire.make('group'), await wire.make('site')]
    // Both have been told of before it comes back: the head then lies behind the change that it does not hear.
    await witness.hear('site-changed')
    const back = await wire.connect(wire.adminToken, { since, listen: { resources: ['group'] } })
    const head = await back.hear('feed-head')
    expect(events(back)).to.deep.equal([`group-changed ${group}`])
    expect(number(row(head.args[0])['pos'])).to.be.greaterThan(number(since.pos) + 1)
    expect(back.session['feed']).to.deep.equal(since)
    expect(told(back, 'feed-listen-response')).to.deep.equal([])
  })

  it('"always are sent": rights-changed, session-expired, feed-resync', async () => {
    const { id, roleId, client, token } = await wire.actor({ can: ['read-sites'] })
    await client.ok('feed-listen', { heads: true })
    await wire.admin.ok('role-update', { id: roleId, permissions: ['read-sites', 'read-groups'] })
    await client.hear('rights-changed')
    const lost = await wire.connect(token, { since: { epoch: 'another', pos: 1 }, listen: { resources: ['site'] } })
    await lost.hear('feed-resync')
    await wire.admin.ok('user-update', { id, status: 'suspended' })
    for (const each of [client, lost]) {
      await each.hear('session-expired')
      expect(await each.ended()).to.equal('io server disconnect')
    }
    expect(changesOf(client)).to.deep.equal([])
  })

  const wrong: Readonly<Record<string, readonly [payload: Row, paths: readonly string[]]>> = {
    'an unknown resource': [{ resources: ['site', 'sites'] }, ['resources[1]']],
    'an internal topic': [{ resources: ['~rights'] }, ['resources[0]']],
    'what is not a name': [{ resources: [7, null] }, ['resources[0]', 'resources[1]']],
    'no list': [{ resources: 'site' }, ['resources']],
    'null': [{ resources: null }, ['resources']],
    'heads that are no boolean': [{ heads: 'true' }, ['heads']],
    'both': [{ resources: ['site'], heads: true }, ['heads']],
    'an unknown field': [{ resource: ['site'] }, ['resource']],
  }
  for (const [title, [payload, wanted]] of Object.entries(wrong)) {
    it(`${title}: invalid_payload naming ${wanted.join(', ')}; what is heard stays as it was`, async () => {
      const client = await wire.connect(wire.adminToken)
      expect(paths(await client.ask('feed-listen', payload))).to.have.members(wanted)
      const id = await wire.make('group')
      await wire.settle(client)
      expect(events(client)).to.include(`group-changed ${id}`)
    })

    it(`${title} in auth.listen: feed-listen-response says so after session, and everything is heard`, async () => {
      const client = await wire.connect(wire.adminToken, { listen: payload })
      const id = await wire.make('group')
      await wire.settle(client)
      expect(client.heard.slice(0, 2).map(({ event }) => event)).to.deep.equal(['session', 'feed-listen-response'])
      expect(paths(told(client, 'feed-listen-response')[0])).to.have.members(wanted)
      expect(events(client)).to.include(`group-changed ${id}`)
    })
  }

  for (const listen of ['site', 7, ['site'], true]) {
    it(`auth.listen of ${JSON.stringify(listen)} is answered as well`, async () => {
      const client = await wire.connect(wire.adminToken, { listen })
      expect(paths(row((await client.hear('feed-listen-response')).args[0]))).to.deep.equal([''])
    })
  }

  it('over HTTP there is no socket to tell less: unknown_event; on /auth too; without a token unauthenticated', async () => {
    refusal((await wire.http('feed-listen', { heads: true }, wire.adminToken)).body, 'unknown_event')
    refusal((await wire.http('feed-listen', { heads: true })).body, 'unauthenticated')
    refusal(await (await wire.connectPublic()).ask('feed-listen', { heads: true }), 'unknown_event')
  })

  it('without an acknowledgement the reply is the event feed-listen-response', async () => {
    const client = await wire.connect(wire.adminToken)
    const reply = await client.askByEvent('feed-listen', 'feed-listen-response', { resources: ['role'], requestId: 'r-1' })
    expect(reply).to.deep.equal({ resources: ['role'], heads: false, requestId: 'r-1' })
  })

  for (const since of [7, '7', '', true, [], {}, { epoch: 'x' }, { epoch: 1, pos: 1 }, { epoch: 'another database', pos: 1 }]) {
    it(`since ${JSON.stringify(since)}: feed-resync, never silence`, async () => {
      const client = await wire.connect(wire.adminToken, { since, listen: { resources: ['site'] } })
      const { args } = await client.hear('feed-resync')
      expect(text(row(args[0])['epoch'])).to.equal((await present(wire)).epoch)
    })
  }
})

onOwnServer('Narrowed sockets on a busy feed', { FEED_HEAD_INTERVAL: '1' }, (wire) => {
  it('hear where the feed is although there is no pause in it', async () => {
    const client = await wire.connect(wire.adminToken, { listen: { resources: ['role'] } })
    const start = await present(wire)
    await eventually(async () => {
      await wire.make('site')
      expect(heads(client).at(-1)).to.be.greaterThan(start.pos)
    })
    expect(changesOf(client)).to.deep.equal([])
  })

  it('who hears but heads hears one of many changes, and that is the last', async () => {
    const client = new Client(io(wire.url, { auth: { token: wire.adminToken, listen: { heads: true } }, forceNew: true }))
    await connected(client)
    await client.hear('session')
    const before = heads(client).length
    const began = Date.now()
    for (let index = 0; index < 40; index += 1) await wire.make('site')
    const { pos } = await present(wire)
    await eventually(async () => expect(heads(client).at(-1)).to.be.at.least(pos))
    // One at once, and one at the end of each second.
    expect(heads(client).length - before).to.be.at.most(Math.ceil((Date.now() - began) / 1000) + 2)
    client.close()
  })
})
