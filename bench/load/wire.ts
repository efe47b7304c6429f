// A lean Socket.IO client over one WebSocket: the load must cost less than the servers that it measures.
import { WebSocket } from 'ws'

/** What follows an event's name: its payload, or whatever the target's requests consist of. */
export type Arguments = readonly unknown[]

export interface Wire {
  /** Sends an event and resolves with the arguments of its acknowledgement. Rejects when the socket closes first. */
  ask(event: string, ...args: Arguments): Promise<readonly unknown[]>
  /** Hears every event as it came: `["name",…]`, not parsed. */
  onFrame(listener: (frame: string) => void): void
  onClose(listener: () => void): void
  /** Reads nothing from now on, and answers no ping. */
  pause(): void
  close(): void
}

interface Waiting {
  readonly answer: (args: readonly unknown[]) => void
  readonly fail: (error: Error) => void
}

/** Engine.IO's and Socket.IO's packet types, as they begin a text frame. */
const [open, ping, pong, connected, ended, refused, event, acknowledgement] = ['0', '2', '3', '40', '41', '44', '42', '43']

const split = (frame: string): { readonly id: number; readonly body: string } => {
  const start = frame.indexOf('[')
  const id = frame.slice(2, start)
  return { id: Number(id.slice(id.indexOf(',') + 1)), body: frame.slice(start) }
}

export interface Handshake {
  /** What it carries. */
  readonly auth?: object
  /** By default `/`. */
  readonly namespace?: string
  /** The event by which the server says that it is ready; by default its answer to the handshake is enough. */
  readonly ready?: string
  /** Hears every event from the first on, as `onFrame`. */
  readonly onFrame?: (frame: string) => void
}

/** Opens a socket. @throws Error when the server refuses or goes */
export const connect = (url: string, { auth = {}, namespace = '/', ready, onFrame: first }: Handshake = {}): Promise<Wire> =>
  new Promise((resolve, reject) => {
  const prefix = namespace === '/' ? '' : `${namespace},`
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/socket.io/?EIO=4&transport=websocket`, { perMessageDeflate: false })
  const waiting = new Map<number, Waiting>()
  let onFrame = first
  let next = 0

  const wire: Wire = {
    ask: (name, ...args) => new Promise((answer, fail) => {
      const id = next
      next += 1
      waiting.set(id, { answer, fail })
      socket.send(`${event}${prefix}${id}${JSON.stringify([name, ...args])}`)
    }),
    onFrame: (listener) => { onFrame = listener },
    onClose: (listener) => void socket.on('close', listener),
    pause: () => socket.pause(),
    close: () => socket.close(),
  }

  const hearEvent = (frame: string): void => {
    if (ready !== undefined && frame.startsWith(`["${ready}",`)) resolve(wire)
    onFrame?.(frame)
  }

  socket.on('message', (data: Buffer) => {
    const frame = data.toString('utf8')
    if (frame.startsWith(acknowledgement)) {
      const { id, body } = split(frame)
      const asked = waiting.get(id)
      waiting.delete(id)
      asked?.answer(JSON.parse(body) as unknown[])
    } else if (frame.startsWith(event)) hearEvent(split(frame).body)
    else if (frame === ping) socket.send(pong)
    else if (frame.startsWith(connected)) {
      if (ready === undefined) resolve(wire)
    } else if (frame.startsWith(refused)) reject(new Error(`the server refused the connection: ${frame.slice(refused.length)}`))
    // The transport would stay for a while.
    else if (frame.startsWith(ended)) socket.close()
    else if (frame.startsWith(open)) socket.send(`${connected}${prefix}${JSON.stringify(auth)}`)
  })
  socket.on('error', reject)
  socket.on('close', () => {
    const gone = new Error('the socket was closed')
    reject(gone)
    for (const { fail } of waiting.values()) fail(gone)
    waiting.clear()
  })
})
