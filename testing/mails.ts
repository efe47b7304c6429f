// A reader of mails as they are sent: headers, texts and pages of a message in MIME.
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
