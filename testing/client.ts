// A Socket.IO client that remembers everything it hears, in order, from before it is connected.

import { io } from 'socket.io-client'
import type { ManagerOptions, Socket, SocketOptions } from 'socket.io-client'
import { refusal, row, success } from './replies.ts'
import type { Row, WireError } from './replies.ts'
import { patience } from './wait.ts'

export interface Heard {
  readonly event: string
  readonly args: readonly unknown[]
}

export type ClientOptions = Partial<ManagerOptions & SocketOptions>

interface Waiter {
  readonly from: number
  readonly matches: (heard: Heard) => boolean
  readonly resolve: (heard: Heard) => void
}

export class Client {
  readonly socket: Socket
  readonly heard: Heard[] = []
  /** The reasons of every disconnection so far. */
  readonly ends: string[] = []
  readonly #waiters = new Set<Waiter>()

  constructor(socket: Socket) {
    this.socket = socket
    socket.onAny((event: string, ...args: unknown[]) => {
      const heard: Heard = { event, args }
      this.heard.push(heard)
      for (const waiter of this.#waiters) {
        if (this.heard.length <= waiter.from || !waiter.matches(heard)) continue
        this.#waiters.delete(waiter)
        waiter.resolve(heard)
      }
    })
    socket.on('disconnect', (reason) => this.ends.push(reason))
  }

  /** The payload of the `session` event. */
  get session(): Row {
    const found = this.heard.find((heard) => heard.event === 'session')
    if (found === undefined) throw new Error('no session event was heard')
    return row(found.args[0])
  }

  /** The first event, heard already (from position `from` on) or to come, that matches. */
  async hear(what: string | ((heard: Heard) => boolean), from = 0, wait = patience): Promise<Heard> {
    const matches = typeof what === 'string' ? (heard: Heard): boolean => heard.event === what : what
    const already = this.heard.slice(from).find(matches)
    if (already !== undefined) return already
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiters.delete(waiter)
        reject(
          new Error(
            `not heard: ${typeof what === 'string' ? what : 'the awaited event'}; heard last: ${JSON.stringify(this.heard.slice(-5))}`,
          ),
        )
      }, wait)
      const waiter: Waiter = { from, matches, resolve: (heard) => { clearTimeout(timer); resolve(heard) } }
      this.#waiters.add(waiter)
    })
  }

  /** Sends with an acknowledgement and gives back whatever came. No second argument sends none. */
  async ask(event: string, ...payload: readonly unknown[]): Promise<unknown> {
    const reply: unknown = await this.socket.timeout(patience).emitWithAck(event, ...payload)
    return reply
  }

  /** Sends without an acknowledgement and waits for the response event of the given literal name. */
  async askByEvent(event: string, response: string, ...payload: readonly unknown[]): Promise<unknown> {
    const from = this.heard.length
    this.socket.emit(event, ...payload)
    const heard = await this.hear(response, from)
    return heard.args[0]
  }

  async ok(event: string, payload: Row = {}): Promise<Row> {
    return success(await this.ask(event, payload), event)
  }

  async no(event: string, payload: Row, code: string): Promise<WireError> {
    return refusal(await this.ask(event, payload), code)
  }

  /** Waits until the socket is disconnected and tells the reason. */
  async ended(): Promise<string> {
    const last = this.ends.at(-1)
    if (last !== undefined) return last
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('the socket is still connected')), patience)
      this.socket.once('disconnect', (reason) => { clearTimeout(timer); resolve(reason) })
    })
  }

  close(): void {
    this.socket.disconnect()
  }
}

/** Opens a socket of its own and resolves once it is connected; rejects with the `connect_error`. */
export async function open(url: string, options: ClientOptions = {}): Promise<Client> {
  const client = new Client(io(url, { forceNew: true, ...options }))
  await connected(client)
  return client
}

export async function connected(client: Client): Promise<void> {
  const { socket } = client
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => fail(new Error('neither connected nor refused')), patience)
    const fail = (error: Error): void => {
      clearTimeout(timer)
      socket.off('connect', done)
      socket.disconnect()
      reject(error)
    }
    const done = (): void => {
      clearTimeout(timer)
      socket.off('connect_error', fail)
      resolve()
    }
    if (socket.connected) return done()
    socket.once('connect', done)
    socket.once('connect_error', fail)
  })
}

/** The `connect_error` of a connection that must be refused. */
export async function refusedBy(url: string, options: ClientOptions = {}): Promise<Error> {
  let client: Client
  try {
    client = await open(url, options)
  } catch (error) {
    if (error instanceof Error) return error
    throw error
  }
  client.close()
  throw new Error('the connection was accepted')
}
