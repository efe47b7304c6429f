// Sessions: one a log-in. Refresh tokens rotate; one that was used and comes back ends the session.
import { createHash, createHmac, randomBytes } from 'node:crypto'
import type { Knex } from 'knex'
import { v7 as uuid } from 'uuid'
import { AppError, type Connection } from '../../core/define/index.ts'

/** SHA-256 suffices for 256 random bits. */
export const tokenHash = (token: string): string => createHash('sha256').update(token).digest('base64url')

export const randomToken = (): string => randomBytes(32).toString('base64url')

/** Seconds in which a spent token still gives the newest one: tabs share theirs, and replies are lost. */
const grace = 10

export interface SessionLimits {
  /** Seconds that a refresh token lives. */
  readonly refresh: number
  /** Seconds after which a session ends, however often it is refreshed. */
  readonly absolute: number
}

/** Opens a session; its refresh token is handed out here and stored nowhere. */
export const openSession = async (db: Knex, userId: string, connection: Connection, limits: SessionLimits): Promise<{ id: string; refreshToken: string }> => {
  const id = uuid()
  const refreshToken = randomToken()
  await db('sessions').insert({
    id,
    user_id: userId,
    refresh_hash: tokenHash(refreshToken),
    ip: connection.ip ?? null,
    user_agent: connection.userAgent?.slice(0, 500) ?? null,
    expires_at: db.raw('now() + make_interval(secs => ?)', [limits.absolute]),
    refresh_expires_at: db.raw('now() + make_interval(secs => ?)', [limits.refresh]),
  })
  return { id, refreshToken }
}

/** Ends all sessions of a user, but for one. The feed tells every node, which closes the sockets. */
export const endSessions = async (db: Knex, userId: string, reason: string, except?: string): Promise<void> => {
  await db('sessions').where({ user_id: userId }).whereNull('ended_at').whereNot({ id: except ?? '' }).update({ ended_at: db.fn.now(), ended_by: reason })
}

/** Ends one session of a user; false when there is none that stands. */
export const endSession = async (db: Knex, userId: string, id: string, reason: string): Promise<boolean> =>
  (await db('sessions').where({ id, user_id: userId }).whereNull('ended_at').update({ ended_at: db.fn.now(), ended_by: reason })) > 0

interface Session {
  readonly sessionId: string
  readonly actorId: string
}

/** Which of many sessions have ended, and why: one statement. Times by the database's clock. */
export const sessionEnds = async (db: Knex, sessions: readonly Session[]): Promise<Map<string, string>> => {
  if (sessions.length === 0) return new Map()
  const rows: { id: string; user_id: string; ended_by: string | null; ended: boolean; expired: boolean }[] = await db('sessions')
    .whereIn('id', sessions.map(({ sessionId }) => sessionId))
    .select('id', 'user_id', 'ended_by', db.raw('ended_at is not null as ended'), db.raw('expires_at <= now() as expired'))
  const found = new Map(rows.map((row) => [row.id, row]))
  const endOf = ({ sessionId, actorId }: Session): string | undefined => {
    const row = found.get(sessionId)
    if (row?.user_id !== actorId) return 'revoked'
    if (row.ended) return row.ended_by ?? 'revoked'
    return row.expired ? 'expired' : undefined
  }
  return new Map(sessions.flatMap((session): [string, string][] => {
    const end = endOf(session)
    return end === undefined ? [] : [[session.sessionId, end]]
  }))
}

/** Why a session has ended; undefined while it stands. */
export const sessionEnd = async (db: Knex, session: Session): Promise<string | undefined> => (await sessionEnds(db, [session])).get(session.sessionId)

interface SessionRow {
  readonly id: string
  readonly user_id: string
  readonly refresh_hash: string
  readonly good: boolean
  /** Seconds until the session ends. */
  readonly left: number
}

export type Rotation =
  | { readonly kind: 'rotated'; readonly sessionId: string; readonly userId: string; readonly refreshToken: string; readonly left: number }
  | { readonly kind: 'reused'; readonly sessionId: string; readonly userId: string }

/** The successor is derived, so that the same token gives the same successor and only hashes are stored. */
const successorOf = (token: string, key: Buffer): string => createHmac('sha256', key).update('refresh').update(token).digest('base64url')

/**
 * Whose session a refresh token is of, locked; the token may be the present one or one that was spent.
 * Found first and locked by its id then: a tab that waits for another's rotation would not find its token any more.
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
    select t.hash from spent_refresh_tokens t join sessions s on s.id = t.session_id, (select now() - make_interval(secs => ${grace}) as since) g
    where s.id = ? and t.spent_at > g.since and s.rotated_at > g.since`, [sessionId])
  return new Set(result.rows.map(({ hash }) => hash))
}

/** The newest token of a session, found from one that was spent lately by way of those that were since; undefined when it leads nowhere. */
const newestFrom = (token: string, keys: readonly Buffer[], { newest, spent }: { readonly newest: string; readonly spent: ReadonlySet<string> }): string | undefined => {
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
export const rotate = async (db: Knex, token: string, keys: readonly Buffer[], limits: SessionLimits): Promise<Rotation> => {
  const hash = tokenHash(token)
  const session = await findSession(db, hash)
  if (!session?.good) throw new AppError('unauthenticated')
  const { id: sessionId, user_id: userId, left } = session
  const [key] = keys
  if (!key) throw new Error('JWT_SECRET: is empty')
  if (session.refresh_hash === hash) {
    const refreshToken = successorOf(token, key)
    await db('spent_refresh_tokens').insert({ hash, session_id: sessionId })
    await db('sessions').where({ id: sessionId }).update({
      refresh_hash: tokenHash(refreshToken), rotated_at: db.fn.now(), last_seen_at: db.fn.now(),
      refresh_expires_at: db.raw('now() + make_interval(secs => ?)', [limits.refresh]),
    })
    return { kind: 'rotated', sessionId, userId, refreshToken, left }
  }
  const newest = newestFrom(token, keys, { newest: session.refresh_hash, spent: await spentLately(db, sessionId) })
  if (newest !== undefined) return { kind: 'rotated', sessionId, userId, refreshToken: newest, left }
  return { kind: 'reused', sessionId, userId }
}
