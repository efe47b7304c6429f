// What every request meets first, whether it is for HTTP, polling or a WebSocket: its target, its origin, and a net under the handlers.
import { randomUUID as uuid } from 'node:crypto'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { errorReply } from '../call/reply.ts'
import { AppError } from '../define/errors.ts'
import type { Log } from '../define/plugin.ts'
import type { OriginCheck } from './origin.ts'
import { sendReply } from './respond.ts'

export interface DoorOptions {
  readonly origins: OriginCheck
  readonly log: Log
  readonly times: HttpTimes
}

/** Of one connection, in seconds. */
interface HttpTimes {
  /** It stays open between two requests. */
  readonly keepAlive: number
  /** The headers of a request have come. */
  readonly headers: number
  /** A whole request has come. */
  readonly request: number
}

type Handler = (...args: readonly unknown[]) => void

/** A proxy may ask in absolute form (RFC 9112 §3.2.2); what follows sees the path and the query alone. */
const originForm = (target: string): string => {
  if (!/^https?:\/\//i.test(target) || !URL.canParse(target)) return target
  const { pathname, search } = new URL(target)
  return `${pathname}${search}`
}

const headerNames = /^[\w!#$%&'*+.^`|~, -]{1,1024}$/

/** Only called for an origin that may ask: no one else is ever named. */
const nameOrigin = ({ headers, method }: IncomingMessage, response: ServerResponse): void => {
  if (headers.origin === undefined) return
  response.setHeader('access-control-allow-origin', headers.origin)
  // For load balancers that keep a client on its node by a cookie; the server itself sets none.
  response.setHeader('access-control-allow-credentials', 'true')
  response.setHeader('access-control-expose-headers', 'retry-after')
  if (method !== 'OPTIONS') return
  const wanted = headers['access-control-request-headers'] ?? ''
  response.setHeader('vary', 'origin, access-control-request-headers')
  response.setHeader('access-control-allow-methods', 'GET, HEAD, POST')
  response.setHeader('access-control-allow-headers', headerNames.test(wanted) ? wanted : 'authorization, content-type')
  response.setHeader('access-control-max-age', '600')
}

const isPreflight = ({ method, headers }: IncomingMessage): boolean =>
  method === 'OPTIONS' && headers.origin !== undefined && headers['access-control-request-method'] !== undefined

/** Refused origins that are logged within an hour; anyone can make up more. */
const mostTold = 100
const hour = 3_600_000

const createRefusals = (log: Log): ((origin: string | undefined) => void) => {
  const told = new Set<string>()
  let since = performance.now()
  return (origin = '') => {
    if (performance.now() - since > hour) {
      told.clear()
      since = performance.now()
    }
    const shown = origin.slice(0, 200)
    if (told.has(shown) || told.size >= mostTold) return
    told.add(shown)
    log.warn({ origin: shown }, 'a web page of another origin was refused; CORS_ORIGIN lists the origins that may connect, PUBLIC_URL is where people reach this server')
  }
}

/** Puts itself before all handlers that the server has by now. */
export const guardDoor = (server: Server, { origins, log, times }: DoorOptions): void => {
  // A load balancer sends its next request on a connection that it believes open: the server must not be the first to close.
  server.keepAliveTimeout = times.keepAlive * 1000
  // Counted from the first byte of a request: a connection between two of them has its own time.
  server.headersTimeout = Math.min(times.headers, times.request) * 1000
  server.requestTimeout = times.request * 1000

  const tellRefused = createRefusals(log)
  const handlers = { request: server.listeners('request') as Handler[], upgrade: server.listeners('upgrade') as Handler[] }
  server.removeAllListeners('request').removeAllListeners('upgrade')

  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    try {
      request.url = originForm(request.url ?? '/')
      response.setHeader('vary', 'origin')
      // A node that stops takes no further request on it.
      if (!server.listening) response.setHeader('connection', 'close')
      if (!origins.allows(request)) {
        tellRefused(request.headers.origin)
        return sendReply(
          response,
          errorReply(new AppError('forbidden', { message: 'This origin is not allowed; CORS_ORIGIN lists those that are' }), uuid()),
        )
      }
      nameOrigin(request, response)
      if (isPreflight(request)) return void response.writeHead(204).end()
      for (const handle of handlers.request) handle.call(server, request, response)
    } catch (error) {
      // One request may fail, and ends no one else's.
      const reply = errorReply(error, uuid())
      log.error({ err: error, requestId: reply.error.requestId }, 'an HTTP request failed')
      if (response.headersSent) request.destroy()
      else sendReply(response, reply)
    }
  })

  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => undefined)
    try {
      request.url = originForm(request.url ?? '/')
      if (!origins.allows(request)) {
        tellRefused(request.headers.origin)
        return void socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\nVary: origin\r\n\r\n')
      }
      for (const handle of handlers.upgrade) handle.call(server, request, socket, head)
    } catch (error) {
      log.error({ err: error }, 'an upgrade to a WebSocket failed')
      socket.destroy()
    }
  })
}
