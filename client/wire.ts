// One connection from its attempt to its end: what it may send, what it hears, and why it ended.
import { io, type Socket } from 'socket.io-client'
import { SovraneError } from './errors.ts'
import { deferred, later } from './time.ts'

export interface Cursor {
  readonly epoch: string
  readonly pos: number
}

/** What a server says first. Source: docs/protocol.md §1. */
interface Session {
  readonly userId: string
  readonly sessionId: string
  readonly feed: Cursor
}

export interface Wire {
  /**
   * The reply, whatever it says.
   * @throws Lost when the connection ends before it
   */
  send(event: string, payload: object): Promise<unknown>
}

/** A request whose connection has ended: no one knows whether it was done. */
export class Lost extends Error {}

/**
 * How a connection ended. `refused`: its token was. `expired`: its token has ended. `over`: its session has. `lost`: anything else, after
 * which a client comes back by itself; with the error where it had not begun.
 */
export type End =
  | { readonly kind: 'refused' | 'expired' }
  | { readonly kind: 'over'; readonly reason: string }
  | { readonly kind: 'lost'; readonly error?: SovraneError }

export interface WireOptions {
  readonly url: string
  readonly path: string
  readonly transports: readonly ('websocket' | 'polling')[]
  readonly auth: object
  readonly onSession: (session: Session, wire: Wire) => void
  readonly onEvent: (event: string, payload: Readonly<Record<string, unknown>>) => void
}

/** Milliseconds: to connect and hear the `session`; without a reply until the server is asked whether it is there; for its answer. */
const patience = { begin: 10_000, reply: 10_000, probe: 5000 }

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null

const isCursor = (value: unknown): value is Cursor =>
  isObject(value) && typeof value['epoch'] === 'string' && typeof value['pos'] === 'number'

const isSession = (value: unknown): value is Session =>
  isObject(value) && typeof value['userId'] === 'string' && typeof value['sessionId'] === 'string' && isCursor(value['feed'])

export interface Attempt {
  readonly ended: Promise<End>
  /** Asks the server whether it is still there; ends the connection when it does not answer. */
  probe(): void
  close(): void
}

/** Opens a connection. It never comes back by itself: `ended` settles once. */
export const openWire = ({ url, path, transports, auth, onSession, onEvent }: WireOptions): Attempt => {
  const socket: Socket = io(url, {
    path, auth, transports: [...transports], forceNew: true, reconnection: false, timeout: patience.begin,
    // Where a proxy lets no WebSocket through.
    tryAllTransports: true,
  })
  const end = deferred<End>()
  const waiting = new Set<(error: Lost) => void>()
  let isOver = false
  let stopProbe = (): void => undefined
  let stopWatch = (): void => undefined

  const finish = (how: End): void => {
    if (isOver) return
    isOver = true
    stopBegin()
    stopProbe()
    stopWatch()
    socket.offAny()
    socket.off()
    // A transport that is dead says nothing of its end.
    socket.io.engine?.close()
    socket.disconnect()
    for (const fail of waiting) fail(new Lost('The connection has ended'))
    waiting.clear()
    end.resolve(how)
  }
  const fail = (message: string): void => finish({ kind: 'lost', error: new SovraneError('protocol', { message }) })
  const stopBegin = later(() => {
    if (socket.connected) fail(`What answers at ${url} is not a Sovrane server: it said no session`)
    else finish({ kind: 'lost', error: new SovraneError('offline', { message: `${url} did not answer in time` }) })
  }, patience.begin)

  const heard = (): void => {
    stopProbe()
    stopProbe = (): void => undefined
  }
  const probe = (): void => {
    heard()
    stopProbe = later(() => finish({ kind: 'lost' }), patience.probe)
    if (socket.connected) socket.emit('ping', {}, heard)
  }
  /** As long as a reply is awaited, silence is not taken for work. */
  const watch = (): void => {
    stopWatch()
    stopWatch = later(() => {
      if (waiting.size === 0) return
      probe()
      watch()
    }, patience.reply)
  }

  const wire: Wire = {
    send(event, payload) {
      if (isOver || !socket.connected) return Promise.reject(new Lost('The connection has ended'))
      return new Promise((resolve, reject) => {
        waiting.add(reject)
        if (waiting.size === 1) watch()
        socket.emit(event, payload, (reply: unknown) => {
          waiting.delete(reject)
          heard()
          if (waiting.size === 0) stopWatch()
          else watch()
          resolve(reply)
        })
      })
    },
  }

  let ending: End | undefined
  socket.onAny((event: string, payload: unknown = {}) => {
    heard()
    if (event === 'session') {
      if (!isSession(payload)) return fail(`What answers at ${url} is of another version: its session is not understood`)
      stopBegin()
      return onSession(payload, wire)
    }
    if (event === 'session-expired') {
      const reason = isObject(payload) ? String(payload['reason']) : ''
      ending = reason === 'expired' ? { kind: 'expired' } : { kind: 'over', reason }
    }
    if (isObject(payload)) onEvent(event, payload)
  })
  socket.on('disconnect', () => finish(ending ?? { kind: 'lost' }))
  socket.on('connect_error', (error) => {
    if (error.message === 'Unauthorized') return finish({ kind: 'refused' })
    finish({ kind: 'lost', error: new SovraneError('offline', { message: `${url} cannot be reached: ${error.message}`, cause: error }) })
  })
  return { ended: end.promise, probe, close: () => finish({ kind: 'lost' }) }
}
