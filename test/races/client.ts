// A client of the race suites: requests over HTTP or a socket, and every change that the socket hears, in order.
import { io, type Socket } from 'socket.io-client'
import { patience } from '../kit/wait.ts'

export type Fields = Readonly<Record<string, unknown>>

export type Reply =
  | { readonly ok: true; readonly data: Fields }
  | { readonly ok: false; readonly code: string; readonly details: unknown }

export interface Change {
  readonly resource: string
  readonly id: string
  readonly action: string
  readonly version: number
  readonly pos: number
}

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null

const toReply = (body: unknown): Reply => {
  if (!isFields(body)) throw new Error(`no reply but ${JSON.stringify(body)}`)
  const { error } = body
  return isFields(error) ? { ok: false, code: String(error['code']), details: error['details'] } : { ok: true, data: body }
}

/** One request over HTTP. */
export const post = async (url: string, event: string, payload: Fields, token?: string): Promise<Reply> => {
  const response = await fetch(`${url}/api/${event}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
    body: JSON.stringify(payload),
  })
  return toReply(await response.json())
}

const within = <T>(what: string, promise: Promise<T>): Promise<T> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`did not come about: ${what}`)), patience)
  })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}

export class Client {
  readonly #socket: Socket
  readonly changes: Change[] = []
  /** The feed as the `session` event gave it. */
  feed: { readonly epoch: string; readonly pos: number } = { epoch: '', pos: -1 }
  /** How often the server told to read everything anew. */
  resyncs = 0
  /** Why the session was ended by the server. */
  expired: string | undefined
  readonly ready: Promise<void>
  /** Fulfilled with the reason at the end of the connection. */
  readonly ended: Promise<string>

  constructor(socket: Socket) {
    this.#socket = socket
    this.ended = new Promise((resolve) => void socket.on('disconnect', resolve))
    this.ready = new Promise((resolve, reject) => {
      socket.on('connect_error', reject)
      socket.on('session', (session: { feed: { epoch: string; pos: number } }) => {
        this.feed = session.feed
        resolve()
      })
    })
    socket.on('session-expired', ({ reason }: { reason: string }) => {
      this.expired = reason
    })
    socket.on('feed-resync', () => {
      this.resyncs += 1
    })
    socket.onAny((event: string, payload: unknown) => {
      if (!event.endsWith('-changed') || event === 'rights-changed' || !isFields(payload)) return
      const { id, action, version, pos } = payload
      this.changes.push({
        resource: event.slice(0, -'-changed'.length), id: String(id), action: String(action),
        version: Number(version), pos: Number(pos),
      })
    })
  }

  /** Where to go on from after a reconnection. */
  get cursor(): { readonly epoch: string; readonly pos: number } {
    return { epoch: this.feed.epoch, pos: this.changes.at(-1)?.pos ?? this.feed.pos }
  }

  async ask(event: string, payload: Fields): Promise<Reply> {
    const body: unknown = await this.#socket.timeout(patience).emitWithAck(event, payload)
    return toReply(body)
  }

  /** The reason of the disconnection, waited for. */
  end(): Promise<string> {
    return within('the end of the connection', this.ended)
  }

  close(): void {
    this.#socket.disconnect()
  }
}

/** Connects to `/` by WebSocket and waits for `session`. */
export const openClient = async (url: string, auth: Fields): Promise<Client> => {
  const client = new Client(io(url, { auth, forceNew: true, reconnection: false, transports: ['websocket'] }))
  await within('a session', client.ready)
  return client
}
