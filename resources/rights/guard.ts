// Nobody gives what he does not hold, and nobody acts over somebody who holds more.
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

const rootHolders = `
  select 1 from users u
  where u.status = 'active'
    and (exists (select 1 from user_roles ur join role_permissions rp on rp.role_id = ur.role_id join permissions p on p.id = rp.permission_id
                 where ur.user_id = u.id and p.permission_key = ? and rp.scope_id is null)
      or exists (select 1 from user_permissions up join permissions p on p.id = up.permission_id
                 where up.user_id = u.id and p.permission_key = ? and up.scope_id is null and not up.deny))
    and not exists (select 1 from user_permissions up join permissions p on p.id = up.permission_id
                    where up.user_id = u.id and p.permission_key = ? and up.deny)
  limit 1`

/** Whether anybody active holds `root` everywhere. */
const someoneIsRoot = async (db: Knex): Promise<boolean> => {
  const result: { rows: unknown[] } = await db.raw(rootHolders, [root, root, root])
  return result.rows.length > 0
}

/**
 * Called after a change that may have taken `root` from somebody. One such change at a time: two could each see the other's holder.
 * @throws AppError conflict
 */
const requireRootRemains = async (db: Knex): Promise<void> => {
  await db.raw("select pg_advisory_xact_lock(hashtext('sovrane:last-root'))")
  if (!(await someoneIsRoot(db))) throw conflict({ reason: 'last_root' }, 'Somebody active must hold "root" everywhere')
}

const rootNote = 'rights.somebody-was-root'

/** Before a change that can take `root` from somebody. Where nobody has it yet, nobody can lose it. */
export const noteRoot = async (call: Call): Promise<void> => {
  if (await someoneIsRoot(call.db)) call.notes.set(rootNote, true)
}

/**
 * After such a change. @throws AppError conflict
 */
export const keepRoot = async (call: Call): Promise<void> => {
  if (call.notes.has(rootNote)) await requireRootRemains(call.db)
}
