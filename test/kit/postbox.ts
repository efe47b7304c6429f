// A mail server that catches what is sent to it, and a reader of mails.
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'

export interface Caught {
  /** Envelope and source as they came over the wire. */
  readonly from: string
  readonly to: readonly string[]
  readonly source: string
}

export interface Postbox {
  readonly url: string
  readonly mails: readonly Caught[]
  close(): Promise<void>
}

/** A port that nothing listens on. */
export const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** A real mail server. `refuse`: recipients that it does not know. */
export const openPostbox = async (port = 0, refuse: readonly string[] = []): Promise<Postbox> => {
  const mails: Caught[] = []
  const server = new SMTPServer({
    authOptional: true, disabledCommands: ['STARTTLS', 'AUTH'], logger: false,
    onRcptTo: ({ address }, _session, callback) =>
      callback(refuse.includes(address) ? Object.assign(new Error(`${address} is unknown`), { responseCode: 550 }) : null),
    onData(stream, session, callback) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope
        const from = mailFrom === false ? '' : mailFrom?.address ?? ''
        mails.push({ from, to: rcptTo.map(({ address }) => address), source: Buffer.concat(chunks).toString('utf8') })
        callback()
      })
    },
  })
  server.on('error', () => undefined)
  const listening = server.listen(port, '127.0.0.1')
  await once(listening, 'listening')
  return {
    url: `smtp://127.0.0.1:${(listening.address() as AddressInfo).port}`,
    mails,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

export interface Part {
  readonly headers: ReadonlyMap<string, string>
  readonly body: string
}

const decoders: Readonly<Record<string, (body: string) => string>> = {
  'base64': (body) => Buffer.from(body, 'base64').toString('utf8'),
  'quoted-printable': (body) => {
    const byte = (_: string, hex: string): string => String.fromCharCode(parseInt(hex, 16))
    return Buffer.from(body.replace(/=\r?\n/g, '').replace(/=([0-9A-F]{2})/g, byte), 'latin1').toString('utf8')
  },
}

const encodedWord = /=\?utf-8\?([qb])\?([^?]*)\?=(?:\s+(?==\?))?/gi

/** A header's value with its encoded words (RFC 2047) read. */
const decodeHeader = (value: string): string => value.replace(encodedWord, (_, kind: string, text: string) =>
  (kind.toLowerCase() === 'b' ? decoders['base64']?.(text) : decoders['quoted-printable']?.(text.replaceAll('_', ' '))) ?? '')

/** Headers by lower-case name and the body of a MIME part. */
const readPart = (source: string): Part => {
  const end = source.search(/\r?\n\r?\n/)
  const headers = new Map(source.slice(0, end).replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/).map((line): [string, string] => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon).toLowerCase(), decodeHeader(line.slice(colon + 1).trim())]
  }))
  const body = source.slice(end).replace(/^\r?\n\r?\n/, '')
  const decode = decoders[headers.get('content-transfer-encoding')?.toLowerCase() ?? '']
  return { headers, body: (decode ? decode(body) : body).replaceAll('\r\n', '\n') }
}

/** A mail as a mail program shows it. */
export const read = (source: string) => {
  const whole = readPart(source)
  const [, boundary = ''] = /boundary="([^"]+)"/.exec(whole.headers.get('content-type') ?? '') ?? []
  const parts = whole.body.split(`--${boundary}`).slice(1, -1).map((part) => readPart(part.replace(/^\r?\n/, '')))
  const of = (type: string): string => parts.find(({ headers }) => headers.get('content-type')?.startsWith(type))?.body ?? ''
  const types = parts.map(({ headers }) => headers.get('content-type'))
  return { headers: whole.headers, types, text: of('text/plain'), html: of('text/html') }
}
