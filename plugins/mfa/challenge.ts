// A challenge: the proof that this flow has given the right password, for five minutes and five tries.
import { createHash, createHmac, randomBytes, randomInt, timingSafeEqual } from 'node:crypto'
import type { Knex } from 'knex'
import type { Connection } from '../../core/define/index.ts'

/** Minutes and tries. Source: docs/protocol.md §4.1. */
const lifetime = 5
const tries = 5

const hashOf = (token: string): string => createHash('sha256').update(token).digest('base64url')

/** A mailed code is short: without the server's key its hash would tell it at once. */
const codeHash = (key: Buffer, token: string, code: string): string => createHmac('sha256', key).update('mfa-mail').update(token).update(code).digest('base64url')

export interface Challenge {
  readonly token_hash: string
  readonly code_hash: string | null
}

/** Six digits for a mail. */
export const makeMailCode = (): string => String(randomInt(1_000_000)).padStart(6, '0')

/** Opens a challenge; its token goes to the client. `mailed`: the code that was mailed. */
export const openChallenge = async (db: Knex, userId: string, connection: Connection, mailed?: { readonly code: string; readonly key: Buffer }): Promise<string> => {
  const token = randomBytes(32).toString('base64url')
  const hash = hashOf(token)
  await db.raw("delete from mfa_challenges where user_id = ? and expires_at < now() - interval '1 hour'", [userId])
  await db('mfa_challenges').insert({
    token_hash: hash,
    user_id: userId,
    connection_id: connection.id ?? null,
    code_hash: mailed === undefined ? null : codeHash(mailed.key, hash, mailed.code),
    expires_at: db.raw(`now() + interval '${lifetime} minutes'`),
  })
  return token
}

/** Counts a try of a challenge: the one of the token, else the newest of this very connection. Undefined: there is none that still counts. */
export const tryChallenge = async (db: Knex, userId: string, proof: { readonly token: string | undefined; readonly connection: Connection }): Promise<Challenge | undefined> => {
  const { token, connection } = proof
  if (token === undefined && connection.id === undefined) return undefined
  const [column, value] = token === undefined ? ['connection_id', connection.id ?? ''] : ['token_hash', hashOf(token)]
  const result: { rows: Challenge[] } = await db.raw(`
    update mfa_challenges set attempts = attempts + 1 where token_hash = (
      select token_hash from mfa_challenges where ?? = ? and user_id = ? order by expires_at desc limit 1)
    and attempts < ${tries} and consumed_at is null and expires_at > now() returning token_hash, code_hash`, [column, value, userId])
  return result.rows[0]
}

/** Whether a code is the one that was mailed for the challenge. */
export const isMailedCode = (challenge: Challenge, code: string, key: Buffer): boolean => {
  if (challenge.code_hash === null) return false
  const [given, wanted] = [Buffer.from(codeHash(key, challenge.token_hash, code)), Buffer.from(challenge.code_hash)]
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}

/** Consumes a challenge and tells how many days ago it was opened; undefined when somebody else was faster. */
export const consumeChallenge = async (db: Knex, challenge: Challenge): Promise<number | undefined> => {
  const result: { rows: { age: number }[] } = await db.raw(`
    update mfa_challenges set consumed_at = now() where token_hash = ? and consumed_at is null
    returning extract(epoch from now() - expires_at + interval '${lifetime} minutes')::float8 / 86400 as age`, [challenge.token_hash])
  return result.rows[0]?.age
}
