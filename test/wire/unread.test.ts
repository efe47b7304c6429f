// docs/protocol.md §8: a client that asks and does not read is dropped; it comes back, and the others notice nothing.
import { expect } from 'chai'
import { onAnyDatabase } from './support/databases.ts'
import { isRow } from '../kit/replies.ts'
import type { Client } from '../kit/client.ts'

interface Wire {
  send(packet: string): void
  /** The TCP connection beneath. */
  readonly _socket: { pause(): void }
}

/** The WebSocket of a client. */
const wireOf = (client: Client): Wire => {
  const transport: unknown = client.socket.io.engine.transport
  const ws = isRow(transport) ? transport['ws'] : undefined
  if (!isRow(ws) || !isRow(ws['_socket'])) throw new Error('the client has no WebSocket of Node')
  return ws as unknown as Wire
}

/** Some 165 KB a reply, in all more than the kernel keeps for both ends. */
const [people, requests] = [20, 150]

onAnyDatabase('A client that does not read', (wire) => {
  it('is dropped, and comes back by itself', async function () {
    this.timeout(120_000)
    const siteId = await wire.make('site')
    const metadata = Object.fromEntries(Array.from({ length: 8 }, (_, index) => [`k${index}`, 'm'.repeat(1000)]))
    for (let made = 0; made < people; made += 1) await wire.make('user', { siteId, metadata })
    const { token } = await wire.actor({ can: ['read-users'] })
    const client = await wire.connect(token, {}, { transports: ['websocket'] })
    const ended = new Promise<string>((resolve) => { client.socket.once('disconnect', resolve) })
    const again = new Promise<void>((resolve) => { client.socket.once('disconnect', () => client.socket.once('connect', resolve)) })
    const ws = wireOf(client)
    ws._socket.pause()
    for (let sent = 0; sent < requests; sent += 1) client.socket.emit('user-list-request', { limit: 100, filter: { siteId } })
    // Pongs, as if it were alive; and who does not read notices the end only by writing.
    const pulse = setInterval(() => ws.send('3'), 50)
    expect(await ended).to.match(/^transport (close|error)$/)
    clearInterval(pulse)
    await again
    expect(client.heard.filter(({ event }) => event === 'user-list-response').length).to.be.lessThan(requests)
    await wire.admin.ok('ping')
  })
})
