// Nobody gives what he does not hold: what a role grants, against what the author of an invitation holds.
import type { Knex } from 'knex'
import { forbidden, type Call, type Rights } from '../../core/define/index.ts'

interface GrantRow {
  readonly key: string
  readonly scope_id: string | null
}

/** The first key of the role that these rights do not wholly hold, with the same or a wider scope. */
const lacking = async (db: Knex, rights: Rights, roleId: string): Promise<string | undefined> => {
  const grants: GrantRow[] = await db('role_permissions as rp').join('permissions as p', 'p.id', 'rp.permission_id')
    .where('rp.role_id', roleId).orderBy('p.permission_key').select({ key: 'p.permission_key', scope_id: 'rp.scope_id' })
  for (const { key, scope_id: scopeId } of grants) {
    if (!(await rights.covers({ key, scopeId, deny: false }))) return key
  }
  return undefined
}

/** @throws AppError forbidden naming the first key of the role that the actor does not hold */
export const requireRole = async ({ db, rights }: Pick<Call, 'db' | 'rights'>, roleId: string): Promise<void> => {
  const key = await lacking(db, rights, roleId)
  if (key !== undefined) throw forbidden(key)
}

/** Whether the author, who is not the one who calls, holds all that the role grants, now. */
export const authorHolds = async ({ db, rightsOf }: Pick<Call, 'db' | 'rightsOf'>, authorId: string, roleId: string | null): Promise<boolean> =>
  roleId === null || (await lacking(db, await rightsOf(authorId), roleId)) === undefined
