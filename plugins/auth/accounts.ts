// Accounts as log-ins see them: an account of the directory with its stored password, found, held, and given another password.
import type { Knex } from 'knex'
import { foldAddress } from '../../core/define/index.ts'
import type { Directory, DirectoryAccount } from '../../resources/directory.ts'

/** How many former hashes are kept; the setting asks for fewer. */
const keptHistory = 24

export interface Account extends DirectoryAccount {
  readonly passwordHash: string | null
  /** Days since the password was set. */
  readonly passwordAge: number | null
}

export interface Accounts {
  readonly byId: (db: Knex, id: string) => Promise<Account | undefined>
  /** Whatever the spelling of the address. */
  byEmail(db: Knex, email: string): Promise<Account | undefined>
  /** The account as it is now, which it stays until the transaction ends; the strengths are those of `directory.lock`. */
  readonly hold: (db: Knex, id: string, strength: 'share' | 'change') => Promise<Account | undefined>
}

export const createAccounts = (directory: Directory): Accounts => {
  const find = async (db: Knex, condition: string, value: string): Promise<Account | undefined> => {
    const rows: Account[] =
      await db.from(directory.accounts(db).as('a')).leftJoin('credentials as c', 'c.user_id', 'a.id').whereRaw(condition, [value])
      .select('a.*', { passwordHash: 'c.password_hash' }, db.raw('extract(epoch from now() - c.password_changed_at)::float8 / 86400 as "passwordAge"'))
    return rows[0]
  }
  const byId: Accounts['byId'] = (db, id) => find(db, 'a.id = ?', id)
  return {
    byId,
    byEmail: (db, email) => find(db, 'lower(a.email) = ?', foldAddress(email)),
    async hold(db, id, strength) {
      await directory.lock(db, id, strength)
      // By a statement of its own: one that had waited for the lock would see the password of before.
      return byId(db, id)
    },
  }
}

/** Stores a new password. What it replaces goes into the history; links that were mailed before it are void. */
export const storePassword = async (db: Knex, userId: string, hash: string): Promise<void> => {
  await db.raw('insert into password_history (user_id, password_hash) select user_id, password_hash from credentials where user_id = ?', [userId])
  await db.raw(`delete from password_history where user_id = ? and id not in (select id from password_history where user_id = ? order by id desc limit ${keptHistory})`, [userId, userId])
  await db('credentials').insert({ user_id: userId, password_hash: hash, password_changed_at: db.fn.now(), expiry_warned_at: null })
    .onConflict('user_id').merge(['password_hash', 'password_changed_at', 'expiry_warned_at'])
  // A change of the address or the status voids them by a trigger, whatever makes it.
  await db('password_resets').where({ user_id: userId }).whereNull('used_at').update({ used_at: db.fn.now() })
  await db('email_changes').where({ user_id: userId }).delete()
}

/** A stronger hash of the same password: no change of it. */
export const replaceHash = async (db: Knex, userId: string, former: string, hash: string): Promise<void> => {
  await db('credentials').where({ user_id: userId, password_hash: former }).update({ password_hash: hash })
}

/** The hashes of the last passwords, the present one first. */
export const lastHashes = async (db: Knex, userId: string, count: number): Promise<string[]> => {
  const rows: { password_hash: string }[] = await db('credentials').where({ user_id: userId }).select('password_hash', db.raw('null as id'))
    .unionAll(db('password_history').where({ user_id: userId }).select('password_hash', 'id'))
    .orderByRaw('id desc nulls first').limit(count)
  return rows.map((row) => row.password_hash)
}
