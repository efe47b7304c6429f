// Raw HTTP requests: bodies and headers that no ordinary client would send, and no Origin unless given.

import { request } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'

export interface HttpReply {
  readonly status: number
  /** The parsed JSON, or the text when it is none. */
  readonly body: unknown
  readonly headers: IncomingHttpHeaders
}

export interface HttpRequest {
  readonly method?: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string | string[]>>
  readonly body?: string | Buffer
}

function parsed(source: string): unknown {
  try {
    return JSON.parse(source)
  } catch {
    return source
  }
}

export async function send(url: string, { method = 'POST', path, headers = {}, body }: HttpRequest): Promise<HttpReply> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const outgoing = request({ hostname, port, path, method, headers, agent: false }, (incoming) => {
      let source = ''
      incoming.setEncoding('utf8')
      incoming.on('data', (chunk: string) => { source += chunk })
      incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, body: parsed(source), headers: incoming.headers }))
      incoming.on('error', reject)
    })
    // A WebSocket that is let in.
    outgoing.on('upgrade', (incoming, socket) => {
      socket.destroy()
      resolve({ status: incoming.statusCode ?? 0, body: '', headers: incoming.headers })
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

/** `POST /api/<event>` with a body that is sent as it is. */
export async function post(url: string, event: string, body: string, token?: string): Promise<HttpReply> {
  return send(url, {
    path: `/api/${event}`,
    headers: {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body,
  })
}
