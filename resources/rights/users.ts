// The rules of acting over users and of giving them rights, over the change of a user's row, whichever event makes it.
import { defineReasons, forbidden, type Call, type Change, type Grant, type Guard, type LinkValue } from '#sovrane'
import { grantsOfRoles, keysOfPermissions, root } from './grants.ts'
import { guardingRoot, requireCovers } from './guard.ts'

export const reasons = defineReasons({
  own_email: ['forbidden', 'Your own address is changed by auth-change-email', ['user-update']],
})

/** What one person may write about another without power over the account. All else gives it, fields of plugins too. */
const harmless = new Set(['firstName', 'lastName', 'picture', 'metadata', 'locale', 'siteId', 'departmentId'])

interface PermissionLink {
  readonly grant: Grant
  /** Given as a grant or as a deny. */
  readonly deny: boolean
}

const permissionLinks = async (call: Call, links: readonly LinkValue[]): Promise<PermissionLink[]> => {
  const keys = await keysOfPermissions(call.db, links.map((link) => link.target))
  return links.flatMap(({ target, columns }) => {
    const key = keys.get(target)
    const scopeId = typeof columns['scopeId'] === 'string' ? columns['scopeId'] : null
    return key === undefined ? [] : [{ grant: { key, scopeId, deny: false }, deny: columns['deny'] === true }]
  })
}

/** What the user comes to hold by the change: roles, grants, and denies that are lifted. */
const gainedBy = async (call: Call, { links }: Change): Promise<Grant[]> => {
  const roles = await grantsOfRoles(call.db, (links['roles']?.added ?? []).map((link) => link.target))
  const added = await permissionLinks(call, links['permissions']?.added ?? [])
  const removed = await permissionLinks(call, links['permissions']?.removed ?? [])
  return [
    ...roles, ...added.filter(({ deny }) => !deny).map(({ grant }) => grant),
    ...removed.filter(({ deny }) => deny).map(({ grant }) => grant),
  ]
}

const touchesRoot = async (call: Call, { action, fields, links }: Change): Promise<boolean> => {
  if (action === 'delete' || fields.has('status') || links['roles']) return true
  const { added = [], removed = [] } = links['permissions'] ?? {}
  return (await permissionLinks(call, [...added, ...removed])).some(({ grant }) => grant.key === root)
}

/**
 * No one acts over an account that holds more, whatever its status, and no one gives what they do not hold. Source: docs/protocol.md §5.
 */
export const guardUser: Guard = async (call, change) => {
  const { before, fields, given } = change
  const isOwn = before !== undefined && before.id === call.actor?.id
  // Their own is changed with proof that they ask.
  if (isOwn && fields.has('email')) throw reasons.own_email()
  if (before && !isOwn && (change.action === 'delete' || [...given].some((field) => !harmless.has(field)))) {
    const lacking = await call.rights.lacksOf(before.id)
    if (lacking !== undefined) throw forbidden(lacking)
  }
  await requireCovers(call, await gainedBy(call, change))
  return before && (await touchesRoot(call, change)) ? guardingRoot(call) : undefined
}

/** After an update: an address that an administrator has set is not proved. */
export const unproveEmail = async (call: Call): Promise<void> => {
  const { email } = call.input
  if (email !== undefined && email !== call.before?.['email'] && call.actor?.id !== call.before?.id) {
    await call.db('users').where({ id: call.before?.id ?? '' }).update({ email_verified: false })
  }
}
