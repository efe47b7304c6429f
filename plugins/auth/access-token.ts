// Access tokens: HS256 JWTs that say who, in which session and until when. Nothing else passes as one.
import { createHash, createSecretKey, type KeyObject } from 'node:crypto'
import jwt from 'jsonwebtoken'
import { AppError, type Principal } from '../../core/define/index.ts'

const claims = { issuer: 'sovrane', audience: 'sovrane' }
const type = 'access'
/** Characters; ours have some 350. */
const longest = 4096
/** Seconds by which the clocks of two nodes may differ: a token of one that is ahead is good on the other at once. Documented in docs/operations.md. */
const leeway = 30

const isId = (value: unknown): value is string => typeof value === 'string' && /^[\w-]{1,64}$/.test(value)

export interface Issued {
  readonly accessToken: string
  readonly expiresIn: number
}

export interface AccessTokens {
  /** A token, and the seconds that it lives: no longer than its session, which has `left` seconds. */
  issue(userId: string, sessionId: string, left: number): Issued
  /** @throws AppError unauthenticated, whatever is wrong with it */
  verify(token: unknown): Principal
}

interface Key {
  readonly id: string
  readonly key: KeyObject
}

/** @param lifetime seconds. The first key signs, all verify. A KeyObject made once: with the bytes themselves a verification costs forty times more. */
export const createAccessTokens = (secrets: readonly Buffer[], lifetime: number): AccessTokens => {
  const keys: Key[] = secrets.map((secret) => ({ id: createHash('sha256').update('kid').update(secret).digest('base64url').slice(0, 12), key: createSecretKey(secret) }))
  const byId = new Map(keys.map((key) => [key.id, key.key]))
  const [first] = keys
  if (!first) throw new Error('JWT_SECRET: is empty')

  const verified = (token: unknown): Principal => {
    if (typeof token !== 'string' || token.length > longest) throw new AppError('unauthenticated')
    const header: unknown = jwt.decode(token, { complete: true })?.header
    const kid = typeof header === 'object' && header !== null && 'kid' in header ? header.kid : undefined
    const key = typeof kid === 'string' ? byId.get(kid) : undefined
    if (!key) throw new AppError('unauthenticated')
    const payload: unknown = jwt.verify(token, key, { algorithms: ['HS256'], ...claims })
    if (typeof payload !== 'object' || payload === null) throw new AppError('unauthenticated')
    const { sub, sid, exp, iat, typ } = payload as Record<string, unknown>
    if (typ !== type || !isId(sub) || !isId(sid) || typeof exp !== 'number' || typeof iat !== 'number') throw new AppError('unauthenticated')
    if (iat > Date.now() / 1000 + leeway) throw new AppError('unauthenticated')
    return { actorId: sub, sessionId: sid, expiresAt: exp * 1000 }
  }

  return {
    issue(userId, sessionId, left) {
      const expiresIn = Math.max(1, Math.min(lifetime, Math.floor(left)))
      return { accessToken: jwt.sign({ typ: type, sid: sessionId }, first.key, { algorithm: 'HS256', keyid: first.id, subject: userId, expiresIn, ...claims }), expiresIn }
    },
    verify(token) {
      try {
        return verified(token)
      } catch (cause) {
        throw cause instanceof AppError ? cause : new AppError('unauthenticated', { cause })
      }
    },
  }
}
