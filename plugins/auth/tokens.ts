// What a request proves itself with: the access token of a session, or an API token; nothing else passes as either. auth-refresh: a refresh
// token in, its successor and a new access token out. One that was used and comes back ends the session.
import { createHash, createHmac, createSecretKey } from 'node:crypto'
import jwt from 'jsonwebtoken'
import type { Knex } from 'knex'
import { number, object, string } from 'yup'
import {
  AppError, ask, operation, prepared, statement, tokenHash, type Authenticator, type Keys, type Principal,
} from '#sovrane'
import type { Directory } from '../../resources/directory.ts'
import { apiTokenEnds, authenticateApiToken, isApiToken } from './api-tokens.ts'
import type { AuthParts } from './parts.ts'
import { endSession, sessionEnds } from './sessions.ts'

const claims = { issuer: 'sovrane', audience: 'sovrane' }
/** Characters of a token; ours have some 350. */
const maxLength = 4096
/**
 * Seconds by which the clocks of two nodes may differ: a token of one that is ahead is good on the other at once.
 * Documented in docs/operations.md.
 */
const leeway = 30

const isId = (value: unknown): value is string => typeof value === 'string' && /^[\w-]{1,64}$/.test(value)

/**
 * @param lifetime seconds. The first key signs, all verify; with the bytes in place of a KeyObject a verification costs forty times more.
 */
export const createAccessTokens = (secrets: Keys, lifetime: number) => {
  const keyOf = (secret: Buffer) =>
    ({ id: createHash('sha256').update('kid').update(secret).digest('base64url').slice(0, 12), key: createSecretKey(secret) })
  const first = keyOf(secrets[0])
  const byId = new Map(secrets.map(keyOf).map(({ id, key }) => [id, key]))

  /** @throws Error of whatever kind */
  const principalIn = (token: unknown): Principal | undefined => {
    if (typeof token !== 'string' || token.length > maxLength) return undefined
    const header: unknown = jwt.decode(token, { complete: true })?.header
    const kid = typeof header === 'object' && header !== null && 'kid' in header ? header.kid : undefined
    const key = typeof kid === 'string' ? byId.get(kid) : undefined
    const payload: unknown = key && jwt.verify(token, key, { algorithms: ['HS256'], ...claims })
    if (typeof payload !== 'object' || payload === null) return undefined
    const { sub, sid, exp, iat, typ } = payload as Record<string, unknown>
    if (typ !== 'access' || !isId(sub) || !isId(sid) || typeof exp !== 'number' || typeof iat !== 'number') return undefined
    return iat > Date.now() / 1000 + leeway ? undefined : { actorId: sub, sessionId: sid, expiresAt: exp * 1000 }
  }

  return {
    /** A token that lives no longer than its session, which has `left` seconds. */
    issue(userId: string, sessionId: string, left: number): { readonly accessToken: string; readonly expiresIn: number } {
      const expiresIn = Math.max(1, Math.min(lifetime, Math.floor(left)))
      const signing = { algorithm: 'HS256', keyid: first.id, subject: userId, expiresIn, ...claims } as const
      return { accessToken: jwt.sign({ typ: 'access', sid: sessionId }, first.key, signing), expiresIn }
    },
    /** @throws AppError unauthenticated, whatever is wrong with it */
    verify(token: unknown): Principal {
      let cause: unknown
      try {
        const found = principalIn(token)
        if (found) return found
      } catch (error) {
        cause = error
      }
      throw new AppError('unauthenticated', { cause })
    },
  }
}

export type AccessTokens = ReturnType<typeof createAccessTokens>

/** The tokens of a session. `expiresIn`: seconds until the access token ends. */
export const tokenFields = () => ({
  accessToken: string().required(), refreshToken: string().required(), expiresIn: number().integer().required(),
})

/** Both kinds of tokens, as transports ask about them. */
export const createAuthenticator = (tokens: AccessTokens): Authenticator => ({
  stamped: true,
  authenticate: async (db, token) => (isApiToken(token) ? authenticateApiToken(db, token) : tokens.verify(token)),
  ended: async (db, principals) => new Map([
    ...(await apiTokenEnds(db, principals.filter(({ byKeys }) => byKeys))),
    ...(await sessionEnds(db, principals.filter(({ byKeys }) => !byKeys))),
  ]),
})

/** Seconds in which a spent token still gives the newest one: tabs share theirs, and replies are lost. */
const grace = 10

/**
 * Whose session a token is of, the newest or one that was spent. One statement: it finds the session before it waits for its lock, so that
 * a tab that waits for another's rotation still finds it, and reads it after. `newest`: the hash of its newest token; `isGood`: it and its
 * account go on; `left`: seconds until it ends.
 */
const findSession = async (db: Knex, directory: Directory, hash: string) => {
  const result: { rows: { id: string; userId: string; newest: string; isGood: boolean; left: number }[] } = await db.raw(`
    select s.id, s.user_id as "userId", s.refresh_hash as newest, extract(epoch from s.expires_at - now())::float8 as left,
      s.ended_at is null and s.expires_at > now() and s.refresh_expires_at > now() and a.status = 'active' as "isGood"
    from sessions s join (?) a on a.id = s.user_id
    where s.id = (select id from sessions where refresh_hash = ? union select session_id from spent_refresh_tokens where hash = ?)
    for update of s`, [directory.accounts(db), hash, hash])
  return result.rows[0]
}

/** The hashes of a session's tokens that were spent within the grace. Read after its lock: another tab may just have spent one. */
const spentLately = async (db: Knex, sessionId: string): Promise<ReadonlySet<string>> => {
  const result: { rows: { hash: string }[] } = await db.raw(`
    select t.hash from spent_refresh_tokens t join sessions s on s.id = t.session_id,
      (select now() - make_interval(secs => ${grace}) as since) g
    where s.id = ? and t.spent_at > g.since and s.rotated_at > g.since`, [sessionId])
  return new Set(result.rows.map(({ hash }) => hash))
}

/** The successor is derived, so that the same token gives the same successor and only hashes are stored. */
const successorOf = (token: string, key: Buffer): string => createHmac('sha256', key).update('refresh').update(token).digest('base64url')

/** The newest token of a session, found from one that was spent lately by way of those that were since; undefined when it leads nowhere. */
const newestFrom = (token: string, keys: Keys, newest: string, spent: ReadonlySet<string>): string | undefined => {
  let current: string | undefined = spent.has(tokenHash(token)) ? token : undefined
  while (current !== undefined) {
    const before: string = current
    const successors = keys.map((key) => successorOf(before, key))
    const found = successors.find((each) => tokenHash(each) === newest)
    if (found !== undefined) return found
    current = successors.find((each) => spent.has(tokenHash(each)))
  }
  return undefined
}

const rotation = prepared(`
  with spent as (insert into spent_refresh_tokens (hash, session_id) values (?, ?))
  update sessions set refresh_hash = ?, rotated_at = now(), last_seen_at = now(), refresh_expires_at = now() + make_interval(secs => ?)
  where id = ?`)

export const refresh = ({ directory, tokens, limits, keys }: AuthParts) => operation({
  event: 'auth-refresh',
  about: 'Gives a fresh access token, and replaces the refresh token',
  errors: ['unauthenticated'],
  tags: ['essential'],
  secret: true,
  kind: 'mutation',
  access: 'public',
  input: object({ refreshToken: string().max(256).required() }),
  output: object(tokenFields()),
  async handle(call) {
    const { db, input: { refreshToken: given }, connection: { principal, renew } } = call
    const hash = tokenHash(given)
    const session = await findSession(db, directory, hash)
    if (!session?.isGood) throw new AppError('unauthenticated')
    const { id, userId, newest, left } = session
    const isNewest = newest === hash
    const refreshToken = isNewest ? successorOf(given, keys[0]) : newestFrom(given, keys, newest, await spentLately(db, id))
    if (refreshToken === undefined) {
      // Stolen, or its successor is. It must stay ended although this call is refused, no matter who shows the token.
      await endSession(db, userId, id, 'reuse')
      call.notes.set(statement, { targetType: 'user', targetId: userId, reason: 'reuse' })
      return call.refuseAfterCommit(new AppError('unauthenticated'))
    }
    if (principal && principal.sessionId !== id) throw new AppError('unauthenticated', { message: 'This token belongs to another session' })
    if (isNewest) await ask(db, rotation, [hash, id, tokenHash(refreshToken), limits.refresh, id])
    const issued = tokens.issue(userId, id, left)
    if (principal) call.afterCommit(() => renew?.({ ...principal, expiresAt: tokens.verify(issued.accessToken).expiresAt }))
    return { ...issued, refreshToken }
  },
})
