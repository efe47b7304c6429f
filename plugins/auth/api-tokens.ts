// API tokens: named access for scripts, with no more than the user's rights, ending when they end.
import type { Knex } from 'knex'
import { array, object, string } from 'yup'
import { v7 as uuid } from 'uuid'
import {
  AppError, dateTime, forbidden, id, invalidPayload, label, notFound, operation, pageWith, randomToken, tokenHash, type Call,
  type Principal,
} from '#sovrane'
import type { Directory } from '../../resources/directory.ts'
import type { AuthParts } from './parts.ts'
import { ownPage, pageInput, requireFresh, sessionOf } from './sessions.ts'

const prefix = 'sov_'
/** Epoch milliseconds: the last day there is. */
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

const columns = ['id', 'user_id', 'name', 'permissions', 'created_at', 'expires_at'] as const

const usable = (db: Knex) =>
  db('api_tokens').whereNull('revoked_at').where((either) => void either.whereNull('expires_at').orWhereRaw('expires_at > now()'))

const toPrincipal = (row: TokenRow): Principal => ({
  actorId: row.user_id,
  sessionId: `token:${row.id}`,
  expiresAt: row.expires_at?.getTime() ?? never,
  byKeys: true,
  ...(row.permissions ? { only: row.permissions } : {}),
})

/** @throws AppError unauthenticated */
export const authenticateApiToken = async (db: Knex, token: string): Promise<Principal> => {
  const row: TokenRow | undefined = await usable(db).where({ token_hash: tokenHash(token) }).first(...columns)
  if (!row) throw new AppError('unauthenticated')
  return toPrincipal(row)
}

/** Which API tokens have ended, and why. One that has other keys by now must come again: what is open was let in with the former. */
export const apiTokenEnds = async (db: Knex, principals: readonly Principal[]): Promise<Map<string, string>> => {
  if (principals.length === 0) return new Map()
  const ids = principals.map(({ sessionId }) => sessionId.slice('token:'.length))
  const rows: TokenRow[] = await usable(db).whereIn('id', ids).select(...columns)
  const rightsOf = ({ sessionId, actorId, only }: Principal): string => JSON.stringify([sessionId, actorId, only])
  const good = new Set(rows.map((row) => rightsOf(toPrincipal(row))))
  return new Map(principals.filter((each) => !good.has(rightsOf(each))).map(({ sessionId }) => [sessionId, 'revoked']))
}

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

const create = ({ accounts, directory, settings }: AuthParts) => operation({
  event: 'auth-token-create',
  about: 'Makes an API token for a script',
  errors: ['forbidden', 'auth.token', 'reauthenticate'],
  secret: true,
  kind: 'mutation',
  access: 'session',
  input: object({
    name: label(120).required(), permissions: array().max(200).of(string().max(64).required()).optional(), expiresAt: dateTime().optional(),
  }),
  output: object({ id: id().required(), token: string().required() }),
  async handle(call) {
    const { actorId } = await requireFresh(settings, call)
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

const toToken = (row: TokenRow) => ({
  id: row.id, name: row.name, permissions: row.permissions, createdAt: row.created_at.toISOString(),
  expiresAt: row.expires_at?.toISOString() ?? null,
})

/** A user's usable tokens, the oldest first. */
export const tokensOf = async (db: Knex, userId: string, limit: number) => {
  const rows: TokenRow[] = await usable(db).where({ user_id: userId }).orderBy('created_at').orderBy('id').limit(limit).select(...columns)
  return rows.map(toToken)
}

/** Ends some tokens of a user; answers which. */
export const endTokens = async (
  db: Knex, userId: string, narrow: (query: Knex.QueryBuilder) => Knex.QueryBuilder,
): Promise<string[]> => {
  const tokens = db('api_tokens').where({ user_id: userId }).whereNull('revoked_at').update({ revoked_at: db.fn.now() })
  const rows = (await narrow(tokens).returning('id')) as { id: string }[]
  return rows.map(({ id }) => id)
}

const list = operation({
  event: 'auth-token-list-request',
  about: 'Lists your API tokens',
  errors: ['auth.token'],
  kind: 'query',
  access: 'session',
  input: pageInput,
  output: pageWith(object({
    id: id().required(), name: string().required(), permissions: array().of(string().required()).nullable().defined(),
    createdAt: dateTime().required(), expiresAt: dateTime().nullable().defined(),
  })),
  async handle(call) {
    const { actorId } = sessionOf(call)
    return ownPage(call, () => usable(call.db).where({ user_id: actorId }), ['created_at', 'id'], toToken)
  },
})

const revoke = operation({
  event: 'auth-token-revoke',
  about: 'Ends one of your API tokens',
  errors: ['not_found', 'auth.token'],
  kind: 'mutation',
  access: 'session',
  input: object({ id: id().required() }),
  output: object({ id: id().required() }),
  async handle(call) {
    const { actorId } = sessionOf(call)
    const done = await call.db('api_tokens').where({ id: call.input.id, user_id: actorId }).whereNull('revoked_at').update({
      revoked_at: call.db.fn.now(),
    })
    if (done === 0) throw notFound()
    return { id: call.input.id }
  },
})

export const apiTokenOperations = (parts: AuthParts) => [create(parts), list, revoke]
