// No one gives what they do not hold, and `root` always has an active holder.
import type { Knex } from 'knex'
import { defineReasons, forbidden, type Call, type Grant, type Rights } from '#sovrane'
import { holdersOf, root } from './grants.ts'

/** Why the rules of rights refuse; the permission declares them for all of these. */
export const reasons = defineReasons({
  built_in: ['conflict', 'This permission is part of the software and cannot be deleted', ['permission-delete']],
  last_root: ['conflict', 'Someone active must hold "root" everywhere', [
    'user-update', 'user-delete', 'user-remove-role', 'user-add-permission', 'user-remove-permission', 'role-update', 'role-remove-permission',
  ]],
})

/** The first key of these grants that is not wholly held by these rights: with the same or a wider scope. */
export const firstLacking = async (rights: Rights, grants: readonly Grant[]): Promise<string | undefined> => {
  const distinct = new Map(grants.filter((grant) => !grant.deny).map((grant) =>
    [JSON.stringify([grant.key, grant.scopeId, grant.row]), grant]))
  for (const grant of distinct.values()) if (!(await rights.covers(grant))) return grant.key
  return undefined
}

/** @throws AppError forbidden naming the first key that the actor does not wholly hold */
export const requireCovers = async (call: Call, grants: readonly Grant[]): Promise<void> => {
  const lacking = call.system ? undefined : await firstLacking(call.rights, grants)
  if (lacking !== undefined) throw forbidden(lacking)
}

/** Whether anyone active holds `root` everywhere. */
const someoneIsRoot = async (db: Knex): Promise<boolean> => (await holdersOf(db, root, 1)).length > 0

/**
 * After a change that may have taken `root` from its last holder. One such change at a time: two could each see the other's holder.
 * @throws AppError conflict
 */
const requireRootRemains = async (db: Knex): Promise<void> => {
  await db.raw("select pg_advisory_xact_lock(hashtext('sovrane:last-root'))")
  if (!(await someoneIsRoot(db))) throw reasons.last_root()
}

/** Before a change that can take `root` from someone: what must hold once it is written. Where no one has it yet, no one can lose it. */
export const guardingRoot = async (call: Call): Promise<(() => Promise<void>) | undefined> =>
  (await someoneIsRoot(call.db)) ? () => requireRootRemains(call.db) : undefined
