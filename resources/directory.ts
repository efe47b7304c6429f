// The directory as a service: what plugins may ask of accounts, roles and permissions, so that none of them names
// a table that is not its own.
import type { Knex } from 'knex'
import { definePlugin, foldAddress, type Call } from '#sovrane'
import { grantsOfRoles, holdersOf, isGranted, permissionIds } from './rights/grants.ts'
import { firstLacking } from './rights/guard.ts'

export interface DirectoryAccount {
  readonly id: string
  readonly email: string
  readonly firstName: string
  readonly lastName: string
  readonly status: string
  readonly locale: string | null
  readonly createdAt: Date
}

/** All accounts, as a query to which a plugin joins its own tables: one statement, as a `DirectoryAccount` has them. */
const accounts = (db: Knex): Knex.QueryBuilder =>
  db('users').select('id', 'email', { firstName: 'first_name', lastName: 'last_name' }, 'status', 'locale', { createdAt: 'created_at' })

const strengths = { share: 'for share', change: 'for no key update' } as const

const find = async (db: Knex, condition: string, value: string): Promise<DirectoryAccount | undefined> => {
  const rows: DirectoryAccount[] = await accounts(db).whereRaw(condition, [value])
  return rows[0]
}

export const directoryServices = {
  accounts,
  account: (db: Knex, id: string): Promise<DirectoryAccount | undefined> => find(db, 'id = ?', id),
  /** Whatever the spelling of the address; SQL from outside may have stored capitals. */
  byEmail: (db: Knex, email: string): Promise<DirectoryAccount | undefined> => find(db, 'lower(email) = ?', foldAddress(email)),
  /**
   * Holds an account until the transaction ends. `share`: no one changes it meanwhile; `change`: no one else holds it either.
   * What was read before may have waited behind a change: read again after it.
   */
  lock: async (db: Knex, id: string, strength: keyof typeof strengths): Promise<void> => {
    await db.raw(`select 1 from users where id = ? ${strengths[strength]}`, [id])
  },
  /** Holds an account, its roles and one role more, as a deletion locks them: users before roles. */
  async lockGrants(db: Knex, userId: string, roleId: string | null): Promise<void> {
    await directoryServices.lock(db, userId, 'share')
    await db.raw('select 1 from roles where id = ? or id in (select role_id from user_roles where user_id = ?) order by id for share', [roleId, userId])
  },
  /** Whether there is such a row; it is not deleted before the transaction ends. */
  async keep(db: Knex, resource: 'role' | 'site' | 'department', id: string): Promise<boolean> {
    const found: { rows: unknown[] } = await db.raw('select 1 from ?? where id = ? for key share', [`${resource}s`, id])
    return found.rows.length > 0
  },
  /** The address now is the account's, and proved. The change is a `user-update`, with all its hooks. @throws AppError conflict */
  async changeEmail(call: Pick<Call, 'call' | 'db'>, id: string, email: string): Promise<void> {
    await call.call('user-update', { id, email }, { as: 'system' })
    await directoryServices.proveEmail(call, id)
  },
  /** No operation writes this field: those who have read a mail to the address have proved it. */
  async proveEmail({ db }: Pick<Call, 'db'>, id: string): Promise<void> {
    await db('users').where({ id }).update({ email_verified: true })
  },
  grantsOfRoles,
  firstLacking,
  holdersOf,
  isGranted,
  permissionIds,
} as const

export type Directory = typeof directoryServices

export const directory = definePlugin({ name: 'directory', setup: () => ({ services: directoryServices }) })
