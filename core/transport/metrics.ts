// Who may read the metrics, and where: this machine at the server's own port, unless the operator says otherwise.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { AppError } from '../define/errors.ts'
import { isLoopback } from './address.ts'
import type { Pages } from './http.ts'
import { asksHere } from './origin.ts'
import { send } from './respond.ts'

export interface MetricsDoor {
  readonly contentType: string
  readonly page: () => Promise<string>
  /** Everyone may; else this machine alone. */
  readonly isPublic: boolean
}

export const metricsPath = '/metrics'

/** Headers of proxies: what came through one may come from anywhere. */
const forwarded = /^(?:x-forwarded-.+|forwarded|via|x-real-ip|x-client-ip|x-cluster-client-ip|true-client-ip|cf-connecting-ip)$/

const isFromHere = (request: IncomingMessage): boolean =>
  isLoopback(request.socket.remoteAddress) && asksHere(request) && !Object.keys(request.headers).some((name) => forwarded.test(name))

/** The page, for a server that has others too. @throws AppError forbidden */
export const metricsPage = ({ contentType, page, isPublic }: MetricsDoor): Pages[string] =>
  async (response: ServerResponse, request: IncomingMessage): Promise<void> => {
    if (!isPublic && !isFromHere(request))
      throw new AppError('forbidden', { message: 'Metrics are for this machine; METRICS=public opens them to everyone' })
    const text = await page()
    response.writeHead(200, { 'content-type': contentType, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }).end(text)
  }

/** A server that has this page alone. */
export const metricsServer = (door: MetricsDoor): Server => {
  const page = metricsPage(door)
  return createServer((request, response) => {
    const isPage = request.url?.split('?')[0] === metricsPath && ['GET', 'HEAD'].includes(request.method ?? '')
    if (!isPage) return send(response, 404, { error: { code: 'unknown_event', message: `There is only GET ${metricsPath} here` } })
    Promise.resolve(page?.(response, request)).catch((error: unknown) => {
      const code = error instanceof AppError ? error.code : 'internal'
      if (!response.headersSent) send(response, code === 'forbidden' ? 403 : 500, { error: { code } })
    })
  })
}
