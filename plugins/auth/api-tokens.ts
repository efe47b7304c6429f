// API tokens: named access for scripts, with no more than the user's rights, ending when they end.
import type { Knex } from 'knex'
import { array, number, object, string } from 'yup'
import { v7 as uuid } from 'uuid'
import { AppError, dateTime, forbidden, id, invalidPayload, label, notFound, operation, type Call, type Principal } from '../../core/define/index.ts'
import { accountOf, lockAccount } from './credentials.ts'
import type { RequireFresh } from './fresh-proof.ts'
import { sessionOf } from './own-sessions.ts'
import { randomToken, tokenHash } from './sessions.ts'

const prefix = 'sov_'
/** What a token without an end counts with. */
const never = 8.64e15

export const isApiToken = (token: unknown): token is string => typeof token === 'string' && token.startsWith(prefix) && token.length < 128

interface TokenRow {
  readonly id: string
  readonly user_id: string
  readonly name: string
  readonly permissions: string[] | null
  readonly created_at: Date
  readonly expires_at: Date | null
}

const standing = (db: Knex) => db('api_tokens').whereNull('revoked_at').where((either) => void either.whereNull('expires_at').orWhereRaw('expires_at > now()'))

/** Among the keys of a token: what everyone may do to their own row. It is no permission. */
const profile = 'profile'

/**
 * The keys that a token is to have: held by who makes it, and known; to who does not hold them, unknown keys are like all others.
 * @throws AppError forbidden, invalid_payload
 */
const checkKeys = async (call: Pick<Call, 'db' | 'rights'>, keys: readonly string[]): Promise<void> => {
  const permissions = keys.filter((key) => key !== profile)
  for (const key of permissions) if (!call.rights.holds(key)) throw forbidden(key)
  const found: { permission_key: string }[] = await call.db('permissions').whereIn('permission_key', permissions).select('permission_key')
  const known = new Set(found.map((row) => row.permission_key))
  const faults = keys.flatMap((key, index) => (key === profile || known.has(key) ? [] : [{ path: `permissions[${index}]`, message: 'there is no such permission' }]))
  if (faults.length > 0) throw invalidPayload(faults)
}

/** @throws AppError unauthenticated */
export const authenticateApiToken = async (db: Knex, token: string): Promise<Principal> => {
  const row: TokenRow | undefined = await standing(db).where({ token_hash: tokenHash(token) }).first('id', 'user_id', 'permissions', 'expires_at')
  if (!row) throw new AppError('unauthenticated')
  return {
    actorId: row.user_id,
    sessionId: `token:${row.id}`,
    expiresAt: row.expires_at?.getTime() ?? never,
    byKeys: true,
    ...(row.permissions ? { only: row.permissions } : {}),
  }
}

const sameKeys = (a: readonly string[] | undefined, b: readonly string[] | null): boolean => JSON.stringify(a ?? null) === JSON.stringify(b)

/**
 * Which of many API tokens have ended, and why: one statement. One that has other keys by now must come again: what is open was
 * let in with the former.
 */
export const apiTokenEnds = async (db: Knex, principals: readonly Principal[]): Promise<Map<string, string>> => {
  if (principals.length === 0) return new Map()
  const rows: Pick<TokenRow, 'id' | 'user_id' | 'permissions'>[] = await standing(db)
    .whereIn('id', principals.map(({ sessionId }) => sessionId.slice('token:'.length))).select('id', 'user_id', 'permissions')
  const found = new Map(rows.map((row) => [`token:${row.id}`, row]))
  const stands = ({ sessionId, actorId, only }: Principal): boolean => {
    const row = found.get(sessionId)
    return row?.user_id === actorId && sameKeys(only, row.permissions)
  }
  return new Map(principals.filter((principal) => !stands(principal)).map(({ sessionId }) => [sessionId, 'revoked']))
}

/** Why an API token has ended; undefined while it stands. */
export const apiTokenEnd = async (db: Knex, principal: Principal): Promise<string | undefined> => (await apiTokenEnds(db, [principal])).get(principal.sessionId)

const create = (requireFresh: RequireFresh) => operation({
  event: 'auth-token-create',
  secret: true,
  kind: 'mutation',
  access: 'session',
  input: object({ name: label(120).required(), permissions: array().max(200).of(string().max(64).required()).optional(), expiresAt: dateTime().optional() }),
  async handle(call) {
    const { actorId } = await requireFresh(call)
    const { name, permissions, expiresAt } = call.input
    if (expiresAt !== undefined && Date.parse(expiresAt) <= Date.now()) throw invalidPayload([{ path: 'expiresAt', message: 'must be in the future' }])
    await checkKeys(call, permissions ?? [])
    // A suspension that is under way would not see the token.
    await lockAccount(call.db, actorId, 'share')
    const account = await accountOf(call.db, actorId)
    if (account?.status !== 'active') throw new AppError('unauthenticated')
    const token = `${prefix}${randomToken()}`
    const row = { id: uuid(), user_id: actorId, name, token_hash: tokenHash(token), permissions: permissions ? JSON.stringify([...new Set(permissions)]) : null, expires_at: expiresAt ?? null }
    await call.db('api_tokens').insert(row)
    return { id: row.id, token }
  },
})

const list = operation({
  event: 'auth-token-list-request',
  kind: 'query',
  access: 'session',
  input: object({ page: number().integer().min(1).max(1_000_000).optional(), limit: number().integer().min(1).max(100).optional() }),
  async handle(call) {
    const { actorId } = sessionOf(call)
    const { page = 1, limit = 20 } = call.input
    const own = () => standing(call.db).where({ user_id: actorId })
    const counted: { total: number | string }[] = await own().count({ total: '*' })
    const rows: TokenRow[] = await own().orderBy(['created_at', 'id']).limit(limit).offset((page - 1) * limit)
    const items = rows.map((row) => ({ id: row.id, name: row.name, permissions: row.permissions, createdAt: row.created_at.toISOString(), expiresAt: row.expires_at?.toISOString() ?? null }))
    return { items, page, limit, total: Number(counted[0]?.total ?? 0) }
  },
})

const revoke = operation({
  event: 'auth-token-revoke',
  kind: 'mutation',
  access: 'session',
  input: object({ id: id().required() }),
  async handle(call) {
    const { actorId } = sessionOf(call)
    const done = await call.db('api_tokens').where({ id: call.input.id, user_id: actorId }).whereNull('revoked_at').update({ revoked_at: call.db.fn.now() })
    if (done === 0) throw notFound()
    return { id: call.input.id }
  },
})

export const apiTokenOperations = (requireFresh: RequireFresh) => [create(requireFresh), list, revoke]
