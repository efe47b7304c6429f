// Grants as the database has them: of a user, of roles, and whether `root` is among them.
import type { Knex } from 'knex'
import type { Grant } from '../../core/define/index.ts'

export const root = 'root'

interface GrantRow {
  readonly key: string
  readonly scope_id: string | null
  readonly deny: boolean
}

const toGrant = (row: GrantRow): Grant => ({ key: row.key, scopeId: row.scope_id, deny: row.deny })

/** Everything that a user is granted or denied, by his roles and by himself. */
export const grantsOfUser = async (db: Knex, userId: string): Promise<Grant[]> => {
  const result: { rows: GrantRow[] } = await db.raw(`
    select p.permission_key as key, rp.scope_id, false as deny
      from user_roles ur join role_permissions rp on rp.role_id = ur.role_id join permissions p on p.id = rp.permission_id where ur.user_id = ?
    union all
    select p.permission_key, up.scope_id, up.deny from user_permissions up join permissions p on p.id = up.permission_id where up.user_id = ?`, [userId, userId])
  return result.rows.map(toGrant)
}

/** What roles grant. */
export const grantsOfRoles = async (db: Knex, roleIds: readonly string[]): Promise<Grant[]> => {
  if (roleIds.length === 0) return []
  const rows: GrantRow[] = await db('role_permissions as rp').join('permissions as p', 'p.id', 'rp.permission_id')
    .whereIn('rp.role_id', [...roleIds]).select({ key: 'p.permission_key', scope_id: 'rp.scope_id' }).select(db.raw('false as deny'))
  return rows.map(toGrant)
}

/** The key of a permission row. */
export const keyOfPermission = async (db: Knex, id: string): Promise<string | undefined> => {
  const row: { permission_key: string } | undefined = await db('permissions').where({ id }).first('permission_key')
  return row?.permission_key
}
