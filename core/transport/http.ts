// HTTP: POST /api/<event> and the health endpoints. It translates and carries, nothing else.
import { randomUUID as uuid } from 'node:crypto'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { errorReply, type Reply } from '../call/reply.ts'
import { AppError } from '../define/errors.ts'
import type { Connection } from '../define/call.ts'
import type { Description } from '../define/description.ts'
import type { WebFile, WebFolder } from '../define/web-file.ts'
import { addressReader } from './address.ts'
import { acceptedEncodings, readJson, UnsupportedBody } from './body.ts'
import { serveFiles } from './files.ts'
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

/** What is read with GET, by its path. */
export type Pages = Readonly<Record<string, (response: ServerResponse, request: IncomingMessage) => void | Promise<void>>>

/** What is read with GET beside the health. */
export interface Served {
  readonly pages?: Pages
  readonly files?: readonly WebFile[]
  readonly folders?: readonly WebFolder[]
  /** Of what the files may tell. */
  readonly description: () => Description
}

/** The event that a request is for. */
const eventOf = (path: string): string | undefined => /^\/api\/([^/]+)$/.exec(path)?.[1]

/** Where no folder of a plugin answers, whatever it holds. */
export const ownPath = /^\/(?:api|socket\.io|health)(?:\/|$)|^\/metrics$/

const pathOf = ({ url = '/' }: IncomingMessage): string => url.split(/[?#]/)[0] ?? '/'

/** Answers HTTP requests that are not Socket.IO's. */
export const attachHttp = (server: Server, engine: Engine, isReady: () => boolean, served: Served): void => {
  const { pages: more = {}, files = [], folders = [], description } = served
  const { dispatcher, operations, authenticator, knex, upkeep, limits } = engine
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
    if (token !== undefined) engine.requireRoom()
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

  const plugins = serveFiles(files, folders, description, (request) => requireRate({ address: addressOf(request) }))
  const pages: Pages = {
    ...plugins.pages,
    ...more,
    '/health/live': (response) => send(response, 200, { status: 'live' }),
    '/health/ready': ready,
  }

  const route = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = pathOf(request)
    const { method = 'GET' } = request
    const page = Object.hasOwn(pages, path) ? pages[path] : undefined
    const event = eventOf(path)
    const reads = ['GET', 'HEAD'].includes(method)
    if (page && reads) return page(response, request)
    const found = reads && !ownPath.test(path) ? await plugins.find(path, request) : undefined
    if (found) return found(response)
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
    const event = eventOf(pathOf(request))
    const ip = addressOf(request)
    const reply = dispatcher.refuse(event ?? '', thrown, { transport: 'http', ...(ip === undefined ? {} : { ip }) })
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
