// Tokens of invitations: 256 random bits, of which only the hash is kept.
import { createHash, randomBytes } from 'node:crypto'

export interface Token {
  /** Handed out once, stored nowhere. */
  readonly token: string
  readonly hash: string
}

/** SHA-256 suffices for 256 random bits. */
export const hashOf = (token: string): string => createHash('sha256').update(token).digest('base64url')

export const newToken = (): Token => {
  const token = randomBytes(32).toString('base64url')
  return { token, hash: hashOf(token) }
}
