// Who is told of alerts: every active user who holds `root` everywhere.
import type { Knex } from 'knex'

export interface RootHolder {
  readonly email: string
  readonly locale: string | null
}

export const rootHolders = async (db: Knex): Promise<RootHolder[]> => {
  const found: { rows: RootHolder[] } = await db.raw(`
    select u.email, u.locale from users u
    where u.status = 'active'
      and (exists (select 1 from user_roles ur join role_permissions rp on rp.role_id = ur.role_id join permissions p on p.id = rp.permission_id
                   where ur.user_id = u.id and p.permission_key = 'root' and rp.scope_id is null)
        or exists (select 1 from user_permissions up join permissions p on p.id = up.permission_id
                   where up.user_id = u.id and p.permission_key = 'root' and up.scope_id is null and not up.deny))
      and not exists (select 1 from user_permissions up join permissions p on p.id = up.permission_id
                      where up.user_id = u.id and p.permission_key = 'root' and up.deny)
    order by u.email`)
  return found.rows
}
