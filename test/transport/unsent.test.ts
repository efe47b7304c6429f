// What is kept for a client that does not read: counted while its transport is busy, forgotten when it has taken
// it, given up beyond the bound.
import { EventEmitter } from 'node:events'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect } from 'chai'
import { boundUnsent } from '../../core/transport/unsent.ts'

/** A connection whose ends are counted, by WebSocket or not. */
class Connection extends EventEmitter {
  readonly wire = { bufferedAmount: 0, terminate: (): void => { this.terminated += 1 } }
  readonly transport: object
  closed = 0
  terminated = 0

  constructor(withSocket: boolean) {
    super()
    this.transport = withSocket ? { socket: this.wire } : {}
  }

  close(): void { this.closed += 1 }
  send(bytes: number): void { this.emit('packetCreate', { data: 'x'.repeat(bytes) }) }
  flush(): void { this.emit('flush') }
}

const bounded = (withSocket: boolean): Connection => {
  const connection = new Connection(withSocket)
  boundUnsent(connection, 1000)
  return connection
}

describe('What is kept for a client that does not read', () => {
  it('beyond the bound a connection without a WebSocket is closed, once', async () => {
    const connection = bounded(false)
    for (let sent = 0; sent < 20; sent += 1) connection.send(100)
    await nextTurn()
    expect(connection.closed).to.equal(1)
  })

  it('one by WebSocket is ended without waiting for the client', async () => {
    const connection = bounded(true)
    for (let sent = 0; sent < 20; sent += 1) connection.send(100)
    await nextTurn()
    expect([connection.closed, connection.terminated]).to.deep.equal([0, 1])
  })

  it('what waits in the WebSocket counts', async () => {
    const connection = bounded(true)
    connection.wire.bufferedAmount = 1001
    connection.send(1)
    await nextTurn()
    expect(connection.terminated).to.equal(1)
  })

  it('a client that reads is kept, whatever it is sent, and so is one message of any size', async () => {
    const connection = bounded(true)
    for (let sent = 0; sent < 50; sent += 1) {
      connection.send(5000)
      connection.flush()
    }
    await nextTurn()
    expect([connection.closed, connection.terminated]).to.deep.equal([0, 0])
  })
})
