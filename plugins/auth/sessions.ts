// Sessions: one for each log-in, opened, ended, and shown to their users.
import type { Knex } from 'knex'
import { array, boolean, number, object, string } from 'yup'
import { v7 as uuid } from 'uuid'
import {
  AppError, ask, dateTime, done, id, notFound, operation, pageWith, prepared, randomToken, rowOf, tokenHash, type Call, type Connection,
  type Payload, type Principal, type Settings,
} from '#sovrane'
import { reasons, settings as own } from './parts.ts'

export interface SessionLimits {
  /** Seconds that a refresh token lives. */
  readonly refresh: number
  /** Seconds after which a session ends, however often it is refreshed. */
  readonly absolute: number
}

const opening = prepared(`
  with session as (
    insert into sessions (id, user_id, refresh_hash, ip, user_agent, expires_at, refresh_expires_at, factor_passed_at)
    values (?, ?, ?, ?, ?, now() + make_interval(secs => ?), now() + make_interval(secs => ?), case when ? then now() end)
    returning user_id)
  insert into logins (user_id, last_login_at) select user_id, now() from session
  on conflict (user_id) do update set last_login_at = excluded.last_login_at returning last_login_at`)

interface Opened {
  readonly id: string
  /** Handed out here and stored nowhere. */
  readonly refreshToken: string
  /** ISO 8601 */
  readonly openedAt: string
}

/** Opens a session, which is the last log-in of its user. */
export const openSession = async (
  db: Knex, userId: string, { ip, userAgent }: Connection, { refresh, absolute, factorPassed }: SessionLimits & { factorPassed: boolean },
): Promise<Opened> => {
  const [sessionId, refreshToken] = [uuid(), randomToken()]
  const { rows: [row] } = await ask<{ last_login_at: Date }>(db, opening, [
    sessionId, userId, tokenHash(refreshToken), ip ?? null, userAgent?.slice(0, 500) ?? null, absolute, refresh, factorPassed,
  ])
  if (!row) throw new Error('The session was not opened')
  return { id: sessionId, refreshToken, openedAt: row.last_login_at.toISOString() }
}

const ending = (db: Knex, userId: string, reason: string) =>
  db('sessions').where({ user_id: userId }).whereNull('ended_at').update({ ended_at: db.fn.now(), ended_by: reason })

/** Ends all sessions of a user, but for one. The feed tells every node, which closes the sockets. */
export const endSessions = async (db: Knex, userId: string, reason: string, except = ''): Promise<void> =>
  void (await ending(db, userId, reason).whereNot({ id: except }))

/** Ends some open sessions of a user; answers which. */
export const endSome = async (
  db: Knex, userId: string, reason: string, narrow: (query: Knex.QueryBuilder) => Knex.QueryBuilder,
): Promise<string[]> => {
  const rows = (await narrow(ending(db, userId, reason)).returning('id')) as { id: string }[]
  return rows.map(({ id }) => id)
}

/** Ends one session of a user; false when they have no such session open. */
export const endSession = async (db: Knex, userId: string, sessionId: string, reason: string): Promise<boolean> =>
  (await ending(db, userId, reason).where({ id: sessionId })) > 0

/** Notes that a second factor was passed in a session. */
export const passFactor = async (db: Knex, sessionId: string): Promise<void> => {
  await db('sessions').where({ id: sessionId }).update({ factor_passed_at: db.fn.now() })
}

export const hasPassedFactor = async (db: Knex, sessionId: string): Promise<boolean> =>
  (await db('sessions').where({ id: sessionId }).whereNotNull('factor_passed_at').first('id')) !== undefined

const ends = prepared(`
  select id, user_id, case when ended_at is not null then coalesce(ended_by, 'revoked') when expires_at <= now() then 'expired' end as why
  from sessions where id = any(?::text[])`, { quiet: true })

/** Which of these sessions have ended, and why: one statement. Times by the database's clock. */
export const sessionEnds = async (db: Knex, sessions: readonly Principal[]): Promise<Map<string, string>> => {
  if (sessions.length === 0) return new Map()
  const { rows } = await ask<{ id: string; user_id: string; why: string | null }>(db, ends, [sessions.map(({ sessionId }) => sessionId)])
  const found = new Map(rows.map(({ id: sessionId, user_id: userId, why }) => [`${userId} ${sessionId}`, why]))
  return new Map(sessions.flatMap(({ sessionId, actorId }): [string, string][] => {
    const why = found.get(`${actorId} ${sessionId}`)
    return why === null ? [] : [[sessionId, why ?? 'revoked']]
  }))
}

/** The session of a call; scripts with an API token have none. @throws AppError unauthenticated, forbidden */
export const sessionOf = ({ connection: { principal } }: Pick<Call, 'connection'>): Principal => {
  if (!principal) throw new AppError('unauthenticated')
  if (principal.byKeys) throw reasons['auth.token']()
  return principal
}

/**
 * The session of a call, if its user logged in or proved the password lately, by the clock of the database; a refresh is neither.
 * What hardens or opens an account asks for it. API tokens prove nothing.
 * @throws AppError unauthenticated, forbidden
 */
export const requireFresh = async (settings: Settings, call: Pick<Call, 'db' | 'connection'>): Promise<Principal> => {
  const principal = sessionOf(call)
  const fresh: unknown = await call.db('sessions').where({ id: principal.sessionId, user_id: principal.actorId })
    .whereRaw('greatest(created_at, proved_at) > now() - make_interval(mins => ?)', [settings.get(own.reauthenticateAfter)]).first('id')
  if (fresh === undefined) throw reasons.reauthenticate()
  return principal
}

/** What a list of one's own is asked by. */
export const pageInput = object({
  page: number().integer().min(1).max(1_000_000).optional(), limit: number().integer().min(1).max(100).optional(),
})

/** A page of rows of one's own, counted and in an order. */
export const ownPage = async <Row, Item>(
  { input: { page = 1, limit = 20 } }: { readonly input: { readonly page?: number | undefined; readonly limit?: number | undefined } },
  rows: () => Knex.QueryBuilder, order: Parameters<Knex.QueryBuilder['orderBy']>[0], toItem: (row: Row) => Item,
) => {
  const counted: { total: number | string }[] = await rows().count({ total: '*' })
  const found = (await rows().orderBy(order).limit(limit).offset((page - 1) * limit)) as Row[]
  return { items: found.map(toItem), page, limit, total: Number(counted[0]?.total ?? 0) }
}

interface SessionRow {
  readonly id: string
  readonly ip: string | null
  readonly user_agent: string | null
  readonly created_at: Date
  readonly last_seen_at: Date
}

const session = object({
  id: string().required(), ip: string().nullable().defined(), userAgent: string().nullable().defined(),
  createdAt: dateTime().required(), lastSeenAt: dateTime().required(),
  /** Whether it is the one that asks. */
  current: boolean().required(),
})

const toSession = (current: string) => (row: SessionRow) => ({
  id: row.id, ip: row.ip, userAgent: row.user_agent, createdAt: row.created_at.toISOString(), lastSeenAt: row.last_seen_at.toISOString(),
  current: row.id === current,
})

const openOf = ({ db }: Pick<Call, 'db'>, userId: string) =>
  db('sessions').where({ user_id: userId }).whereNull('ended_at').whereRaw('least(expires_at, refresh_expires_at) > now()')

/** The open sessions of a user, the last seen first. */
export const openSessions = async (db: Knex, userId: string, limit: number) => {
  const rows: SessionRow[] = await openOf({ db }, userId).orderBy('last_seen_at', 'desc').orderBy('id').limit(limit)
  return rows.map((row) => {
    const { current: _current, ...shown } = toSession('')(row)
    return shown
  })
}

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
  about: 'Says who you are, what you may do, and in which session',
  tags: ['essential'],
  kind: 'query',
  access: 'session',
  input: object({}),
  output: object({
    user: rowOf('user'),
    permissions: array().of(object({
      permissionKey: string().required(), scopeId: id().nullable().defined(), deny: boolean().isTrue().optional(),
      /** The grant reaches this row alone. */
      resource: string().optional(), id: id().optional(),
    })).required(),
    session: session.nullable().defined(),
    keys: array().of(object({
      key: string().required(), scopes: array().of(id().required()).nullable().defined(), except: array().of(id().required()).required(),
      rows: array().of(object({ resource: string().required(), id: id().required() })).required(),
    })).required(),
  }),
  async handle(call) {
    const { principal } = call.connection
    if (!principal) throw new AppError('unauthenticated')
    const { actorId, sessionId } = principal
    const user = await readSelf(call, actorId)
    const row: SessionRow | undefined = await openOf(call, actorId).where({ id: sessionId })
      .first('id', 'ip', 'user_agent', 'created_at', 'last_seen_at')
    return {
      user,
      permissions: (call.actor?.grants ?? []).map(({ key, scopeId, deny, row: only }) =>
        ({ permissionKey: key, scopeId, ...(deny ? { deny } : {}), ...(only ? { resource: only.resource, id: only.id } : {}) })),
      session: row ? toSession(sessionId)(row) : null,
      keys: call.rights.effective(),
    }
  },
})

const logout = operation({
  event: 'auth-logout',
  about: 'Ends this session',
  errors: ['auth.token'],
  tags: ['essential'],
  kind: 'mutation',
  access: 'session',
  input: object({}),
  output: done(),
  async handle(call) {
    const { actorId, sessionId } = sessionOf(call)
    await endSession(call.db, actorId, sessionId, 'logout')
    return { success: true }
  },
})

const list = operation({
  event: 'auth-sessions-request',
  about: 'Lists your open sessions',
  errors: ['auth.token'],
  kind: 'query',
  access: 'session',
  input: pageInput,
  output: pageWith(session),
  async handle(call) {
    const { actorId, sessionId } = sessionOf(call)
    return ownPage(call, () => openOf(call, actorId), [{ column: 'last_seen_at', order: 'desc' }, 'id'], toSession(sessionId))
  },
})

const revoke = operation({
  event: 'auth-session-revoke',
  about: 'Ends one of your sessions',
  errors: ['not_found', 'auth.token'],
  kind: 'mutation',
  access: 'session',
  input: object({ id: id().required() }),
  output: done(),
  async handle(call) {
    const { actorId } = sessionOf(call)
    if (!(await endSession(call.db, actorId, call.input.id, 'revoked'))) throw notFound()
    return { success: true }
  },
})

export const sessionOperations = [me, logout, list, revoke]
