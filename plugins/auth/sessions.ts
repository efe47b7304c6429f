// Sessions: one for each log-in, opened, ended, and shown to their users.
import type { Knex } from 'knex'
import { number, object } from 'yup'
import { v7 as uuid } from 'uuid'
import {
  AppError, id, notFound, operation, randomToken, tokenHash, type Call, type Connection, type Payload, type Principal,
} from '../../core/define/index.ts'
import { reasons } from './settings.ts'

export interface SessionLimits {
  /** Seconds that a refresh token lives. */
  readonly refresh: number
  /** Seconds after which a session ends, however often it is refreshed. */
  readonly absolute: number
}

/** Opens a session; its refresh token is handed out here and stored nowhere. */
export const openSession = async (
  db: Knex, userId: string, connection: Connection, { refresh, absolute, factorPassed }: SessionLimits & { readonly factorPassed: boolean },
): Promise<{ id: string; refreshToken: string }> => {
  const sessionId = uuid()
  const refreshToken = randomToken()
  await db('sessions').insert({
    id: sessionId,
    user_id: userId,
    refresh_hash: tokenHash(refreshToken),
    ip: connection.ip ?? null,
    user_agent: connection.userAgent?.slice(0, 500) ?? null,
    expires_at: db.raw('now() + make_interval(secs => ?)', [absolute]),
    refresh_expires_at: db.raw('now() + make_interval(secs => ?)', [refresh]),
    factor_passed_at: factorPassed ? db.fn.now() : null,
  })
  return { id: sessionId, refreshToken }
}

/** Ends all sessions of a user, but for one. The feed tells every node, which closes the sockets. */
export const endSessions = async (db: Knex, userId: string, reason: string, except?: string): Promise<void> => {
  await db('sessions').where({ user_id: userId }).whereNull('ended_at').whereNot({ id: except ?? '' }).update({
    ended_at: db.fn.now(), ended_by: reason,
  })
}

/** Ends one session of a user; false when they have no such session open. */
export const endSession = async (db: Knex, userId: string, sessionId: string, reason: string): Promise<boolean> =>
  (await db('sessions').where({ id: sessionId, user_id: userId }).whereNull('ended_at').update({
    ended_at: db.fn.now(), ended_by: reason,
  })) > 0

/** Notes that a second factor was passed in a session. */
export const passFactor = async (db: Knex, sessionId: string): Promise<void> => {
  await db('sessions').where({ id: sessionId }).update({ factor_passed_at: db.fn.now() })
}

export const hasPassedFactor = async (db: Knex, sessionId: string): Promise<boolean> =>
  (await db('sessions').where({ id: sessionId }).whereNotNull('factor_passed_at').first('id')) !== undefined

/** Which of these sessions have ended, and why: one statement. Times by the database's clock. */
export const sessionEnds = async (db: Knex, sessions: readonly Principal[]): Promise<Map<string, string>> => {
  if (sessions.length === 0) return new Map()
  const rows: { id: string; user_id: string; ended_by: string | null; ended: boolean; expired: boolean }[] = await db('sessions')
    .whereIn('id', sessions.map(({ sessionId }) => sessionId))
    .select('id', 'user_id', 'ended_by', db.raw('ended_at is not null as ended'), db.raw('expires_at <= now() as expired'))
  const found = new Map(rows.map((row) => [row.id, row]))
  const endOf = ({ sessionId, actorId }: Principal): string | undefined => {
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

/** The session of a call; scripts with an API token have none. @throws AppError unauthenticated, forbidden */
export const sessionOf = (call: Pick<Call, 'connection'>): Principal => {
  const { principal } = call.connection
  if (!principal) throw new AppError('unauthenticated')
  if (principal.only !== undefined || principal.sessionId.startsWith('token:')) {
    throw reasons['auth.token']()
  }
  return principal
}

interface SessionRow {
  readonly id: string
  readonly ip: string | null
  readonly user_agent: string | null
  readonly created_at: Date
  readonly last_seen_at: Date
}

const toSession = (row: SessionRow, current: string) => ({
  id: row.id, ip: row.ip, userAgent: row.user_agent, createdAt: row.created_at.toISOString(), lastSeenAt: row.last_seen_at.toISOString(),
  current: row.id === current,
})

const openOf = ({ db }: Pick<Call, 'db'>, userId: string) =>
  db('sessions').where({ user_id: userId }).whereNull('ended_at').whereRaw('least(expires_at, refresh_expires_at) > now()')

/** The actor's own row, as they may read it. An API token without `profile` may not, unless a key of it says so: it is told whose it is. */
const readSelf = async (call: Pick<Call, 'call'>, userId: string): Promise<Payload> => {
  try {
    return await call.call('user-get', { id: userId }, { as: 'actor' })
  } catch (error) {
    if (error instanceof AppError && (error.code === 'forbidden' || error.code === 'not_found')) return { id: userId }
    throw error
  }
}

const me = operation({
  event: 'auth-me',
  tags: ['essential'],
  kind: 'query',
  access: 'session',
  input: object({}),
  async handle(call) {
    const { principal } = call.connection
    if (!principal) throw new AppError('unauthenticated')
    const user = await readSelf(call, principal.actorId)
    const row: SessionRow | undefined =
      await openOf(call, principal.actorId).where({ id: principal.sessionId }).first('id', 'ip', 'user_agent', 'created_at', 'last_seen_at')
    return {
      user,
      permissions: (call.actor?.grants ?? []).map(({ key, scopeId, deny, row: only }) =>
        ({ permissionKey: key, scopeId, ...(deny ? { deny } : {}), ...(only ? { resource: only.resource, id: only.id } : {}) })),
      session: row ? toSession(row, principal.sessionId) : null,
    }
  },
})

const logout = operation({
  event: 'auth-logout',
  tags: ['essential'],
  kind: 'mutation',
  access: 'session',
  input: object({}),
  async handle(call) {
    const { actorId, sessionId } = sessionOf(call)
    await endSession(call.db, actorId, sessionId, 'logout')
    return { success: true }
  },
})

const list = operation({
  event: 'auth-sessions-request',
  kind: 'query',
  access: 'session',
  input: object({ page: number().integer().min(1).max(1_000_000).optional(), limit: number().integer().min(1).max(100).optional() }),
  async handle(call) {
    const { actorId, sessionId } = sessionOf(call)
    const { page = 1, limit = 20 } = call.input
    const counted: { total: number | string }[] = await openOf(call, actorId).count({ total: '*' })
    const rows: SessionRow[] =
      await openOf(call, actorId).orderBy([{ column: 'last_seen_at', order: 'desc' }, 'id']).limit(limit).offset((page - 1) * limit)
    return { items: rows.map((row) => toSession(row, sessionId)), page, limit, total: Number(counted[0]?.total ?? 0) }
  },
})

const revoke = operation({
  event: 'auth-session-revoke',
  kind: 'mutation',
  access: 'session',
  input: object({ id: id().required() }),
  async handle(call) {
    const { actorId } = sessionOf(call)
    if (!(await endSession(call.db, actorId, call.input.id, 'revoked'))) throw notFound()
    return { success: true }
  },
})

export const sessionOperations = [me, logout, list, revoke]
