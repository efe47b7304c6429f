// Tokens that let a password be set without the old one: mailed ones, and those of an expired password.
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Knex } from 'knex'
import { randomToken, tokenHash } from './sessions.ts'

/** Minutes. Source: docs/protocol.md §4.1. */
const lifetime = 30
/** Seconds between two reset mails to one account. */
const mailPause = 60

export interface ResetTokens {
  /** A token to mail, the newest, which kills the older; undefined when one was mailed within the last minute. */
  forMail(db: Knex, userId: string): Promise<string | undefined>
  /** For an account whose password was proved but has expired. Nothing is stored: it dies with the password that it replaces, or a change of the status. */
  forExpired(db: Knex, userId: string): Promise<string>
  /** The user of a token, which is spent by it. Undefined when it is none, or no more. */
  redeem(db: Knex, token: string): Promise<string | undefined>
  /** The user of a token that could be redeemed now; nothing is spent. */
  peek(db: Knex, token: string): Promise<string | undefined>
}

const expiredPrefix = 'expired.'

interface Stored {
  readonly user_id: string
  readonly password_hash: string
  readonly era: number
}

const columns = ['user_id', 'password_hash', 'era'] as const

/** @param key a server key */
export const createResetTokens = (key: Buffer): ResetTokens => {
  const sign = (body: string, stored: Stored | undefined): Buffer =>
    createHmac('sha256', key).update('expired-password').update(JSON.stringify([body, stored?.password_hash, stored?.era])).digest()

  const expiredOwner = async (db: Knex, token: string, lock: boolean): Promise<string | undefined> => {
    const [body = '', signature = '', ...rest] = token.slice(expiredPrefix.length).split('.')
    const [userId = '', until = ''] = Buffer.from(body, 'base64url').toString('utf8').split(' ')
    if (rest.length > 0 || !(Number(until) > Date.now() / 1000)) return undefined
    const query = db('credentials').where({ user_id: userId })
    const row: Stored | undefined = await (lock ? query.forUpdate() : query).first(...columns)
    const given = Buffer.from(signature, 'base64url')
    const wanted = sign(body, row)
    return row && given.length === wanted.length && timingSafeEqual(given, wanted) ? row.user_id : undefined
  }
  const live = (db: Knex, token: string) => db('password_resets').where({ token_hash: tokenHash(token) }).whereNull('used_at').whereRaw('expires_at > now()')

  return {
    async forMail(db, userId) {
      const token = randomToken()
      const result: { rows: unknown[] } = await db.raw(`
        insert into password_resets as r (user_id, token_hash, expires_at, mailed_at) values (?, ?, now() + interval '${lifetime} minutes', now())
        on conflict (user_id) do update set token_hash = excluded.token_hash, expires_at = excluded.expires_at, used_at = null, mailed_at = now()
          where r.mailed_at < now() - interval '${mailPause} seconds' or r.used_at is not null
        returning user_id`, [userId, tokenHash(token)])
      return result.rows.length > 0 ? token : undefined
    },
    async forExpired(db, userId) {
      const body = Buffer.from(`${userId} ${Math.floor(Date.now() / 1000) + lifetime * 60}`).toString('base64url')
      const stored: Stored | undefined = await db('credentials').where({ user_id: userId }).first(...columns)
      return `${expiredPrefix}${body}.${sign(body, stored).toString('base64url')}`
    },
    async redeem(db, token) {
      if (token.startsWith(expiredPrefix)) return expiredOwner(db, token, true)
      const rows: { user_id: string }[] = await live(db, token).update({ used_at: db.fn.now() }).returning('user_id')
      return rows[0]?.user_id
    },
    async peek(db, token) {
      if (token.startsWith(expiredPrefix)) return expiredOwner(db, token, false)
      const row: { user_id: string } | undefined = await live(db, token).first('user_id')
      return row?.user_id
    },
  }
}
