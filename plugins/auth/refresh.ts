// auth-refresh: a refresh token in, its successor out. One that was used and comes back ends the session.
import { createHmac } from 'node:crypto'
import type { Knex } from 'knex'
import { object, string } from 'yup'
import { AppError, operation, statement, tokenHash } from '../../core/define/index.ts'
import type { Directory } from '../../resources/directory.ts'
import { endSession, type SessionLimits } from './sessions.ts'
import type { AccessTokens } from './tokens.ts'

/** Seconds in which a spent token still gives the newest one: tabs share theirs, and replies are lost. */
const grace = 10

interface SessionRow {
  readonly id: string
  readonly user_id: string
  readonly refresh_hash: string
  readonly good: boolean
  /** Seconds until the session ends. */
  readonly left: number
}

interface Rotation {
  readonly sessionId: string
  readonly userId: string
  /** Undefined when the token that was shown was spent long ago: it is stolen, or its successor is. */
  readonly refreshToken: string | undefined
  readonly left: number
}

/** The successor is derived, so that the same token gives the same successor and only hashes are stored. */
const successorOf = (token: string, key: Buffer): string => createHmac('sha256', key).update('refresh').update(token).digest('base64url')

/**
 * Whose session a refresh token is of, locked; the token may be the present one or one that was spent.
 * Found first and locked by its id then: a tab that waits for another's rotation would no longer find its token.
 */
const findSession = async (db: Knex, hash: string): Promise<SessionRow | undefined> => {
  const found: { rows: { id: string }[] } = await db.raw(
    'select id from sessions where refresh_hash = ? union select session_id from spent_refresh_tokens where hash = ?', [hash, hash])
  const result: { rows: SessionRow[] } = await db.raw(`
    select s.id, s.user_id, s.refresh_hash,
      s.ended_at is null and s.expires_at > now() and s.refresh_expires_at > now() as good,
      extract(epoch from s.expires_at - now())::float8 as left
    from sessions s where s.id = ? for update`, [found.rows[0]?.id ?? ''])
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

/** The newest token of a session, found from one that was spent lately by way of those that were since; undefined when it leads nowhere. */
const newestFrom = (
  token: string, keys: readonly Buffer[], { newest, spent }: { readonly newest: string; readonly spent: ReadonlySet<string> },
): string | undefined => {
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

/**
 * Exchanges a refresh token for its successor.
 * @throws AppError unauthenticated when there is no such session or it has ended
 */
const rotate = async (db: Knex, token: string, keys: readonly Buffer[], limits: SessionLimits): Promise<Rotation> => {
  const hash = tokenHash(token)
  const session = await findSession(db, hash)
  if (!session?.good) throw new AppError('unauthenticated')
  const { id: sessionId, user_id: userId, left } = session
  if (session.refresh_hash !== hash) {
    const refreshToken = newestFrom(token, keys, { newest: session.refresh_hash, spent: await spentLately(db, sessionId) })
    return { sessionId, userId, refreshToken, left }
  }
  const [key] = keys
  if (!key) throw new Error('JWT_SECRET: is empty')
  const refreshToken = successorOf(token, key)
  await db('spent_refresh_tokens').insert({ hash, session_id: sessionId })
  await db('sessions').where({ id: sessionId }).update({
    refresh_hash: tokenHash(refreshToken), rotated_at: db.fn.now(), last_seen_at: db.fn.now(),
    refresh_expires_at: db.raw('now() + make_interval(secs => ?)', [limits.refresh]),
  })
  return { sessionId, userId, refreshToken, left }
}

interface RefreshParts {
  readonly directory: Directory
  readonly tokens: AccessTokens
  readonly limits: SessionLimits
  readonly keys: readonly Buffer[]
}

export const refresh = ({ directory, tokens, limits, keys }: RefreshParts) => operation({
  event: 'auth-refresh',
  tags: ['essential'],
  secret: true,
  kind: 'mutation',
  access: 'public',
  input: object({ refreshToken: string().max(256).required() }),
  async handle(call) {
    const { sessionId, userId, refreshToken, left } = await rotate(call.db, call.input.refreshToken, keys, limits)
    const { principal } = call.connection
    if (refreshToken === undefined) {
      // It must stay ended although this call is refused, no matter who shows the token.
      await endSession(call.db, userId, sessionId, 'reuse')
      call.notes.set(statement, { targetType: 'user', targetId: userId, reason: 'reuse' })
      call.refuseAfterCommit(new AppError('unauthenticated'))
      return {}
    }
    if (principal && principal.sessionId !== sessionId)
      throw new AppError('unauthenticated', { message: 'This token belongs to another session' })
    const account = await directory.account(call.db, userId)
    if (account?.status !== 'active') throw new AppError('unauthenticated')
    const issued = tokens.issue(userId, sessionId, left)
    if (principal) call.afterCommit(() => call.connection.renew?.({ ...principal, expiresAt: tokens.verify(issued.accessToken).expiresAt }))
    return { ...issued, refreshToken }
  },
})
