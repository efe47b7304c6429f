// Grants as the database has them: of roles, and who holds a key or was granted it.
import type { Knex } from 'knex'
import type { Grant } from '#sovrane'

export const root = 'root'

/** What roles grant. */
export const grantsOfRoles = async (db: Knex, roleIds: readonly string[]): Promise<Grant[]> => {
  if (roleIds.length === 0) return []
  const rows: Grant[] = await db('role_permissions as rp').join('permissions as p', 'p.id', 'rp.permission_id')
    .whereIn('rp.role_id', [...roleIds])
    .select({ key: 'p.permission_key', scopeId: 'rp.scope_id' }).select(db.raw('false as deny'))
    .orderBy('p.permission_key')
  return rows
}

/** The keys of permission rows, by their ids. */
export const keysOfPermissions = async (db: Knex, ids: readonly string[]): Promise<ReadonlyMap<string, string>> => {
  if (ids.length === 0) return new Map()
  const rows: { id: string; permission_key: string }[] = await db('permissions').whereIn('id', [...ids]).select('id', 'permission_key')
  return new Map(rows.map((row) => [row.id, row.permission_key]))
}

/** The roles that grant a permission, in any scope. */
export const rolesGranting = async (db: Knex, permissionId: string): Promise<string[]> => {
  const rows: { role_id: string }[] = await db('role_permissions').where({ permission_id: permissionId }).distinct('role_id')
  return rows.map((row) => row.role_id)
}

/** The ids of permissions, by those of these keys that there are. */
export const permissionIds = async (db: Knex, keys: readonly string[]): Promise<ReadonlyMap<string, string>> => {
  const rows: { id: string; permission_key: string }[] =
    await db('permissions').whereIn('permission_key', [...keys]).select('id', 'permission_key')
  return new Map(rows.map((row) => [row.permission_key, row.id]))
}

// From the permission downwards: few hold it, and many may be users.
const holders = `
  with wanted as (select id from permissions where permission_key = ?)
  select u.id, u.email, u.locale from users u where u.id in (
    select ur.user_id from wanted join role_permissions rp on rp.permission_id = wanted.id and rp.scope_id is null
      join user_roles ur on ur.role_id = rp.role_id
    union all
    select up.user_id from wanted join user_permissions up on up.permission_id = wanted.id where up.scope_id is null and not up.deny)
  and u.status = 'active'
  and not exists (select 1 from wanted join user_permissions up on up.permission_id = wanted.id where up.user_id = u.id and up.deny)
  limit ?`

export interface Holder {
  readonly id: string
  readonly email: string
  readonly locale: string | null
}

/** Everyone active who holds a key everywhere, undenied; of many so many at most. */
export const holdersOf = async (db: Knex, key: string, most: number | null = null): Promise<Holder[]> => {
  const result: { rows: Holder[] } = await db.raw(holders, [key, most])
  return result.rows
}

/** Whether anyone at all was granted a key: in any scope, whatever their status and whatever denies it. */
export const isGranted = async (db: Knex, key: string): Promise<boolean> => {
  const result: { rows: unknown[] } = await db.raw(`
    select 1 from permissions p where p.permission_key = ? and (
      exists (select 1 from role_permissions rp join user_roles ur on ur.role_id = rp.role_id where rp.permission_id = p.id)
      or exists (select 1 from user_permissions up where up.permission_id = p.id))`, [key])
  return result.rows.length > 0
}
