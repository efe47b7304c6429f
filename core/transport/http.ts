// HTTP: POST /api/<event> and the health endpoints. It translates and carries, nothing else.
import { randomUUID as uuid } from 'node:crypto'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { errorReply, type Reply } from '../call/reply.ts'
import { AppError } from '../define/errors.ts'
import type { Connection } from '../define/call.ts'
import { addressReader } from './address.ts'
import { acceptedEncodings, readJson, UnsupportedBody } from './body.ts'
import { createHealth } from './health.ts'
import type { Engine } from './engine.ts'
import type { Asker } from './limits.ts'
import { send, sendReply } from './respond.ts'

const bearer = (request: IncomingMessage): string | undefined => {
  const { authorization } = request.headers
  if (authorization === undefined) return undefined
  const [scheme, token, ...rest] = authorization.split(' ')
  if (scheme?.toLowerCase() !== 'bearer' || token === undefined || rest.length > 0) throw new AppError('unauthenticated')
  return token
}

/** Answers HTTP requests that are not Socket.IO's. */
export const attachHttp = (server: Server, engine: Engine, isReady: () => boolean): void => {
  const { dispatcher, operations, authenticator, knex, upkeep, log, limits } = engine
  const answers = createHealth(upkeep)
  const addressOf = addressReader(engine.trustedProxies)

  const requireRate = (asker: Asker): void => {
    const retryAfter = limits.take(asker)
    if (retryAfter !== undefined) throw new AppError('rate_limited', { retryAfter })
  }

  const call = async (event: string, request: IncomingMessage): Promise<Reply> => {
    const ip = addressOf(request)
    requireRate({ address: ip })
    const payload = await readJson(request, engine.messageSize)
    const userAgent = request.headers['user-agent']
    // Public events never look at the header: an old token in it must not keep anyone from refreshing it. Nor do events that there are not.
    const isPrivate = operations.get(event)?.public === false
    const token = isPrivate ? bearer(request) : undefined
    const principal = token === undefined ? undefined : await authenticator?.authenticate(knex, token)
    if (principal) requireRate({ actor: principal.actorId })
    const connection: Connection = {
      transport: 'http',
      ...(ip === undefined ? {} : { ip }),
      ...(userAgent === undefined ? {} : { userAgent }),
      ...(principal ? { principal } : {}),
    }
    return dispatcher.dispatch(event, payload, connection)
  }

  const ready = async (response: ServerResponse): Promise<void> => {
    const database = await answers()
    const feed = isReady()
    send(response, database && feed ? 200 : 503, { status: database && feed ? 'ready' : 'unavailable', database, feed })
  }

  const pages: Readonly<Record<string, (response: ServerResponse) => void | Promise<void>>> = {
    '/health/live': (response) => send(response, 200, { status: 'live' }),
    '/health/ready': ready,
  }

  const route = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = request.url?.split(/[?#]/)[0] ?? '/'
    const { method = 'GET' } = request
    const page = Object.hasOwn(pages, path) ? pages[path] : undefined
    const event = /^\/api\/([^/]+)$/.exec(path)?.[1]
    if (page && ['GET', 'HEAD'].includes(method)) return page(response)
    if (event !== undefined && method === 'POST') return sendReply(response, await call(event, request))
    const allow = page ? 'GET, HEAD, OPTIONS' : 'POST, OPTIONS'
    if ((page || event !== undefined) && method === 'OPTIONS') return void response.writeHead(204, { allow }).end()
    const message = page
      ? 'This is read with GET'
      : event === undefined
        ? 'There is nothing here; requests go to POST /api/<event>'
        : 'Requests are made with POST'
    return sendReply(response, errorReply(new AppError('unknown_event', { message }), uuid()), page || event !== undefined ? { allow } : {})
  }

  const refuse = (request: IncomingMessage, response: ServerResponse, thrown: unknown): void => {
    const reply = errorReply(thrown, uuid())
    if (reply.error.code === 'internal') log.error({ err: thrown, requestId: reply.error.requestId }, 'an HTTP request failed')
    if (!response.headersSent) {
      if (thrown instanceof UnsupportedBody) sendReply(response, { ...reply, status: 415 }, { 'accept-encoding': acceptedEncodings })
      else sendReply(response, reply)
    }
    if (reply.error.code === 'payload_too_large') request.destroy()
  }

  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    route(request, response).catch((thrown: unknown) => refuse(request, response, thrown))
  })
}
