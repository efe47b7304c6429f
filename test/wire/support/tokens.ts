// Reads and forges JSON Web Tokens with nothing but a hash, so that no library can be lenient in the same way as the server's.

import { createHmac } from 'node:crypto'
import { row } from '../../kit/replies.ts'
import type { Row } from '../../kit/replies.ts'

export interface Token {
  readonly header: Row
  readonly claims: Row
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const decode = (part: string | undefined): Row => row(JSON.parse(Buffer.from(part ?? '', 'base64url').toString('utf8')))

export function read(token: string): Token {
  const [header, claims] = token.split('.')
  return { header: decode(header), claims: decode(claims) }
}

export type Key = string | Buffer

export function sign({ header, claims }: Token, key: Key, hash = 'sha256'): string {
  const signed = `${encode(header)}.${encode(claims)}`
  return `${signed}.${createHmac(hash, key).update(signed).digest('base64url')}`
}

/** The same claims under `alg: none`, with an empty signature. */
export function unsigned({ header, claims }: Token): string {
  return `${encode({ ...header, alg: 'none' })}.${encode(claims)}.`
}

/** How the server turns its secret into a key is its own affair: the one that made this token. */
export function keyOf(token: string, secret: string): Key {
  const content = token.slice(0, token.lastIndexOf('.'))
  const signature = token.slice(token.lastIndexOf('.') + 1)
  const candidates: Key[] = [secret, Buffer.from(secret, 'base64')]
  const found = candidates.find((key) => createHmac('sha256', key).update(content).digest('base64url') === signature)
  if (found === undefined) throw new Error('the token is signed with neither the text of JWT_SECRET nor its base64 bytes')
  return found
}
