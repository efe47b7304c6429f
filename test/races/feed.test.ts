// Races in the feed: under sixteen writers on two nodes nothing is lost, doubled or inverted, and both nodes tell the same.
import { expect } from 'chai'
import type { Client } from './client.ts'
import { compareWithLedger, faultsOf, finals, inversions, keepLedger, readFeed, startTail } from './feed-witness.ts'
import { prepare, work } from './feed-work.ts'
import { eventually, parallel } from '../kit/wait.ts'
import { caught, describeRaces } from './harness.ts'

const rounds = 10

describeRaces('the feed under load', 2, (arena) => {
  it('the check catches a poll of the outbox by seq > last', async () => {
    await arena.sql('create table queue (seq bigserial primary key, round int)')
    let lossy = 0
    for (let round = 0; round < rounds; round += 1) {
      const [early, late] = [await arena.session(), await arena.session()]
      let last = 0
      const seen: number[] = []
      const poll = async (): Promise<void> => {
        for (const { seq } of await arena.sql<{ seq: string }>('select seq from queue where seq > $1 order by seq', [last])) {
          last = Number(seq)
          seen.push(last)
        }
      }
      await early.query('begin; insert into queue (round) values (0)')
      await late.query('begin; insert into queue (round) values (0); commit')
      await poll()
      await early.query('commit')
      await poll()
      early.release()
      late.release()
      const written = await arena.sql('select seq from queue')
      if (seen.length < written.length) lossy += 1
      await arena.sql('delete from queue')
    }
    caught('a poll by seq > last', lossy, rounds)
  })

  it('the check catches versions that are told out of order, doubled and lost entries', () => {
    const feed = [1, 2, 3].map((version) =>
      ({ pos: version, resource: 'site', id: 'x', action: version === 1 ? 'create' : 'update', version }))
    const [one, two, three] = feed
    if (!one || !two || !three) throw new Error('three entries')
    const broken = [[one, three, two], [one, two, two, three], [one, two], [two, three], [{ ...one, version: 9 }, three]]
    caught(
      'wrong orders of three entries', broken.filter((changes) => faultsOf(changes, feed, { stayed: true }).length > 0).length,
      broken.length,
    )
    expect(broken.every((changes) => faultsOf(changes, feed, { stayed: true }).length > 0)).to.equal(true)
    for (const right of [feed, [one, three], [{ ...three, action: 'create' }]])
      expect(faultsOf(right, feed, { stayed: true })).to.deep.equal([])
  })

  it('under load: each change once, positions in the order of commits, versions that grow, both nodes alike', async function () {
    this.timeout(90_000)
    await prepare(arena)
    const observers: Client[] = await parallel(6, (node) => arena.connect(arena.admin.token, { node }))
    await arena.settle(...observers)
    const start = (await readFeed(arena)).at(-1)?.pos ?? 0
    const from = observers.map((observer) => observer.changes.length)
    await keepLedger(arena)
    const tail = await startTail(arena, start)

    const { acknowledged } = await work(arena, 'load', 2)
    await arena.settle(...observers)
    await eventually(async () => (await arena.sql('select 1 from outbox')).length === 0, 'the outbox is empty')
    await tail.stop()

    const feed = await readFeed(arena, start)
    process.stdout.write(`        ${acknowledged} requests, ${feed.length} entries, ${observers.length} observers\n`)
    expect(feed.length).to.be.greaterThan(acknowledged)
    expect(tail.seen, 'what a tailing reader saw is what there is').to.deep.equal(feed)
    expect(await compareWithLedger(arena, start)).to.deep.equal({ lost: [], doubled: [], shared: [] })
    expect(inversions(feed)).to.deep.equal([])
    const heard = observers.map((observer, index) => observer.changes.slice(from[index]))
    heard.forEach((changes, index) => expect(faultsOf(changes, feed, { stayed: true }).slice(0, 10), `observer ${index}`).to.deep.equal([]))
    for (const changes of heard) expect(finals(changes), 'final states, in order').to.deep.equal(finals(feed))
    for (const [table, resource] of [['sites', 'site'], ['users', 'user'], ['departments', 'department'], ['groups', 'group']] as const) {
      const rows = await arena.sql<{ id: string; version: string }>(`select id, version from ${table}`)
      const last = new Map((await readFeed(arena)).filter((entry) => entry.resource === resource).map((entry) => [entry.id, entry]))
      for (const row of rows) expect(last.get(row.id)?.version, `${resource} ${row.id}`).to.equal(Number(row.version))
      expect([...last.values()].filter((entry) => entry.action !== 'delete')).to.have.length(rows.length)
    }
  })

  it('the broadcast of a change carries the request that made it, also from the other node', async () => {
    const observers = await parallel(2, (node) => arena.connect(arena.admin.token, { node }))
    await parallel(20, (index) =>
      arena.ask('site-create', { id: `mine-${index}`, label: 'Mine', requestId: `request-${index}` }, { node: index }))
    await arena.settle(...observers)
    const rows = await arena.sql<{ id: string; request_id: string }>(`select id, request_id from feed where id like 'mine-%'`)
    expect(rows).to.have.length(20)
    for (const row of rows) expect(row.request_id).to.equal(row.id.replace('mine', 'request'))
  })

  it('one statement of 1,500 rows from outside is heard whole, in order', async () => {
    const observers = await parallel(4, (node) => arena.connect(arena.admin.token, { node }))
    await arena.settle(...observers)
    const start = (await readFeed(arena)).at(-1)?.pos ?? 0
    const from = observers.map((observer) => observer.changes.length)
    await arena.sql(`insert into sites (id, label) select 'bulk-' || n, 'Bulk' from generate_series(1, 1500) n`)
    await arena.sql(`update sites set label = 'Again' where id like 'bulk-%'`)
    await arena.settle(...observers)
    const feed = await readFeed(arena, start)
    expect(feed.filter((entry) => entry.id.startsWith('bulk-'))).to.have.length(3000)
    observers.forEach((observer, index) =>
      expect(faultsOf(observer.changes.slice(from[index]), feed, { stayed: true }).slice(0, 10)).to.deep.equal([]))
  })
})
