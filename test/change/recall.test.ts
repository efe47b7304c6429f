// Who comes back is answered from the node's memory, also by a node that was just started, and from the database below it: alike.
import { expect } from 'chai'
import type { Client } from '../kit/client.ts'
import { onEachDatabase } from '../kit/databases.ts'
import { number, row, text, type Row } from '../kit/replies.ts'
import { openServer, unique, until } from '../kit/test-server.ts'

onEachDatabase('who comes back', (kind) => {
  const house = openServer(kind)

  const ids = (client: Client): unknown[] =>
    client.heard.flatMap(({ event, args }) => (event === 'site-changed' ? [row(args[0])['id']] : []))
  const resyncs = (client: Client): number => client.heard.filter(({ event }) => event === 'feed-resync').length

  /** Where the feed is once everything that was acknowledged has been told, and what was made after that. */
  const away = async (): Promise<{ readonly since: Row; readonly made: string[] }> => {
    const client = await house.socket(house.admin)
    const id = text((await house.ok('site-create', { label: unique('site') }, house.admin))['id'])
    const { args } = await client.hear(({ event, args: [payload] }) => event === 'site-changed' && row(payload)['id'] === id)
    client.close()
    const since = { epoch: row(client.session['feed'])['epoch'], pos: row(args[0])['pos'] }
    const made: string[] = []
    for (let index = 0; index < 3; index += 1) {
      made.push(text((await house.ok('site-create', { label: unique('site') }, house.admin))['id']))
    }
    return { since, made }
  }

  const comeBack = async (since: Row, made: readonly string[], url = house.url): Promise<{ hits: number; misses: number }> => {
    const { recall, ring } = house.servers.find((server) => server.url === url)?.feed ?? house.server.feed
    // This node has to have read what is missed.
    await until('the node has caught up', () => ring.head >= number(since['pos']) + made.length)
    const before = { ...recall.counts }
    const client = await house.socket(house.admin, url, { since })
    await until('all is heard', () => ids(client).length >= made.length)
    expect(ids(client)).to.deep.equal(made)
    expect(resyncs(client)).to.equal(0)
    return { hits: recall.counts.hits - before.hits, misses: recall.counts.misses - before.misses }
  }

  it('hears from memory what was missed', async () => {
    const { since, made } = await away()
    const { hits, misses } = await comeBack(since, made)
    expect(misses).to.equal(0)
    expect(hits).to.be.greaterThan(0)
  })

  it('hears the same from the database what is no longer in memory', async () => {
    const { since, made } = await away()
    await comeBack(since, made)
    const { ring, forget } = house.server.feed
    forget(ring.head)
    const { hits, misses } = await comeBack(since, made)
    expect(hits).to.equal(0)
    expect(misses).to.be.greaterThan(0)
  })

  it('hears from memory also of a node that was just started', async function () {
    this.timeout(60_000)
    const { since, made } = await away()
    await house.restart({})
    const { hits, misses } = await comeBack(since, made)
    expect(misses).to.equal(0)
    expect(hits).to.be.greaterThan(0)
  })
})
