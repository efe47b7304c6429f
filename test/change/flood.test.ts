// A statement that changes thousands of rows while hundreds listen: told in a moment, and nobody is left in the dark.
import { expect } from 'chai'
import { onAnyDatabase } from '../kit/databases.ts'
import type { Client } from '../kit/client.ts'
import { number, row, text } from '../kit/replies.ts'
import { openServer, unique, until } from '../kit/test-server.ts'
import { parallel } from '../kit/wait.ts'

/** Messages for each change: a batch of 1,000 is more than a node tells one by one. */
const listeners = 220

onAnyDatabase('a flood of changes', (kind) => {
  const house = openServer(kind)

  const positions = (client: Client, name: string): number[] =>
    client.heard.flatMap(({ event, args }) => (event === name ? [number(row(args[0])['pos'])] : []))

  const play = async (name: string, rows: number): Promise<void> => {
    await house.db.raw(`insert into sites (id, label) select '${name}-' || n, 'Flood ' || n from generate_series(1, ${rows}) n`)
    const read = async (): Promise<{ pos: number; waiting: number }> => {
      const { rows: [state] }: { rows: { pos: number; waiting: number }[] } =
        await house.db.raw('select pos, (select count(*)::int from outbox) as waiting from feed_state')
      return state ?? { pos: Infinity, waiting: 0 }
    }
    const end = async (): Promise<number> => {
      await until('the outbox is empty', async () => (await read()).waiting === 0)
      return (await read()).pos
    }
    const made = await end()
    await until('the node has told of them', () => house.server.feed.pos >= made)
    const all = await parallel(listeners, () => house.socket(house.admin))
    const other = await house.socket(house.admin, house.url, { listen: { resources: ['role'] } })
    await house.db.raw("update sites set label = label || '.' where id like ?", [`${name}-%`])
    const changed = await end()
    for (const client of all) {
      await until('each knows of all', () => Math.max(...positions(client, 'feed-resync'), ...positions(client, 'site-changed')) >= changed)
    }
    // Who comes now is let in: nothing is half told.
    const newcomer = await house.socket(house.admin)
    const id = text((await house.ok('site-create', { label: unique('site') }, house.admin))['id'])
    for (const client of [...all, newcomer]) {
      await client.hear(({ event, args: [payload] }) => event === 'site-changed' && row(payload)['id'] === id)
    }
    for (const client of all) {
      expect(positions(client, 'site-changed').length).to.be.lessThan(rows)
      const [first] = positions(client, 'feed-resync')
      expect(first).to.be.a('number')
    }
    expect(positions(other, 'feed-resync')).to.deep.equal([])
    expect(positions(other, 'site-changed')).to.deep.equal([])
    for (const client of [...all, newcomer, other]) client.close()
  }

  it('is one word to each who would hear of it, nothing to the others, and what follows is told as ever', async function () {
    this.timeout(120_000)
    await play('flood', 2500)
  })

  it('is over when it ends with a full batch, though nothing follows', async function () {
    this.timeout(120_000)
    await play('whole', 2000)
  })
})
