// How an answer is written to HTTP.
import type { ServerResponse } from 'node:http'
import type { Reply } from '../call/reply.ts'

type Headers = Readonly<Record<string, string>>

/** Writes a JSON body. */
export const send = (response: ServerResponse, status: number, body: unknown, headers: Headers = {}): void => {
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...headers,
  })
  response.end(JSON.stringify(body))
}

/** Writes a reply with the status of its code. */
export const sendReply = (response: ServerResponse, reply: Reply, headers: Headers = {}): void => {
  if (reply.ok) return send(response, 200, reply.data, headers)
  const { retryAfter } = reply.error
  send(
    response,
    reply.status,
    { error: reply.error },
    { ...headers, ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }) },
  )
}
