// The two doors as one interface: the same request with either, and one reply to compare.
import { io, type Socket } from 'socket.io-client'
import { catalogue, type ErrorCode } from '../../core/define/index.ts'
import { patience } from '../wait.ts'

export type Row = Readonly<Record<string, unknown>>

export interface WireError {
  readonly code: ErrorCode
  readonly message: string
  readonly details?: unknown
  readonly retryAfter?: number
  readonly requestId: string
}

export type Reply = { readonly ok: true; readonly data: Row } | { readonly ok: false; readonly error: WireError }

/** The one who asks. */
export interface Person {
  readonly id: string
  readonly token: string
}

export interface Heard {
  readonly event: string
  readonly payload: Row
}

export interface Door {
  readonly name: 'socket' | 'http'
  /** Sends one request and gives its reply; with no person, without a token. */
  ask(person: Person | undefined, event: string, payload?: unknown): Promise<Reply>
  /** Everything but replies to `ask` that the server has sent and that is not a broadcast. */
  strays(): readonly Heard[]
  close(): void
}

const isRow = (value: unknown): value is Row => typeof value === 'object' && value !== null && !Array.isArray(value)

/** A body as it came over the wire. Throws when it is not a reply of the contract. */
export const readReply = (body: unknown): Reply => {
  if (!isRow(body)) throw new Error(`A reply is an object, not ${JSON.stringify(body)}`)
  const { error } = body
  if (error === undefined) return { ok: true, data: body }
  if (!isRow(error) || typeof error['code'] !== 'string' || !Object.hasOwn(catalogue, error['code']))
    throw new Error(`No error of the contract: ${JSON.stringify(body)}`)
  if (typeof error['message'] !== 'string' || typeof error['requestId'] !== 'string')
    throw new Error(`An error without message or requestId: ${JSON.stringify(body)}`)
  const unknown = Object.keys(error).filter((name) => !['code', 'message', 'details', 'retryAfter', 'requestId'].includes(name))
  if (unknown.length > 0 || Object.keys(body).length > 1)
    throw new Error(`An error with more than the contract has: ${JSON.stringify(body)}`)
  return { ok: false, error: error as unknown as WireError }
}

/** POST /api/<event>. */
export const httpDoor = (url: string): Door => ({
  name: 'http',
  async ask(person, event, payload) {
    const response = await fetch(`${url}/api/${event}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(person ? { authorization: `Bearer ${person.token}` } : {}) },
      ...(payload === undefined ? {} : { body: JSON.stringify(payload) }),
      signal: AbortSignal.timeout(patience),
    })
    const reply = readReply(await response.json())
    const wanted = reply.ok ? 200 : catalogue[reply.error.code].status
    if (response.status !== wanted) throw new Error(`${event} answered ${response.status} where the catalogue has ${wanted}`)
    return reply
  },
  strays: () => [],
  close: () => undefined,
})

/** What comes unasked; where the feed is comes every few seconds, also while a test is at work. */
export const isBroadcast = (event: string): boolean => event.endsWith('-changed') || ['session', 'feed-head'].includes(event)

/** Socket.IO: one socket for each person, opened when first needed. */
export const socketDoor = (url: string): Door => {
  const sockets = new Map<string, Promise<Socket>>()
  const strays: Heard[] = []
  const open = (person: Person | undefined): Promise<Socket> => {
    const known = sockets.get(person?.token ?? '')
    if (known) return known
    const options = { forceNew: true, transports: ['websocket'], ...(person ? { auth: { token: person.token } } : {}) }
    const socket = io(person ? url : `${url}/auth`, options)
    socket.onAny((event: string, payload: Row) => {
      if (!isBroadcast(event)) strays.push({ event, payload })
    })
    const opened = new Promise<Socket>((resolve, reject) => {
      socket.once('connect', () => resolve(socket))
      socket.once('connect_error', reject)
    })
    sockets.set(person?.token ?? '', opened)
    return opened
  }
  return {
    name: 'socket',
    async ask(person, event, payload) {
      const socket = await open(person)
      const args = payload === undefined ? [] : [payload]
      const body: unknown = await socket.timeout(patience).emitWithAck(event, ...args)
      return readReply(body)
    },
    strays: () => strays,
    close() {
      for (const opened of sockets.values()) void opened.then((socket) => socket.disconnect(), () => undefined)
    },
  }
}

/** The data of a reply that must be a success. */
export const success = (reply: Reply, what: string): Row => {
  if (!reply.ok) throw new Error(`${what}: ${JSON.stringify(reply.error)}`)
  return reply.data
}

/** The error of a reply that must be a refusal with this code. */
export const refusal = (reply: Reply, code: ErrorCode, what: string): WireError => {
  if (reply.ok) throw new Error(`${what}: expected ${code}, but it succeeded with ${JSON.stringify(reply.data).slice(0, 500)}`)
  if (reply.error.code !== code) throw new Error(`${what}: expected ${code}, got ${JSON.stringify(reply.error)}`)
  return reply.error
}
