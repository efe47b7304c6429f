// docs/protocol.md §6: a client that comes back with its cursor is told what it missed, or told that it cannot be.

import { expect } from 'chai'
import { onAnyDatabase, onOwnServer } from './support/databases.ts'
import { changesOf } from './support/changes.ts'
import type { Client } from '../kit/client.ts'
import { number, row } from '../kit/replies.ts'
import type { Row } from '../kit/replies.ts'
import type { Wire } from './support/wire.ts'

/** The cursor of a client that has heard of everything that was acknowledged so far. */
async function cursor(wire: Wire): Promise<{ readonly epoch: unknown; readonly pos: number }> {
  const client = await wire.connect(wire.adminToken)
  const mark = await wire.settle(client)
  client.close()
  const { epoch } = row(client.session['feed'])
  return { epoch, pos: changesOf(client).find(({ id }) => id === mark)?.pos ?? -1 }
}

const resyncs = (client: Client): Row[] => client.heard.filter(({ event }) => event === 'feed-resync').map(({ args }) => row(args[0]))

onAnyDatabase('Resume: "connect with auth: { token, since: { epoch, pos } }"', (wire) => {
  it('"the missed changes come first, in order, then live ones"; "feed.pos is … on a resume: since.pos"', async () => {
    const since = await cursor(wire)
    const made = [await wire.make('group'), await wire.make('site'), await wire.make('role')]
    const client = await wire.connect(wire.adminToken, { since })
    const live = await wire.settle(client)
    expect(client.heard[0]?.event).to.equal('session')
    expect(client.session['feed']).to.deep.equal(since)
    const changes = changesOf(client)
    expect(changes.map(({ id }) => id)).to.deep.equal([...made, live])
    const positions = changes.map(({ pos }) => pos)
    expect(positions).to.deep.equal(positions.toSorted((a, b) => a - b))
    expect(positions[0]).to.be.greaterThan(since.pos)
    expect(resyncs(client)).to.deep.equal([])
  })

  it('nothing missed: nothing but live changes', async () => {
    const since = await cursor(wire)
    const client = await wire.connect(wire.adminToken, { since })
    const live = await wire.settle(client)
    expect(changesOf(client).map(({ id }) => id)).to.deep.equal([live])
    expect(resyncs(client)).to.deep.equal([])
  })

  it('the missed are the same that a client who stayed has heard', async () => {
    const stayed = await wire.connect(wire.adminToken)
    const since = await cursor(wire)
    const id = await wire.make('department')
    const userId = await wire.make('user', { departmentId: id })
    await wire.admin.ok('department-manager-set', { id, userId, requestId: 'resumed-request' })
    await wire.settle(stayed)
    const client = await wire.connect(wire.adminToken, { since })
    await wire.settle(client, stayed)
    const last = (of: Client): readonly unknown[] => changesOf(of).filter(({ pos }) => pos > since.pos)
      .filter((change, index, all) => all.findLastIndex((other) => other.event === change.event && other.id === change.id) === index)
      .map(({ payload }) => [payload['id'], payload['version'], payload['pos'], payload['requestId']])
    expect(last(client)).to.deep.equal(last(stayed))
    expect(JSON.stringify(last(client))).to.include('resumed-request')
  })

  it('of several missed changes of a row the last is told last', async () => {
    const id = await wire.make('group')
    const since = await cursor(wire)
    for (let round = 0; round < 5; round += 1) await wire.admin.ok('group-update', { id, name: `Round ${round}` })
    const client = await wire.connect(wire.adminToken, { since })
    await wire.settle(client)
    expect(changesOf(client).findLast((change) => change.id === id)).to.include({ event: 'group-changed', action: 'update', version: 6 })
  })

  it('a row that was deleted meanwhile is told as deleted, one made and deleted too', async () => {
    const old = await wire.make('group')
    const since = await cursor(wire)
    const brief = await wire.make('group')
    for (const id of [old, brief]) await wire.admin.ok('group-delete', { id })
    const client = await wire.connect(wire.adminToken, { since })
    await wire.settle(client)
    for (const id of [old, brief])
      expect(changesOf(client).findLast((change) => change.id === id)).to.include({ event: 'group-changed', action: 'delete' })
  })

  it('a row deleted and made again meanwhile is told with its new version', async () => {
    const id = await wire.make('group')
    const since = await cursor(wire)
    await wire.admin.ok('group-delete', { id })
    await wire.make('group', { id })
    const { version } = await wire.admin.ok('group-get', { id })
    const client = await wire.connect(wire.adminToken, { since })
    await wire.settle(client)
    const last = changesOf(client).findLast((change) => change.id === id)
    expect(last?.action).to.be.oneOf(['create', 'update'])
    expect(last?.version).to.equal(version)
  })

  const hopeless: Readonly<Record<string, (head: { readonly epoch: unknown; readonly pos: number }) => Row>> = {
    '"If the epoch differs"': ({ pos }) => ({ epoch: 'another-epoch', pos }),
    '"since ahead of the feed is another epoch\'s"': ({ epoch, pos }) => ({ epoch, pos: pos + 1_000_000 }),
  }
  for (const [title, change] of Object.entries(hopeless)) {
    it(`${title}: feed-resync { epoch, pos }, then live changes`, async () => {
      const head = await cursor(wire)
      const client = await wire.connect(wire.adminToken, { since: change(head) })
      const { args } = await client.hear('feed-resync')
      const told = row(args[0])
      expect(told).to.have.all.keys('epoch', 'pos')
      expect(told['epoch']).to.equal(head.epoch)
      expect(number(told['pos'])).to.be.at.least(head.pos)
      const live = await wire.settle(client)
      expect(changesOf(client).map(({ id }) => id)).to.deep.equal([live])
      expect(changesOf(client)[0]?.pos).to.be.greaterThan(number(told['pos']))
      expect(resyncs(client)).to.have.lengthOf(1)
    })
  }

  it('a connection without since is told nothing of the past, and no feed-resync', async () => {
    await wire.make('group')
    await cursor(wire)
    const client = await wire.connect(wire.adminToken)
    const live = await wire.settle(client)
    expect(changesOf(client).map(({ id }) => id)).to.deep.equal([live])
    expect(resyncs(client)).to.deep.equal([])
  })
})

onOwnServer('A quiet feed, and resume after more than 1,000 missed entries', { FEED_HEAD_INTERVAL: '1' }, (wire) => {
  it('"While idle, feed-head { pos }", as often as FEED_HEAD_INTERVAL says', async () => {
    const client = await wire.connect(wire.adminToken)
    const mark = await wire.settle(client)
    const { args } = await client.hear('feed-head', client.heard.length)
    expect(row(args[0])).to.have.all.keys('pos')
    expect(row(args[0])['pos']).to.equal(changesOf(client).find(({ id }) => id === mark)?.pos)
  })

  const makeMany = async (wanted: number): Promise<void> => {
    for (let made = 0; made < wanted; made += 50) {
      await Promise.all(Array.from({ length: Math.min(50, wanted - made) }, async () => wire.make('site')))
    }
  }

  it('some hundreds are told one by one; "more than 1,000 feed entries": feed-resync', async function () {
    this.timeout(180_000)
    const since = await cursor(wire)
    await makeMany(600)
    const few = await wire.connect(wire.adminToken, { since })
    await wire.settle(few)
    expect(changesOf(few)).to.have.lengthOf(601)
    expect(resyncs(few)).to.deep.equal([])
    await makeMany(450)
    await cursor(wire)
    const many = await wire.connect(wire.adminToken, { since })
    const { args } = await many.hear('feed-resync')
    expect(row(args[0])).to.include({ epoch: since.epoch })
    const live = await wire.settle(many)
    expect(changesOf(many).map(({ id }) => id)).to.deep.equal([live])
  })
})
