// docs/protocol.md §5 on users: created, changed, deleted, given and relieved of roles and permissions.

import type { Actor } from './actor.ts'
import { departmentUsers, keys, manageMfa, profileFields } from './keys.ts'
import { given, isTaken, nothing, refuseUsed, text, textOrNull, without, withOne } from './move.ts'
import type { Judged, Payload, Rule } from './move.ts'
import type { Organisation, User, UserGrant } from './organisation.ts'
import { asks, conflict, forbidden, gate, heldNowhere, named, notFound, Verdict } from './verdict.ts'
import type { Refusal } from './verdict.ts'

/** No one acts over another who holds more, nor over themselves. */
function over(actor: Actor, row: User): Verdict {
  const verdict = new Verdict()
  if (row.id === actor.user.id) return verdict
  const how = row.status === 'active' ? 'acts over one who holds more' : `acts over one ${row.status} who held more`
  for (const { key, covered } of actor.lacks(row)) verdict.unless(covered, forbidden(key, how))
  return verdict
}

/** What is handed out must be held. */
export function handsOut(
  actor: Actor, grants: readonly { readonly permissionId: string; readonly scopeId: string | null }[], how: string,
): Verdict {
  const verdict = new Verdict()
  for (const { permissionId, scopeId } of grants) {
    const key = actor.org.keyOf(permissionId)
    if (key !== undefined) verdict.unless(actor.covers({ key, scope: scopeId }), forbidden(key, `${how} what the actor does not hold`))
  }
  return verdict
}

const grantsOfRole = (org: Organisation, id: string) => org.row('role', id)?.grants ?? []

/** Roles that a user is newly given, by a field. */
const newRoles = (actor: Actor, roles: readonly string[]): Verdict => {
  const verdict = new Verdict()
  for (const id of roles)
    verdict.join(named(actor, 'role', id, 'field')).join(handsOut(actor, grantsOfRole(actor.org, id), 'gives a role with'))
  return verdict
}

/** A user's place, changed by a field: the department asks on every end. */
const places = (actor: Actor, before: User | undefined, after: User): Verdict => {
  const { org } = actor
  const verdict = new Verdict()
  if (after.siteId !== (before?.siteId ?? null)) {
    verdict.join(asks(actor, keys.user.update, ['user', [before, after]], 'sets siteId'))
    if (after.siteId !== null) verdict.join(named(actor, 'site', after.siteId, 'field'))
  }
  if (after.departmentId !== (before?.departmentId ?? null)) {
    verdict.join(asks(actor, departmentUsers, ['user', [before, after]], 'moves a user'))
    const ends = [before?.departmentId ?? null, after.departmentId].map((id) => org.row('department', id))
    verdict.join(asks(actor, departmentUsers, ['department', ends], 'the other end of a user\'s department'))
    if (after.departmentId !== null) verdict.join(named(actor, 'department', after.departmentId, 'field'))
  }
  return verdict
}

const isAddressTaken = (org: Organisation, id: string, email: string): boolean =>
  org.rows('user').some((user) => user.email === email && user.id !== id)

const fresh = (id: string): User => ({
  id, firstName: '', lastName: '', email: '', status: 'active', picture: null, metadata: null, locale: null,
  siteId: null, departmentId: null, roles: [], grants: [], password: undefined, endings: 0,
})

const merged = (row: User, payload: Payload): User => ({
  ...row,
  firstName: given(payload, 'firstName', row.firstName),
  lastName: given(payload, 'lastName', row.lastName),
  email: given(payload, 'email', row.email).toLowerCase(),
  status: given(payload, 'status', row.status),
  metadata: given(payload, 'metadata', row.metadata),
  locale: given(payload, 'locale', row.locale),
  siteId: given(payload, 'siteId', row.siteId),
  departmentId: given(payload, 'departmentId', row.departmentId),
  roles: payload['roles'] === undefined ? row.roles : [...new Set(payload['roles'] as string[])],
  password: given(payload, 'password', row.password),
})

const create: Rule = (actor, payload) => {
  const { org } = actor
  const id = text(payload['id'])
  const row = merged(fresh(id), payload)
  const verdict = new Verdict()
  const judged: Judged = {
    verdict, apply: (to) => { to.put('user', row); to.createdBy.set(id, actor.user.id) }, reply: { resource: 'user', id },
  }
  if (!actor.holds(keys.user.create)) {
    verdict.must.push(forbidden(keys.user.create, heldNowhere))
    return judged
  }
  verdict.join(asks(actor, keys.user.create, ['user', [row]], 'creates out of scope')).join(places(actor, undefined, row))
    .join(newRoles(actor, row.roles))
  if (row.roles.length > 0) verdict.join(asks(actor, keys.user.update, ['user', [row]], 'sets roles'))
  verdict.unless(!isTaken(org, 'user', id), conflict('the id is taken'))
  verdict.unless(!isAddressTaken(org, id, row.email), conflict('the address is taken'))
  return judged
}

/** Whether an API token may open or close its own account is not said. */
const tokenOnOwn: Refusal = { code: 'forbidden', why: 'an API token on its own account' }

/** Fields by which one gets power over another's account. */
const opening = ['email', 'password', 'status', 'roles']

const sameSet = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((item) => other.includes(item))

const update: Rule = (actor, payload) => {
  const { org } = actor
  const id = text(payload['id'])
  const before = org.row('user', id)
  const fields = Object.keys(payload).filter((field) => field !== 'id')
  const isProfile = fields.every((field) => profileFields.includes(field))
  const own = isProfile ? actor.own(id) : 'no'
  const reply = { resource: 'user', id } as const
  const verdict = new Verdict()
  if (before === undefined || (own !== 'yes' && !actor.can(keys.user.update, 'user', before))) {
    const refused = gate(actor, keys.user.update, 'user', before)
    if (id === actor.user.id && actor.isToken) refused.may.push(tokenOnOwn)
    if (own !== 'open') return { verdict: refused, apply: nothing, reply }
    verdict.atMost(refused)
  }
  if (before === undefined) return { verdict, apply: nothing, reply }
  const after = merged(before, payload)
  if (own === 'no') verdict.join(asks(actor, keys.user.update, ['user', [after]], 'moves a user out of scope'))
  verdict.join(places(actor, before, after))
  const hasNewRoles = !sameSet(before.roles, after.roles)
  if (hasNewRoles) verdict.join(newRoles(actor, after.roles.filter((role) => !before.roles.includes(role))))
  const isOwn = id === actor.user.id
  const opens = opening.filter((field) => fields.includes(field))
  const changes = opens.filter((field) =>
    field === 'password' || (field === 'roles' ? hasNewRoles : before[field as 'email' | 'status'] !== after[field as 'email' | 'status']))
  if (changes.length > 0) verdict.join(over(actor, before))
  else if (opens.length > 0) verdict.atMost(over(actor, before))
  if (isOwn && opens.length > 0 && actor.isToken) verdict.may.push(tokenOnOwn)
  verdict.unless(!isAddressTaken(org, id, after.email), conflict('the address is taken'))
  const ends = (before.status === 'active' && after.status !== 'active') || (payload['password'] !== undefined && !isOwn)
  return { verdict, apply: (to) => to.put('user', ends ? { ...after, endings: before.endings + 1 } : after), reply }
}

const remove: Rule = (actor, payload) => {
  const id = text(payload['id'])
  const row = actor.org.row('user', id)
  const verdict = gate(actor, keys.user.delete, 'user', row)
  if (verdict.must.length === 0 && row !== undefined) {
    verdict.join(over(actor, row))
    refuseUsed(verdict, actor.org, 'user', id)
  }
  const apply = (to: Organisation): void => {
    to.tables.user.delete(id)
    for (const group of to.rows('group'))
      to.put('group', { ...group, members: without(group.members, id), responsibles: without(group.responsibles, id) })
    to.invitations.splice(0, to.invitations.length, ...to.invitations.filter((invitation) => invitation.author !== id))
  }
  return { verdict, apply, reply: { id } }
}

interface Outcome {
  readonly row: User
  /** There is nothing to add or to remove. */
  readonly isNothing: boolean
  /** A row that is named, cannot be read, and must be answered like an unknown one though nothing would change. */
  readonly hidden?: string | undefined
}

/** A change of a user's roles or permissions by an event: the key on the row first, then all else. */
const changesUser = (actor: Actor, payload: Payload, judge: (row: User, verdict: Verdict) => Outcome): Judged => {
  const id = text(payload['id'])
  const reply = { resource: 'user', id } as const
  const row = actor.org.row('user', id)
  const verdict = gate(actor, keys.user.update, 'user', row)
  if (verdict.must.length > 0 || row === undefined) return { verdict, apply: nothing, reply }
  const asked = new Verdict()
  const result = judge(row, asked)
  asked.join(over(actor, row))
  if (id === actor.user.id && actor.isToken) verdict.may.push(tokenOnOwn)
  if (result.isNothing) {
    verdict.atMost(asked).hidden = result.hidden
    return { verdict, apply: nothing, reply }
  }
  return { verdict: verdict.join(asked), apply: (to) => to.put('user', result.row), reply }
}

const addRole: Rule = (actor, payload) => changesUser(actor, payload, (row, verdict) => {
  const roleId = text(payload['roleId'])
  verdict.join(named(actor, 'role', roleId, 'target')).join(handsOut(actor, grantsOfRole(actor.org, roleId), 'gives a role with'))
  return { row: { ...row, roles: withOne(row.roles, roleId) }, isNothing: row.roles.includes(roleId) }
})

/** Removing what cannot be named is answered like an unknown id, even where there is nothing to remove. */
const removeRole: Rule = (actor, payload) => changesUser(actor, payload, (row, verdict) => {
  const roleId = text(payload['roleId'])
  verdict.join(named(actor, 'role', roleId, 'target'))
  return { row: { ...row, roles: without(row.roles, roleId) }, isNothing: verdict.isClear && !row.roles.includes(roleId) }
})

const permission = (payload: Payload): UserGrant =>
  ({ permissionId: text(payload['permissionId']), scopeId: textOrNull(payload['scopeId']), deny: payload['deny'] === true })

const isSame = (one: UserGrant) => (other: UserGrant): boolean =>
  one.permissionId === other.permissionId && one.scopeId === other.scopeId && one.deny === other.deny

const addPermission: Rule = (actor, payload) => changesUser(actor, payload, (row, verdict) => {
  const grant = permission(payload)
  verdict.join(named(actor, 'permission', grant.permissionId, 'target'))
  if (grant.scopeId !== null) verdict.join(named(actor, 'scope', grant.scopeId, 'field'))
  if (!grant.deny) verdict.join(handsOut(actor, [grant], 'grants'))
  return { row: { ...row, grants: [...row.grants, grant] }, isNothing: row.grants.some(isSame(grant)) }
})

const removePermission: Rule = (actor, payload) => changesUser(actor, payload, (row, verdict) => {
  const grant = permission(payload)
  const isThere = row.grants.some(isSame(grant))
  verdict.join(named(actor, 'permission', grant.permissionId, 'target'))
  // Whether an unknown scope matters where there is nothing to remove is not said; that a hidden one is answered alike is.
  const scope = grant.scopeId === null ? new Verdict() : named(actor, 'scope', grant.scopeId, 'field')
  if (isThere) verdict.join(scope)
  else verdict.atMost(scope)
  const lifts = grant.deny ? handsOut(actor, [grant], 'lifts a deny of') : new Verdict()
  if (isThere) verdict.join(lifts)
  else verdict.atMost(lifts)
  return {
    row: { ...row, grants: row.grants.filter((other) => !isSame(grant)(other)) }, isNothing: verdict.must.length === 0 && !isThere,
    hidden: scope.hidden,
  }
})

const resetMfa: Rule = (actor, payload) => {
  const id = text(payload['id'])
  const row = actor.org.row('user', id)
  const verdict = gate(actor, manageMfa, 'user', row)
  if (verdict.must.length === 0 && row !== undefined) verdict.join(over(actor, row))
  if (id === actor.user.id) verdict.may.push(notFound('one\'s own'), { code: 'forbidden', why: 'one\'s own' })
  if (actor.isToken) verdict.may.push({ code: 'forbidden', why: 'an API token' })
  return { verdict, apply: nothing, reply: { id } }
}

export const userRules: Readonly<Record<string, Rule>> = {
  'user-create': create,
  'user-update': update,
  'user-delete': remove,
  'user-add-role': addRole,
  'user-remove-role': removeRole,
  'user-add-permission': addPermission,
  'user-remove-permission': removePermission,
  'auth-mfa-reset': resetMfa,
}
