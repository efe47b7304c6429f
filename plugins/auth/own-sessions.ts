// auth-me, auth-logout, auth-sessions-request, auth-session-revoke: a user and his sessions.
import { number, object } from 'yup'
import { AppError, id, notFound, operation, type Call, type Payload, type Principal } from '../../core/define/index.ts'
import { endSession } from './sessions.ts'

/** The session of a call; scripts with an API token have none. @throws AppError forbidden */
export const sessionOf = (call: Pick<Call, 'connection'>): Principal => {
  const { principal } = call.connection
  if (!principal) throw new AppError('unauthenticated')
  if (principal.only !== undefined || principal.sessionId.startsWith('token:')) {
    throw new AppError('forbidden', { message: 'This needs a log-in; an API token does not do', details: { reason: 'auth.token' } })
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
  id: row.id, ip: row.ip, userAgent: row.user_agent, createdAt: row.created_at.toISOString(), lastSeenAt: row.last_seen_at.toISOString(), current: row.id === current,
})

const standing = (call: Pick<Call, 'db'>, userId: string) => call.db('sessions').where({ user_id: userId }).whereNull('ended_at').whereRaw('least(expires_at, refresh_expires_at) > now()')

/** One's own row as one may read it. An API token without `profile` may not, unless a key of it says so: it is told whose it is. */
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
  kind: 'query',
  access: 'session',
  input: object({}),
  async handle(call) {
    const { principal } = call.connection
    if (!principal) throw new AppError('unauthenticated')
    const user = await readSelf(call, principal.actorId)
    const row: SessionRow | undefined = await standing(call, principal.actorId).where({ id: principal.sessionId }).first('id', 'ip', 'user_agent', 'created_at', 'last_seen_at')
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
    const counted: { total: number | string }[] = await standing(call, actorId).count({ total: '*' })
    const rows: SessionRow[] = await standing(call, actorId).orderBy([{ column: 'last_seen_at', order: 'desc' }, 'id']).limit(limit).offset((page - 1) * limit)
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
