// Session rows: one a log-in. Only the hash of a refresh token is stored.
import { createHash, randomBytes } from 'node:crypto'
import type { Knex } from 'knex'
import { v7 as uuid } from 'uuid'
import type { Connection } from '../../core/define/index.ts'

/** SHA-256 suffices for 256 random bits. */
export const tokenHash = (token: string): string => createHash('sha256').update(token).digest('base64url')

/** Opens a session; the refresh token is handed out here and never again. `lifetime` in seconds. */
export const openSession = async (db: Knex, userId: string, connection: Connection, lifetime: number): Promise<{ id: string; refreshToken: string }> => {
  const id = uuid()
  const refreshToken = randomBytes(32).toString('base64url')
  await db('sessions').insert({
    id,
    user_id: userId,
    refresh_hash: tokenHash(refreshToken),
    ip: connection.ip ?? null,
    user_agent: connection.userAgent?.slice(0, 500) ?? null,
    expires_at: db.raw('now() + make_interval(secs => ?)', [lifetime]),
  })
  return { id, refreshToken }
}

/** Ends all sessions of a user, but for one. The feed tells every node, which closes the sockets. */
export const endSessions = async (db: Knex, userId: string, reason: string, except?: string): Promise<void> => {
  await db('sessions').where({ user_id: userId }).whereNull('ended_at').whereNot({ id: except ?? '' })
    .update({ ended_at: db.fn.now(), ended_by: reason })
}

/** Why a session has ended; undefined while it stands. Times by the database's clock. */
export const sessionEnd = async (db: Knex, sessionId: string, userId: string): Promise<string | undefined> => {
  const row: { ended_by: string | null; expired: boolean } | undefined = await db('sessions').where({ id: sessionId, user_id: userId })
    .first('ended_by', db.raw('expires_at <= now() as expired'))
  if (!row) return 'revoked'
  return row.ended_by ?? (row.expired ? 'expired' : undefined)
}
