// The two doors as the player uses them: HTTP with connections kept open, and one socket a token.

import { Agent, request } from 'node:http'
import { io } from 'socket.io-client'
import type { Socket } from 'socket.io-client'
import { patience } from '../wait.ts'
import { isValues } from './shape.ts'
import type { Values } from './shape.ts'

export interface Reply {
  readonly body: Values
  readonly error: { readonly code: string; readonly permission: string | undefined; readonly text: string } | undefined
}

const statusOf: Readonly<Record<string, number>> = {
  invalid_payload: 400, unauthenticated: 401, forbidden: 403, not_found: 404, conflict: 409,
}

const replyOf = (body: unknown): Reply => {
  if (!isValues(body)) throw new Error(`no JSON object came back: ${JSON.stringify(body)}`)
  const { error } = body
  if (!isValues(error)) return { body, error: undefined }
  const details = isValues(error['details']) ? error['details'] : {}
  const permission = typeof details['permission'] === 'string' ? details['permission'] : undefined
  return { body, error: { code: String(error['code']), permission, text: JSON.stringify(error) } }
}

/** A full queue answers `unavailable`, and nothing has happened: it is asked again. */
const patiently = async (ask: () => Promise<Reply>): Promise<Reply> => {
  for (let attempt = 0; ; attempt += 1) {
    const reply = await ask()
    if (reply.error?.code !== 'unavailable' || attempt === 300) return reply
    await new Promise((resolve) => { setTimeout(resolve, 100) })
  }
}

export class Doors {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 16, timeout: 4_000 })
  readonly #port: number
  readonly #url: string
  readonly #sockets = new Map<string, Promise<Socket>>()

  constructor(url: string) {
    this.#url = url
    this.#port = Number(new URL(url).port)
  }

  async http(event: string, payload: unknown, token?: string): Promise<Reply> {
    return patiently(async () => this.#post(event, payload, token))
  }

  async socket(event: string, payload: unknown, token: string): Promise<Reply> {
    return patiently(async () => this.#emit(event, payload, token))
  }

  async #post(event: string, payload: unknown, token: string | undefined): Promise<Reply> {
    const body = JSON.stringify(payload)
    return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        host: '127.0.0.1', port: this.#port, path: `/api/${event}`, method: 'POST', agent: this.#agent,
        headers: {
          'content-type': 'application/json', 'content-length': Buffer.byteLength(body),
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        },
      },
      (incoming) => {
        let source = ''
        incoming.setEncoding('utf8').on('data', (chunk: string) => { source += chunk })
        incoming.on('error', reject).on('end', () => {
          try {
            const reply = replyOf(JSON.parse(source) as unknown)
            const wanted = reply.error === undefined ? 200 : statusOf[reply.error.code]
            if (wanted !== undefined && wanted !== incoming.statusCode)
              throw new Error(`${event}: status ${incoming.statusCode ?? 0} with ${source}`)
            resolve(reply)
          } catch (error) {
            reject(error instanceof Error ? error : new Error(source))
          }
        })
      })
      outgoing.on('error', reject)
      outgoing.end(body)
    })
  }

  async #emit(event: string, payload: unknown, token: string): Promise<Reply> {
    const known = this.#sockets.get(token)
    const opening = known ?? this.#open(token)
    if (known === undefined) this.#sockets.set(token, opening)
    const socket = await opening
    const reply: unknown = await socket.timeout(patience).emitWithAck(event, payload)
    return replyOf(reply)
  }

  async #open(token: string): Promise<Socket> {
    const socket = io(this.#url, {
      auth: { token, listen: { heads: true } }, forceNew: true, transports: ['websocket'], reconnection: false,
    })
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve)
      socket.once('connect_error', reject)
    })
    return socket
  }

  /** Closes the socket of a token that has ended. */
  async drop(token: string): Promise<void> {
    const opening = this.#sockets.get(token)
    this.#sockets.delete(token)
    if (opening !== undefined) (await opening.catch(() => undefined))?.disconnect()
  }

  async dropAll(): Promise<void> {
    await Promise.all([...this.#sockets.keys()].map(async (token) => this.drop(token)))
  }

  async close(): Promise<void> {
    await this.dropAll()
    this.#agent.destroy()
  }
}
