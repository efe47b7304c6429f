// What a role grants is what its holders hold: the rules of changing and deleting roles, and permissions that roles carry.
import type { Call, Grant, Guard, LinkValue } from '#sovrane'
import { grantsOfRoles, keysOfPermissions, rolesGranting, root } from './grants.ts'
import { guardingRoot, reasons, requireCovers } from './guard.ts'

const toGrants = async (call: Call, links: readonly LinkValue[]): Promise<Grant[]> => {
  const keys = await keysOfPermissions(call.db, links.map((link) => link.target))
  return links.flatMap(({ target, columns }) => {
    const key = keys.get(target)
    return key === undefined ? [] : [{ key, scopeId: typeof columns['scopeId'] === 'string' ? columns['scopeId'] : null, deny: false }]
  })
}

/** A role is changed in its permissions, or deleted, only by those who hold all that it grants, before and after. */
export const guardRole: Guard = async (call, { action, before, links }) => {
  const { added = [], removed = [] } = links['permissions'] ?? {}
  if (action !== 'delete' && added.length + removed.length === 0) return undefined
  const granted = before ? await grantsOfRoles(call.db, [before.id]) : []
  const given = await toGrants(call, added)
  await requireCovers(call, [...granted, ...given])
  return [...granted, ...given].some((grant) => grant.key === root) ? guardingRoot(call) : undefined
}

/** A permission's grants in roles go with it: a change of each of these roles. Those that the software itself names stay. */
export const guardPermission: Guard = async (call, { action, before }) => {
  if (action !== 'delete' || !before) return undefined
  await requireCovers(call, await grantsOfRoles(call.db, await rolesGranting(call.db, before.id)))
  const row: { built_in: boolean } | undefined = await call.db('permissions').where({ id: before.id }).first('built_in')
  if (row?.built_in === true) throw reasons.built_in()
  return undefined
}
