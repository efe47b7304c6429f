// docs/protocol.md §8: a client that asks and does not read is dropped; it comes back, and the others notice nothing.
import { expect } from 'chai'
import { onEachDatabase } from './support/databases.ts'
import { isRow } from './support/replies.ts'
import type { Client } from './support/client.ts'

/** The TCP connection beneath a client by WebSocket. */
const streamOf = (client: Client): { pause(): void } => {
  const transport: unknown = client.socket.io.engine.transport
  const stream = isRow(transport) && isRow(transport['ws']) ? transport['ws']['_socket'] : undefined
  if (!isRow(stream)) throw new Error('the client has no WebSocket of Node')
  return stream as unknown as { pause(): void }
}

/** Some 165 KB a reply, in all more than the kernel keeps for both ends. */
const [people, requests] = [20, 150]

onEachDatabase('A client that does not read', (wire) => {
  it('is dropped, and comes back by itself', async function () {
    this.timeout(120_000)
    const siteId = await wire.make('site')
    const metadata = Object.fromEntries(Array.from({ length: 8 }, (_, index) => [`k${index}`, 'm'.repeat(1000)]))
    for (let made = 0; made < people; made += 1) await wire.make('user', { siteId, metadata })
    const { token } = await wire.actor({ can: ['read-users'] })
    const client = await wire.connect(token, {}, { transports: ['websocket'] })
    const ended = new Promise<string>((resolve) => { client.socket.once('disconnect', resolve) })
    const again = new Promise<void>((resolve) => { client.socket.once('disconnect', () => client.socket.once('connect', resolve)) })
    streamOf(client).pause()
    for (let sent = 0; sent < requests; sent += 1) client.socket.emit('user-list-request', { limit: 100, filter: { siteId } })
    // Who does not read notices the end only by writing.
    const pulse = setInterval(() => client.socket.emit('ping', {}), 50)
    expect(await ended).to.match(/^transport (close|error)$/)
    clearInterval(pulse)
    await again
    expect(client.heard.filter(({ event }) => event === 'user-list-response').length).to.be.lessThan(requests)
    await wire.admin.ok('ping')
  })
})
