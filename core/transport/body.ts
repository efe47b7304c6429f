// The body of an HTTP request → JSON: its type, its encoding and its size.
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate, inflateRaw, type InputType, type ZlibOptions } from 'node:zlib'
import { AppError, invalidPayload } from '../define/errors.ts'
import { markInexact } from './exact-numbers.ts'

/** A body whose type or encoding is not read here: status 415, code `invalid_payload`. */
export class UnsupportedBody extends AppError {
  constructor(message: string) {
    super('invalid_payload', { message, details: [{ path: '', message }] })
    this.name = 'UnsupportedBody'
  }
}

const jsonType = /^(?:application|text)\/(?:[\w.!#$&^-]+\+)?json$/
/** What clients say who say nothing of the type, such as `curl -d`; and what any web page may send without being asked first. */
const unsaid = new Set(['', 'text/plain', 'application/x-www-form-urlencoded'])

const isOfPage = (headers: IncomingHttpHeaders): boolean =>
  headers.origin !== undefined || headers.referer !== undefined || headers['sec-fetch-dest'] !== undefined

/** @throws UnsupportedBody when it is not JSON; AppError invalid_payload when it is not in UTF-8 */
const requireJson = (headers: IncomingHttpHeaders): void => {
  const [first = '', ...parameters] = (headers['content-type'] ?? '').toLowerCase().split(';').map((part) => part.trim())
  // A form or text of a web page comes without a preflight: it must say that it is JSON.
  if (!jsonType.test(first) && (!unsaid.has(first) || isOfPage(headers))) {
    throw new UnsupportedBody(`The body must be JSON: content-type application/json${first === '' ? '' : `, not ${first.slice(0, 60)}`}`)
  }
  const [, charset] = /^charset="?([^"]*)"?$/.exec(parameters.find((parameter) => parameter.startsWith('charset=')) ?? '') ?? []
  if (charset !== undefined && !['utf-8', 'utf8', 'us-ascii'].includes(charset)) {
    throw invalidPayload([{ path: '', message: `must be JSON in UTF-8, not ${charset.slice(0, 40)}` }])
  }
}

type Decode = (body: InputType, options: ZlibOptions) => Promise<Buffer>

const [gzip, zlib, raw] = [
  promisify<InputType, ZlibOptions, Buffer>(gunzip),
  promisify<InputType, ZlibOptions, Buffer>(inflate),
  promisify<InputType, ZlibOptions, Buffer>(inflateRaw),
]
const isTooLarge = (error: unknown): boolean => error instanceof RangeError && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE'

/** `deflate` is zlib's format, and to some clients the bare one. */
const deflate: Decode = (body, options) => zlib(body, options).catch((error: unknown) => {
  if (isTooLarge(error)) throw error
  return raw(body, options)
})

const encodings: Readonly<Record<string, Decode>> = {
  'gzip': gzip,
  'x-gzip': gzip,
  deflate,
  'br': promisify<InputType, ZlibOptions, Buffer>(brotliDecompress),
}

/** The encodings that are understood. */
export const acceptedEncodings = 'gzip, deflate, br'

const encodingOf = (headers: IncomingHttpHeaders): [string, Decode] | undefined => {
  const named = (headers['content-encoding'] ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'identity')
  const [name] = named
  if (name === undefined) return undefined
  const decode = named.length === 1 && Object.hasOwn(encodings, name) ? encodings[name] : undefined
  if (!decode)
    throw new UnsupportedBody(`The content-encoding ${named.join(', ').slice(0, 60)} is not understood; ${acceptedEncodings} are`)
  return [name, decode]
}

/** What comes out is bounded as what comes in: a small body cannot become a large one. */
const decoded = async (body: Buffer, [name, decode]: [string, Decode], limit: number): Promise<Buffer> => {
  try {
    return await decode(body, { maxOutputLength: limit })
  } catch (error) {
    throw isTooLarge(error) ? new AppError('payload_too_large') : invalidPayload([{ path: '', message: `is not encoded in ${name}` }])
  }
}

const read = async (request: IncomingMessage, limit: number): Promise<Buffer> => {
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

const parse = (body: Buffer): unknown => {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body)
    return JSON.parse(markInexact(text)) as unknown
  } catch {
    throw invalidPayload([{ path: '', message: 'must be JSON in UTF-8' }])
  }
}

/**
 * The JSON that a request carries; undefined when it carries nothing.
 * @param limit bytes, before and after decoding
 * @throws UnsupportedBody; AppError payload_too_large, invalid_payload
 */
export const readJson = async (request: IncomingMessage, limit: number): Promise<unknown> => {
  const body = await read(request, limit)
  if (body.length === 0) return undefined
  requireJson(request.headers)
  const encoding = encodingOf(request.headers)
  return parse(encoding ? await decoded(body, encoding, limit) : body)
}
