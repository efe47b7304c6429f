// What the server keeps for a client that does not read: bounded, for whatever is sent by its transport, and then given up.
// Socket.IO never drops a client that answers pings and reads nothing: what it is sent would grow until the process ends.
import type { Server } from 'socket.io'
import type { Log } from '../define/plugin.ts'

export interface UnsentOptions {
  /** Bytes, apart from the last message: a reply may be large by itself. */
  readonly limit: number
  /** A client that does not read is dropped. */
  readonly onDrop: () => void
}

/** A transport's WebSocket, if it has one: bytes that wait in it and in the kernel's queue, and an end that waits for no one. */
interface Wire {
  readonly bufferedAmount: number
  terminate(): void
}

/** What this needs of a connection of engine.io. */
interface Transported {
  readonly transport: object
  on(event: 'packetCreate', listener: (packet: { readonly data?: unknown }) => void): unknown
  on(event: 'flush', listener: () => void): unknown
  close(discard?: boolean): unknown
}

const wireOf = ({ transport }: Transported): Wire | undefined => {
  const wire = (transport as { readonly socket?: Partial<Wire> | null }).socket
  return typeof wire?.terminate === 'function' && typeof wire.bufferedAmount === 'number' ? (wire as Wire) : undefined
}

const sizeOf = (data: unknown): number => (typeof data === 'string' || Buffer.isBuffer(data) ? data.length : 0)

/** Closes a connection once more than `limit` bytes wait for its client: it comes back and resumes. */
export const boundUnsent = (conn: Transported, { limit, onDrop }: UnsentOptions): void => {
  // What has not been given to the transport yet, which takes nothing while it is writing.
  let waiting = 0
  let dropped = false
  conn.on('flush', () => {
    waiting = 0
  })
  conn.on('packetCreate', ({ data }) => {
    if (dropped) return
    const wire = wireOf(conn)
    if (waiting + (wire?.bufferedAmount ?? 0) > limit) {
      dropped = true
      onDrop()
      // Not in the middle of a broadcast. An orderly close would wait for the client to read.
      setImmediate(() => (wire ? wire.terminate() : conn.close(true)))
    }
    waiting += sizeOf(data)
  })
}

/** The same for every connection of a server. */
export const boundAllUnsent = (io: Server, options: UnsentOptions): void => {
  io.engine.on('connection', (conn: Transported) => boundUnsent(conn, options))
}

/** Milliseconds between two lines of the log. */
const pause = 10_000

/** Tells the log that clients do not read: a line at once, then now and then one with how many there were. */
export const logSlowConsumers = (log: Log, now = (): number => performance.now()): (() => void) => {
  let [count, total, said] = [0, 0, -Infinity]
  return () => {
    count += 1
    total += 1
    if (now() - said < pause) return
    log.warn({ count, total }, 'slow_consumer: clients that do not read what they are sent were dropped; they come back and resume')
    count = 0
    said = now()
  }
}
