// What a request proves itself with: the access token of a session, or an API token. Nothing else passes as either.
import { createHash, createSecretKey } from 'node:crypto'
import jwt from 'jsonwebtoken'
import type { Knex } from 'knex'
import { array, number, object, string } from 'yup'
import { v7 as uuid } from 'uuid'
import {
  AppError, dateTime, forbidden, id, invalidPayload, label, notFound, operation, randomToken, tokenHash, type Authenticator, type Call,
  type Principal,
} from '../../core/define/index.ts'
import type { Directory } from '../../resources/directory.ts'
import type { Accounts } from './accounts.ts'
import type { RequireFresh } from './proof.ts'
import { sessionEnds, sessionOf } from './sessions.ts'

const claims = { issuer: 'sovrane', audience: 'sovrane' }
/** Characters of a token; ours have some 350. */
const maxLength = 4096
/**
 * Seconds by which the clocks of two nodes may differ: a token of one that is ahead is good on the other at once.
 * Documented in docs/operations.md.
 */
const leeway = 30

const isId = (value: unknown): value is string => typeof value === 'string' && /^[\w-]{1,64}$/.test(value)

export interface AccessTokens {
  /** A token that lives no longer than its session, which has `left` seconds. */
  issue(userId: string, sessionId: string, left: number): { readonly accessToken: string; readonly expiresIn: number }
  /** @throws AppError unauthenticated, whatever is wrong with it */
  verify(token: unknown): Principal
}

/**
 * @param lifetime seconds. The first key signs, all verify; with the bytes in place of a KeyObject a verification costs forty times more.
 */
export const createAccessTokens = (secrets: readonly Buffer[], lifetime: number): AccessTokens => {
  const keys = secrets.map((secret) =>
    ({ id: createHash('sha256').update('kid').update(secret).digest('base64url').slice(0, 12), key: createSecretKey(secret) }))
  const byId = new Map(keys.map((key) => [key.id, key.key]))
  const [first] = keys
  if (!first) throw new Error('JWT_SECRET: is empty')

  const verified = (token: unknown): Principal => {
    if (typeof token !== 'string' || token.length > maxLength) throw new AppError('unauthenticated')
    const header: unknown = jwt.decode(token, { complete: true })?.header
    const kid = typeof header === 'object' && header !== null && 'kid' in header ? header.kid : undefined
    const key = typeof kid === 'string' ? byId.get(kid) : undefined
    if (!key) throw new AppError('unauthenticated')
    const payload: unknown = jwt.verify(token, key, { algorithms: ['HS256'], ...claims })
    if (typeof payload !== 'object' || payload === null) throw new AppError('unauthenticated')
    const { sub, sid, exp, iat, typ } = payload as Record<string, unknown>
    if (typ !== 'access' || !isId(sub) || !isId(sid) || typeof exp !== 'number' || typeof iat !== 'number')
      throw new AppError('unauthenticated')
    if (iat > Date.now() / 1000 + leeway) throw new AppError('unauthenticated')
    return { actorId: sub, sessionId: sid, expiresAt: exp * 1000 }
  }

  return {
    issue(userId, sessionId, left) {
      const expiresIn = Math.max(1, Math.min(lifetime, Math.floor(left)))
      const signing = { algorithm: 'HS256', keyid: first.id, subject: userId, expiresIn, ...claims } as const
      return { accessToken: jwt.sign({ typ: 'access', sid: sessionId }, first.key, signing), expiresIn }
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

/** API tokens: named access for scripts, with no more than the user's rights, ending when they end. */
const prefix = 'sov_'
/** Epoch milliseconds: the last day there is. */
const never = 8.64e15

const isApiToken = (token: unknown): token is string => typeof token === 'string' && token.startsWith(prefix) && token.length < 128

interface TokenRow {
  readonly id: string
  readonly user_id: string
  readonly name: string
  readonly permissions: string[] | null
  readonly created_at: Date
  readonly expires_at: Date | null
}

const usable = (db: Knex) =>
  db('api_tokens').whereNull('revoked_at').where((either) => void either.whereNull('expires_at').orWhereRaw('expires_at > now()'))

/** Among the keys of a token: what everyone may do to their own row. It is not a permission. */
const profile = 'profile'

/**
 * The keys of a token must be held by its user, and known. To anyone who does not hold them, unknown keys are like all others.
 * @throws AppError forbidden, invalid_payload
 */
const checkKeys = async (call: Pick<Call, 'db' | 'rights'>, directory: Directory, keys: readonly string[]): Promise<void> => {
  const permissions = keys.filter((key) => key !== profile)
  for (const key of permissions) if (!call.rights.holds(key)) throw forbidden(key)
  const known = await directory.permissionIds(call.db, permissions)
  const faults = keys.flatMap((key, index) =>
    (key === profile || known.has(key) ? [] : [{ path: `permissions[${index}]`, message: 'there is no such permission' }]))
  if (faults.length > 0) throw invalidPayload(faults)
}

/** @throws AppError unauthenticated */
const authenticateApiToken = async (db: Knex, token: string): Promise<Principal> => {
  const row: TokenRow | undefined =
    await usable(db).where({ token_hash: tokenHash(token) }).first('id', 'user_id', 'permissions', 'expires_at')
  if (!row) throw new AppError('unauthenticated')
  return {
    actorId: row.user_id,
    sessionId: `token:${row.id}`,
    expiresAt: row.expires_at?.getTime() ?? never,
    byKeys: true,
    ...(row.permissions ? { only: row.permissions } : {}),
  }
}

/** Which API tokens have ended, and why. One that has other keys by now must come again: what is open was let in with the former. */
const apiTokenEnds = async (db: Knex, principals: readonly Principal[]): Promise<Map<string, string>> => {
  if (principals.length === 0) return new Map()
  const rows: Pick<TokenRow, 'id' | 'user_id' | 'permissions'>[] = await usable(db)
    .whereIn('id', principals.map(({ sessionId }) => sessionId.slice('token:'.length))).select('id', 'user_id', 'permissions')
  const found = new Map(rows.map((row) => [`token:${row.id}`, row]))
  const isSame = ({ sessionId, actorId, only }: Principal): boolean => {
    const row = found.get(sessionId)
    return row?.user_id === actorId && JSON.stringify(only ?? null) === JSON.stringify(row.permissions)
  }
  return new Map(principals.filter((principal) => !isSame(principal)).map(({ sessionId }) => [sessionId, 'revoked']))
}

interface ApiTokenParts {
  readonly accounts: Accounts
  readonly directory: Directory
  readonly requireFresh: RequireFresh
}

const create = ({ accounts, directory, requireFresh }: ApiTokenParts) => operation({
  event: 'auth-token-create',
  secret: true,
  kind: 'mutation',
  access: 'session',
  input: object({
    name: label(120).required(), permissions: array().max(200).of(string().max(64).required()).optional(), expiresAt: dateTime().optional(),
  }),
  async handle(call) {
    const { actorId } = await requireFresh(call)
    const { name, permissions, expiresAt } = call.input
    if (expiresAt !== undefined && Date.parse(expiresAt) <= Date.now())
      throw invalidPayload([{ path: 'expiresAt', message: 'must be in the future' }])
    await checkKeys(call, directory, permissions ?? [])
    // A suspension that is under way would not see the token.
    const account = await accounts.hold(call.db, actorId, 'share')
    if (account?.status !== 'active') throw new AppError('unauthenticated')
    const token = `${prefix}${randomToken()}`
    const row = {
      id: uuid(), user_id: actorId, name, token_hash: tokenHash(token),
      permissions: permissions ? JSON.stringify([...new Set(permissions)]) : null, expires_at: expiresAt ?? null,
    }
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
    const own = () => usable(call.db).where({ user_id: actorId })
    const counted: { total: number | string }[] = await own().count({ total: '*' })
    const rows: TokenRow[] = await own().orderBy(['created_at', 'id']).limit(limit).offset((page - 1) * limit)
    const items = rows.map((row) => ({
      id: row.id, name: row.name, permissions: row.permissions, createdAt: row.created_at.toISOString(),
      expiresAt: row.expires_at?.toISOString() ?? null,
    }))
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
    const done = await call.db('api_tokens').where({ id: call.input.id, user_id: actorId }).whereNull('revoked_at').update({
      revoked_at: call.db.fn.now(),
    })
    if (done === 0) throw notFound()
    return { id: call.input.id }
  },
})

export const apiTokenOperations = (parts: ApiTokenParts) => [create(parts), list, revoke]

/** Both kinds of tokens, as transports ask about them. */
export const createAuthenticator = (tokens: AccessTokens): Authenticator => {
  return {
    stamped: true,
    authenticate: async (db, token) => (isApiToken(token) ? authenticateApiToken(db, token) : tokens.verify(token)),
    async ended(db, principals) {
      const [ofTokens, ofSessions] = [true, false].map((byToken) =>
        principals.filter(({ sessionId }) => sessionId.startsWith('token:') === byToken))
      return new Map([...(await apiTokenEnds(db, ofTokens ?? [])), ...(await sessionEnds(db, ofSessions ?? []))])
    },
  }
}
