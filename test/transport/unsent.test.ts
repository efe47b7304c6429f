// What is kept for a client that does not read: counted while its transport is busy, forgotten when it has taken
// it, given up beyond the bound.
import { EventEmitter } from 'node:events'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect } from 'chai'
import { boundUnsent, logSlowConsumers } from '../../core/transport/unsent.ts'
import { recordingLog } from '../kit/server.ts'

/** A connection whose ends are counted, by WebSocket or not. */
class Connection extends EventEmitter {
  readonly wire = { bufferedAmount: 0, terminate: (): void => { this.terminated += 1 } }
  readonly transport: object
  closed = 0
  terminated = 0
  dropped = 0

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
  boundUnsent(connection, { limit: 1000, onDrop: () => { connection.dropped += 1 } })
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
    expect([connection.closed, connection.terminated, connection.dropped]).to.deep.equal([0, 1, 1])
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
    expect([connection.closed, connection.terminated, connection.dropped]).to.deep.equal([0, 0, 0])
  })

  it('the log has one line at once with the word slow_consumer, and of a storm one line with how many they were', () => {
    const log = recordingLog()
    const clock = { now: 0 }
    const drop = logSlowConsumers(log, () => clock.now)
    for (let each = 0; each < 1000; each += 1) drop()
    clock.now += 10_001
    drop()
    expect(log.lines.map(({ details }) => details)).to.deep.equal([{ count: 1, total: 1 }, { count: 1000, total: 1001 }])
    for (const { level, message } of log.lines) expect(`${level}: ${message}`).to.match(/^warn: slow_consumer/)
  })
})
