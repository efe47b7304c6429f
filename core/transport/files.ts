// Files that are read with GET: made once, told apart by their content (ETag), compressed for those who take it.
import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Description } from '../define/description.ts'
import { strictPolicy, type WebFile, type WebFolder } from '../define/web-file.ts'
import type { Pages } from './http.ts'

const compress = promisify(gzip)

/** Bytes below which compressing does not pay. */
const small = 1024

interface Made {
  readonly body: Buffer
  readonly etag: string
  /** Where it is smaller. */
  readonly packed: Buffer | undefined
}

const make = async (file: WebFile, description: Description): Promise<Made> => {
  const body = Buffer.from(await file.content(description))
  const packed = body.length < small ? undefined : await compress(body)
  return {
    body, etag: createHash('sha256').update(body).digest('base64url').slice(0, 22),
    packed: packed && packed.length < body.length ? packed : undefined,
  }
}

/** Whether a client says that it takes gzip: `br, gzip;q=0.8`, `*`. */
const takesGzip = ({ headers }: IncomingMessage): boolean => {
  const said = (headers['accept-encoding'] ?? '').toLowerCase().split(',').map((part) => part.trim().split(/\s*;\s*q=/))
  const quality = said.find(([name]) => name === 'gzip') ?? said.find(([name]) => name === '*')
  return quality !== undefined && Number(quality[1] ?? 1) > 0
}

/** RFC 9110 §13.1.2: a weak comparison, of a list or of anything. */
const isKnown = ({ headers }: IncomingMessage, etag: string): boolean => {
  const known = headers['if-none-match']
  return known !== undefined && (known.trim() === '*' || known.split(',').some((each) => each.trim().replace(/^W\//, '') === etag))
}

/** The headers of a file that is read, whatever is answered. */
const headersOf = ({ type, policy = strictPolicy, maxAge = 0 }: WebFile, etag: string): Readonly<Record<string, string>> => ({
  'content-type': type,
  etag,
  'cache-control': maxAge === 0 ? 'no-cache' : `public, max-age=${maxAge}`,
  'vary': 'origin, accept-encoding',
  'content-security-policy': policy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
})

const answer = (file: WebFile, made: Made, request: IncomingMessage, response: ServerResponse): void => {
  const packed = takesGzip(request) ? made.packed : undefined
  // The two forms are two representations: each has its own name.
  const etag = `"${made.etag}${packed ? '-gzip' : ''}"`
  const headers = headersOf(file, etag)
  if (isKnown(request, etag)) return void response.writeHead(304, headers).end()
  const body = packed ?? made.body
  response.writeHead(200, { ...headers, 'content-length': body.length, ...(packed ? { 'content-encoding': 'gzip' } : {}) })
  response.end(request.method === 'HEAD' ? undefined : body)
}

export interface Files {
  readonly pages: Pages
  /** What answers a path below a folder; undefined: there is nothing. */
  find(path: string, request: IncomingMessage): Promise<((response: ServerResponse) => Promise<void>) | undefined>
}

/** Whether a browser has been sent there by a person: scripts and programs do not name it. */
const isVisit = ({ headers }: IncomingMessage): boolean => headers.accept?.includes('text/html') ?? false

/** What plugins serve. `admit`: asked before each answer. @throws AppError rate_limited */
export const serveFiles = (
  files: readonly WebFile[], folders: readonly WebFolder[], description: () => Description, admit: (request: IncomingMessage) => void,
): Files => {
  const known = new Map<WebFile, Promise<Made>>()
  const madeOf = (file: WebFile): Promise<Made> => {
    const making = known.get(file) ?? make(file, description())
    known.set(file, making)
    // What has failed is tried again.
    making.catch(() => known.delete(file))
    return making
  }
  const serve = async (file: WebFile, response: ServerResponse, request: IncomingMessage): Promise<void> =>
    answer(file, await madeOf(file), request, response)
  const longestFirst = folders.toSorted((one, other) => other.folder.length - one.folder.length)
  return {
    pages: Object.fromEntries(files.map((file) => [file.path, async (response: ServerResponse, request: IncomingMessage): Promise<void> => {
      admit(request)
      await serve(file, response, request)
    }])),
    async find(path, request) {
      for (const { folder, pages = false, find } of longestFirst) {
        if (!path.startsWith(folder) || (pages && !isVisit(request))) continue
        admit(request)
        const file = await find(path.slice(folder.length))
        if (file) return (response) => serve(file, response, request)
      }
      return undefined
    },
  }
}
