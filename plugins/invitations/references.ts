// What an invitation names is not deleted while the invitation is pending; one that has ended stands in nobody's way.
import type { Call, TargetedHook } from '../../core/define/index.ts'
import { expireOverdue, revokeAllOf } from './ending.ts'

/** Resources, with the columns that name their rows. */
const columns = { role: 'role', site: 'site_id', department: 'department_id' } as const

/** Core counts what still refers to the row, after this, and refuses with the count: those that are pending. */
const letGo = (column: string) => async ({ db, before }: Call): Promise<void> => {
  if (!before) return
  await expireOverdue(db, { [column]: before.id })
  await db('invitations').where({ [column]: before.id }).whereNot({ status: 'pending' }).update({ [column]: null })
}

/** His invitations are void anyway; revoked they no longer block their addresses. */
const revokeOfDeleted = async ({ db, before }: Call): Promise<void> => {
  if (before) await revokeAllOf(db, before.id)
}

export const hooks: TargetedHook[] = [
  ...Object.entries(columns).map(([resource, column]) => ({ on: `${resource}-delete`, before: letGo(column) })),
  { on: 'user-delete', after: revokeOfDeleted },
]
