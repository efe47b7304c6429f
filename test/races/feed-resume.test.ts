// Races of reconnection: a client that comes back with its cursor, to either node and in the middle of the load, misses nothing.
import { randomInt } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import type { Change, Client } from './client.ts'
import { faultsOf, finals, readFeed, type Entry } from './feed-witness.ts'
import { prepare, work } from './feed-work.ts'
import { parallel } from '../kit/wait.ts'
import { caught, describeRaces } from './harness.ts'

const hoppers = 8

interface Hopping {
  readonly changes: Change[]
  readonly client: Client
  readonly hops: number
  readonly resyncs: number
}

describeRaces('reconnection under load', 2, (arena) => {
  /** Listens a while, goes, and comes back at the other node, until `isOver`; `cursor`: whether he says where he was. */
  const hop = async (index: number, isOver: () => boolean, cursor: boolean): Promise<Hopping> => {
    const changes: Change[] = []
    let client = await arena.connect(arena.admin.token, { node: index })
    let [hops, resyncs] = [0, 0]
    while (!isOver()) {
      await sleep(randomInt(20, 120))
      client.close()
      changes.push(...client.changes)
      const since = client.cursor
      await sleep(randomInt(60))
      hops += 1
      client = await arena.connect(arena.admin.token, { node: index + hops, ...(cursor ? { since } : {}) })
      if (cursor) expect(client.feed, 'the session gives back the cursor').to.deep.equal(since)
      resyncs += client.resyncs
    }
    return { changes, client, hops, resyncs }
  }

  const race = async (label: string, count: number, cursor: boolean, rounds: number): Promise<{ results: Hopping[]; feed: Entry[] }> => {
    let over = false
    // They all begin before anything is written: who comes later has nothing to compare with.
    await arena.settle()
    const start = (await readFeed(arena)).at(-1)?.pos ?? 0
    const hopping = parallel(count, (index) => hop(index, () => over, cursor))
    await sleep(200)
    await work(arena, label, rounds)
    over = true
    const results = await hopping
    await arena.settle(...results.map(({ client }) => client))
    for (const { changes, client } of results) changes.push(...client.changes)
    // A node may still have had to tell of what was in the feed before.
    const compared = results.map((each) => ({ ...each, changes: each.changes.filter(({ pos }) => pos > start) }))
    return { results: compared, feed: await readFeed(arena, start) }
  }

  before(async () => prepare(arena))

  it('the check catches clients that come back without their cursor', async function () {
    this.timeout(60_000)
    const { results, feed } = await race('careless', 3, false, 1)
    caught(
      'a reconnection without a cursor', results.filter(({ changes }) => faultsOf(changes, feed, { stayed: false }).length > 0).length,
      results.length,
    )
  })

  it(`${hoppers} clients hop between the nodes and hear every row's last state, in order`, async function () {
    this.timeout(60_000)
    const { results, feed } = await race('careful', hoppers, true, 2)
    process.stdout.write(`        ${results.reduce((sum, { hops }) => sum + hops, 0)} reconnections, ${feed.length} entries\n`)
    results.forEach(({ changes, resyncs }, index) => {
      expect(resyncs, 'nobody was told to read everything anew').to.equal(0)
      expect(faultsOf(changes, feed, { stayed: false }).slice(0, 10), `client ${index}`).to.deep.equal([])
      expect(finals(changes)).to.deep.equal(finals(feed))
    })
  })

  it('any position of the last thousand is a cursor: what comes is what the feed has after it', async function () {
    this.timeout(60_000)
    const feed = await readFeed(arena)
    const last = feed.at(-1)?.pos ?? 0
    const [{ epoch } = { epoch: '' }] = await arena.sql<{ epoch: string }>('select sovrane_epoch() as epoch')
    await parallel(24, async (index) => {
      const pos = last - randomInt(900)
      const client = await arena.connect(arena.admin.token, { node: index, since: { epoch, pos } })
      await arena.settle(client)
      // As it is now: the others settle by further changes.
      const [heard, cursor] = [[...client.changes], client.cursor.pos]
      const after = await readFeed(arena, pos)
      expect(client.resyncs).to.equal(0)
      const known = after.filter((entry) => entry.pos <= cursor)
      expect(faultsOf(heard, known, { stayed: true }).slice(0, 10), `since ${pos}`).to.deep.equal([])
    })
  })

  it('a cursor of too long ago, of the future or of another epoch is told so, and live changes follow', async () => {
    await arena.sql(`insert into sites (id, label) select 'flood-' || n, 'Flood' from generate_series(1, 1100) n`)
    await arena.settle()
    const [state = { epoch: '', pos: '0' }] =
      await arena.sql<{ epoch: string; pos: string }>('select sovrane_epoch() as epoch, pos from feed_state')
    const pos = Number(state.pos)
    for (const since of [{ epoch: state.epoch, pos: 1 }, { epoch: state.epoch, pos: pos + 1_000_000 }, { epoch: 'another', pos }]) {
      const client = await arena.connect(arena.admin.token, { node: 1, since })
      await arena.settle(client)
      expect(client.resyncs, JSON.stringify(since)).to.equal(1)
    }
  })
})
