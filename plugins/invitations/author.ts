// Nobody gives what he does not hold: what a role grants, against what the author of an invitation holds.
import type { Knex } from 'knex'
import { forbidden, type Call } from '../../core/define/index.ts'

interface GrantRow {
  readonly key: string
  readonly scope_id: string | null
}

/** @throws AppError forbidden naming the first key of the role that the actor does not wholly hold */
export const requireRole = async ({ db, rights }: Pick<Call, 'db' | 'rights'>, roleId: string): Promise<void> => {
  const grants: GrantRow[] = await db('role_permissions as rp').join('permissions as p', 'p.id', 'rp.permission_id')
    .where('rp.role_id', roleId).orderBy('p.permission_key').select({ key: 'p.permission_key', scope_id: 'rp.scope_id' })
  for (const { key, scope_id: scopeId } of grants) {
    if (!(await rights.covers({ key, scopeId, deny: false }))) throw forbidden(key)
  }
}

// A call knows the rights of its own actor only, and the one who accepts is not the author: his grants are asked here.
// A deny of the key or of root counts wherever it holds, which is stricter than core.
const notHeld = `
  with recursive wanted as (
    select p.permission_key as key, rp.scope_id from role_permissions rp join permissions p on p.id = rp.permission_id where rp.role_id = :roleId
  ), held as (
    select p.permission_key as key, rp.scope_id, false as deny
      from user_roles ur join role_permissions rp on rp.role_id = ur.role_id join permissions p on p.id = rp.permission_id where ur.user_id = :authorId
    union all
    select p.permission_key, up.scope_id, up.deny from user_permissions up join permissions p on p.id = up.permission_id where up.user_id = :authorId
  ), above(start, id) as (
    select scope_id, scope_id from wanted where scope_id is not null
    union select a.start, d.parent_id from above a join departments d on d.id = a.id where d.parent_id is not null
  )
  select w.key from wanted w
  where exists (select 1 from held h where h.deny and h.key in (w.key, 'root'))
    or not exists (select 1 from held h where not h.deny and h.key in (w.key, 'root')
                   and (h.scope_id is null or h.scope_id in (select a.id from above a where a.start = w.scope_id)))
  limit 1`

/** Whether the author holds all that the role grants, with the same or a wider scope, now. */
export const authorHolds = async (db: Knex, authorId: string, roleId: string | null): Promise<boolean> => {
  if (roleId === null) return true
  const result: { rows: unknown[] } = await db.raw(notHeld, { authorId, roleId })
  return result.rows.length === 0
}
