// HTTP: POST /api/<event> and the health endpoints. It translates and carries, nothing else.
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Knex } from 'knex'
import { v7 as uuid } from 'uuid'
import type { Assembly } from '../boot/assemble.ts'
import type { Dispatcher } from '../call/dispatcher.ts'
import { errorReply, type Reply } from '../call/reply.ts'
import { AppError, invalidPayload } from '../define/errors.ts'
import type { Connection } from '../define/call.ts'
import type { Log } from '../define/plugin.ts'
import { addressOf } from './address.ts'
import type { OriginCheck } from './origin.ts'

export interface HttpOptions {
  readonly dispatcher: Dispatcher
  readonly assembly: Assembly
  readonly knex: Knex
  readonly log: Log
  readonly origins: OriginCheck
  readonly isReady: () => boolean
}

const readBody = async (request: IncomingMessage, limit: number): Promise<Buffer> => {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    // The rest is still read, a little: a client that is writing hears the answer only then.
    if (size > limit * 16) throw new AppError('payload_too_large')
    if (size <= limit) chunks.push(chunk)
  }
  if (size > limit) throw new AppError('payload_too_large')
  return Buffer.concat(chunks)
}

const parseBody = (body: Buffer): unknown => {
  if (body.length === 0) return undefined
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body)
    return JSON.parse(text) as unknown
  } catch {
    throw invalidPayload([{ path: '', message: 'must be JSON in UTF-8' }])
  }
}

const bearer = (request: IncomingMessage): string | undefined => {
  const { authorization } = request.headers
  if (authorization === undefined) return undefined
  const [scheme, token, ...rest] = authorization.split(' ')
  if (scheme?.toLowerCase() !== 'bearer' || token === undefined || rest.length > 0) throw new AppError('unauthenticated')
  return token
}

const send = (response: ServerResponse, status: number, body: unknown, retryAfter?: number): void => {
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
  })
  response.end(JSON.stringify(body))
}

const sendReply = (response: ServerResponse, reply: Reply): void =>
  reply.ok ? send(response, 200, reply.data) : send(response, reply.status, { error: reply.error }, reply.error.retryAfter)

const allowCrossOrigin = (request: IncomingMessage, response: ServerResponse): void => {
  const { origin } = request.headers
  if (origin === undefined) return
  response.setHeader('access-control-allow-origin', origin)
  response.setHeader('access-control-allow-headers', 'authorization, content-type')
  response.setHeader('access-control-allow-methods', 'POST')
  response.setHeader('vary', 'origin')
}

/** Answers HTTP requests that are not Socket.IO's. */
export const attachHttp = (server: Server, options: HttpOptions): void => {
  const { dispatcher, assembly, knex, log, origins, isReady } = options

  const call = async (event: string, request: IncomingMessage): Promise<Reply> => {
    const payload = parseBody(await readBody(request, assembly.settings.MESSAGE_SIZE))
    const ip = addressOf(request, assembly.settings.TRUST_PROXY)
    const userAgent = request.headers['user-agent']
    // Public events never look at the header: an old token in it must not keep anybody from refreshing it. Nor do events that there are not.
    const isPrivate = assembly.operations.get(event)?.public === false
    const token = isPrivate ? bearer(request) : undefined
    const principal = token === undefined ? undefined : await assembly.authenticator?.authenticate(knex, token)
    const connection: Connection = {
      transport: 'http',
      ...(ip === undefined ? {} : { ip }),
      ...(userAgent === undefined ? {} : { userAgent }),
      ...(principal ? { principal } : {}),
    }
    return dispatcher.dispatch(event, payload, connection)
  }

  const ready = async (response: ServerResponse): Promise<void> => {
    const database = await knex.raw('select 1').then(() => true, () => false)
    const feed = isReady()
    send(response, database && feed ? 200 : 503, { status: database && feed ? 'ready' : 'unavailable', database, feed })
  }

  const route = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (!origins.allows(request.headers)) return sendReply(response, errorReply(new AppError('forbidden', { message: 'This origin is not allowed' }), uuid()))
    allowCrossOrigin(request, response)
    const path = request.url?.split('?')[0] ?? '/'
    if (request.method === 'GET' && path === '/health/live') return send(response, 200, { status: 'live' })
    if (request.method === 'GET' && path === '/health/ready') return ready(response)
    const event = /^\/api\/([^/]+)$/.exec(path)?.[1]
    if (event !== undefined && request.method === 'OPTIONS') return void response.writeHead(204).end()
    if (event !== undefined && request.method === 'POST') return sendReply(response, await call(event, request))
    const message = event === undefined ? 'There is nothing here; requests go to POST /api/<event>' : 'Requests are made with POST'
    return sendReply(response, errorReply(new AppError('unknown_event', { message }), uuid()))
  }

  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (request.url?.startsWith('/socket.io/') === true) return
    route(request, response).catch((thrown: unknown) => {
      const reply = errorReply(thrown, uuid())
      if (reply.error.code === 'internal') log.error({ err: thrown, requestId: reply.error.requestId }, 'an HTTP request failed')
      if (!response.headersSent) sendReply(response, reply)
      if (reply.error.code === 'payload_too_large') request.destroy()
    })
  })
}
