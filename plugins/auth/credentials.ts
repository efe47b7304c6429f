// Stored passwords: their hashes, those before them, and when they were set.
import type { Knex } from 'knex'
import { foldAddress } from '../../core/define/index.ts'

/** How many former hashes are kept; the setting asks for fewer. */
const keptHistory = 24

/** Makes the links worthless that are on their way by mail: they were asked for with what is now no longer so. */
export const voidMailedLinks = async (db: Knex, userId: string): Promise<void> => {
  await db('password_resets').where({ user_id: userId }).whereNull('used_at').update({ used_at: db.fn.now() })
  await db('email_changes').where({ user_id: userId }).delete()
}

/** Stores a new password. What it replaces goes into the history; links mailed before it are void. */
export const storePassword = async (db: Knex, userId: string, hash: string): Promise<void> => {
  await db.raw('insert into password_history (user_id, password_hash) select user_id, password_hash from credentials where user_id = ?', [userId])
  await db.raw(`delete from password_history where user_id = ? and id not in (select id from password_history where user_id = ? order by id desc limit ${keptHistory})`, [userId, userId])
  await db('credentials').insert({ user_id: userId, password_hash: hash, password_changed_at: db.fn.now(), expiry_warned_at: null })
    .onConflict('user_id').merge(['password_hash', 'password_changed_at', 'expiry_warned_at'])
  await voidMailedLinks(db, userId)
}

/** A stronger hash of the same password: no change of it. */
export const rehash = async (db: Knex, userId: string, former: string, hash: string): Promise<void> => {
  await db('credentials').where({ user_id: userId, password_hash: former }).update({ password_hash: hash })
}

export interface Account {
  readonly id: string
  readonly email: string
  readonly status: string
  readonly locale: string | null
  readonly password_hash: string | null
  /** Days since the password was set. */
  readonly age: number | null
}

const columns = 'u.id, u.email, u.status, u.locale, c.password_hash, extract(epoch from now() - c.password_changed_at)::float8 / 86400 as age'

/** The account with an address, whatever its spelling; SQL from outside may have written it in capitals. */
export const findAccount = async (db: Knex, email: string): Promise<Account | undefined> => {
  const result: { rows: Account[] } = await db.raw(`select ${columns} from users u left join credentials c on c.user_id = u.id where lower(u.email) = ?`, [foldAddress(email)])
  return result.rows[0]
}

/**
 * Holds an account until the transaction ends. `share`: nobody changes it meanwhile; `change`: nobody else logs in to it either.
 * What was read before may have waited behind a change: read again after it.
 */
export const lockAccount = async (db: Knex, userId: string, strength: 'share' | 'change'): Promise<void> => {
  await db.raw(`select 1 from users where id = ? for ${strength === 'share' ? 'share' : 'no key update'}`, [userId])
}

export const accountOf = async (db: Knex, userId: string): Promise<Account | undefined> => {
  const result: { rows: Account[] } = await db.raw(`select ${columns} from users u left join credentials c on c.user_id = u.id where u.id = ?`, [userId])
  return result.rows[0]
}
