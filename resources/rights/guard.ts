// Nobody gives what they do not hold, and `root` always has an active holder.
import type { Knex } from 'knex'
import { conflict, forbidden, type Call, type Grant } from '../../core/define/index.ts'
import { root } from './grants.ts'

/** @throws AppError forbidden naming the first key that the actor does not wholly hold */
export const requireCovers = async (call: Call, grants: readonly Grant[]): Promise<void> => {
  if (call.system) return
  const distinct = new Map(grants.filter((grant) => !grant.deny).map((grant) => [JSON.stringify([grant.key, grant.scopeId, grant.row]), grant]))
  for (const grant of distinct.values()) {
    if (!(await call.rights.covers(grant))) throw forbidden(grant.key)
  }
}

// From the permission downwards: few hold it, and many may be users.
const rootHolders = `
  with wanted as (select id from permissions where permission_key = ?)
  select 1 from (
    select ur.user_id from wanted join role_permissions rp on rp.permission_id = wanted.id and rp.scope_id is null join user_roles ur on ur.role_id = rp.role_id
    union all
    select up.user_id from wanted join user_permissions up on up.permission_id = wanted.id where up.scope_id is null and not up.deny
  ) holder join users u on u.id = holder.user_id
  where u.status = 'active'
    and not exists (select 1 from wanted join user_permissions up on up.permission_id = wanted.id where up.user_id = u.id and up.deny)
  limit 1`

/** Whether anyone active holds `root` everywhere. */
const someoneIsRoot = async (db: Knex): Promise<boolean> => {
  const result: { rows: unknown[] } = await db.raw(rootHolders, [root])
  return result.rows.length > 0
}

/**
 * After a change that may have taken `root` from its last holder. One such change at a time: two could each see the other's holder.
 * @throws AppError conflict
 */
const requireRootRemains = async (db: Knex): Promise<void> => {
  await db.raw("select pg_advisory_xact_lock(hashtext('sovrane:last-root'))")
  if (!(await someoneIsRoot(db))) throw conflict({ reason: 'last_root' }, 'Someone active must hold "root" everywhere')
}

/** Before a change that can take `root` from someone: what must hold once it is written. Where nobody has it yet, nobody can lose it. */
export const guardingRoot = async (call: Call): Promise<(() => Promise<void>) | undefined> =>
  (await someoneIsRoot(call.db)) ? () => requireRootRemains(call.db) : undefined
