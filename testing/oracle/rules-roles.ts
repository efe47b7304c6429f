// docs/protocol.md §5 on roles and permissions: what a role grants is what its holders hold.

import type { Actor } from './actor.ts'
import { keys } from './keys.ts'
import { given, isTaken, nothing, refuseUsed, text, textOrNull } from './move.ts'
import type { Judged, Payload, Rule } from './move.ts'
import type { Grant, Permission, Role } from './organisation.ts'
import { handsOut } from './rules-users.ts'
import { asks, conflict, forbidden, gate, heldNowhere, named, Verdict } from './verdict.ts'

const isSame = (one: Grant) => (other: Grant): boolean => one.permissionId === other.permissionId && one.scopeId === other.scopeId

/** Items of `permissions`: an id, or an id and a scope; without repetitions. */
function items(value: unknown): Grant[] {
  const found: Grant[] = []
  for (const item of value as (string | Payload)[]) {
    const grant =
      typeof item === 'string'
        ? { permissionId: item, scopeId: null }
        : { permissionId: text(item['permissionId']), scopeId: textOrNull(item['scopeId']) }
    if (!found.some(isSame(grant))) found.push(grant)
  }
  return found
}

/** Grants that a payload names. */
const namesGrants = (actor: Actor, grants: readonly Grant[], as: 'field' | 'target'): Verdict => {
  const verdict = new Verdict()
  for (const { permissionId, scopeId } of grants) {
    verdict.join(named(actor, 'permission', permissionId, as))
    if (scopeId !== null) verdict.join(named(actor, 'scope', scopeId, 'field'))
  }
  return verdict
}

const createRole: Rule = (actor, payload) => {
  const id = text(payload['id'])
  const row: Role = { id, label: text(payload['label']), grants: items(payload['permissions'] ?? []) }
  const verdict = new Verdict()
  const judged: Judged = {
    verdict,
    apply: (to) => {
      to.put('role', row)
      to.createdBy.set(id, actor.user.id)
    },
    reply: { resource: 'role', id },
  }
  if (!actor.holds(keys.role.create)) {
    verdict.must.push(forbidden(keys.role.create, heldNowhere))
    return judged
  }
  verdict.join(asks(actor, keys.role.create, ['role', [row]], 'creates out of scope'))
  if (row.grants.length > 0) verdict.join(asks(actor, keys.role.update, ['role', [row]], 'sets permissions'))
  verdict.join(namesGrants(actor, row.grants, 'field')).join(handsOut(actor, row.grants, 'puts into a role'))
  verdict.unless(!isTaken(actor.org, 'role', id), conflict('the id is taken'))
  return judged
}

/** "A role is changed in its permissions, or deleted, only by an actor who holds all that it grants, before and after." */
const holdsAll = (actor: Actor, ...roles: readonly Role[]): Verdict =>
  roles.reduce((verdict, role) => verdict.join(handsOut(actor, role.grants, 'changes a role that grants')), new Verdict())

const updateRole: Rule = (actor, payload) => {
  const id = text(payload['id'])
  const reply = { resource: 'role', id } as const
  const before = actor.org.row('role', id)
  const verdict = gate(actor, keys.role.update, 'role', before)
  if (verdict.must.length > 0 || before === undefined) return { verdict, apply: nothing, reply }
  const grants = payload['permissions'] === undefined ? before.grants : items(payload['permissions'])
  const after: Role = { id, label: given(payload, 'label', before.label), grants }
  const added = grants.filter((grant) => !before.grants.some(isSame(grant)))
  const isChanged = added.length > 0 || grants.length !== before.grants.length
  if (isChanged) verdict.join(namesGrants(actor, added, 'field')).join(holdsAll(actor, before, after))
  else if (payload['permissions'] !== undefined) verdict.atMost(holdsAll(actor, before))
  return { verdict, apply: (to) => to.put('role', after), reply }
}

const removeRole: Rule = (actor, payload) => {
  const id = text(payload['id'])
  const row = actor.org.row('role', id)
  const verdict = gate(actor, keys.role.delete, 'role', row)
  if (verdict.must.length === 0 && row !== undefined) {
    verdict.join(holdsAll(actor, row))
    refuseUsed(verdict, actor.org, 'role', id)
  }
  return { verdict, apply: (to) => void to.tables.role.delete(id), reply: { id } }
}

const changePermission = (kind: 'add' | 'remove'): Rule => (actor, payload) => {
  const id = text(payload['id'])
  const reply = { resource: 'role', id } as const
  const before = actor.org.row('role', id)
  const verdict = gate(actor, keys.role.update, 'role', before)
  if (verdict.must.length > 0 || before === undefined) return { verdict, apply: nothing, reply }
  const grant: Grant = { permissionId: text(payload['permissionId']), scopeId: textOrNull(payload['scopeId']) }
  const isThere = before.grants.some(isSame(grant))
  const after: Role = {
    ...before,
    grants: kind === 'add' ? [...before.grants, grant] : before.grants.filter((other) => !isSame(grant)(other)),
  }
  const permission = named(actor, 'permission', grant.permissionId, 'target')
  const scope = grant.scopeId === null ? new Verdict() : named(actor, 'scope', grant.scopeId, 'field')
  if (isThere === (kind === 'add')) {
    // Nothing to do. For what is not there an unknown permission is not found; whether an unknown scope matters is not said.
    if (kind === 'add') verdict.atMost(permission).atMost(scope)
    else verdict.join(permission).atMost(scope).hidden ??= scope.hidden
    verdict.atMost(holdsAll(actor, before, after))
    return { verdict, apply: nothing, reply }
  }
  verdict.join(permission).join(scope).join(holdsAll(actor, before, after))
  return { verdict, apply: (to) => to.put('role', after), reply }
}

const createPermission: Rule = (actor, payload) => {
  const { org } = actor
  const id = text(payload['id'])
  const row: Permission = {
    id, permissionKey: text(payload['permissionKey']), description: textOrNull(payload['description']),
    builtIn: false,
  }
  const verdict = new Verdict()
  const judged: Judged = {
    verdict,
    apply: (to) => {
      to.put('permission', row)
      to.createdBy.set(id, actor.user.id)
    },
    reply: { resource: 'permission', id },
  }
  if (!actor.holds(keys.permission.create)) {
    verdict.must.push(forbidden(keys.permission.create, heldNowhere))
    return judged
  }
  verdict.join(asks(actor, keys.permission.create, ['permission', [row]], 'creates out of scope'))
  const isKeyTaken = org.rows('permission').some((other) => other.permissionKey === row.permissionKey)
  verdict.unless(!isTaken(org, 'permission', id) && !isKeyTaken, conflict('the id or the key is taken'))
  return judged
}

const updatePermission: Rule = (actor, payload) => {
  const id = text(payload['id'])
  const row = actor.org.row('permission', id)
  const verdict = gate(actor, keys.permission.update, 'permission', row)
  const after = row && { ...row, description: given(payload, 'description', row.description) }
  return { verdict, apply: (to) => { if (after) to.put('permission', after) }, reply: { resource: 'permission', id } }
}

const removePermission: Rule = (actor, payload) => {
  const { org } = actor
  const id = text(payload['id'])
  const row = org.row('permission', id)
  const verdict = gate(actor, keys.permission.delete, 'permission', row)
  const holding = org.rows('role').filter((role) => role.grants.some((grant) => grant.permissionId === id))
  if (verdict.must.length === 0 && row !== undefined) {
    verdict.unless(!row.builtIn, conflict('the permission is built in'))
    // Roles of other organisations may grant it too.
    if (row.builtIn) verdict.may.push({ code: 'forbidden', why: 'roles elsewhere grant it' })
    refuseUsed(verdict, org, 'permission', id)
    // Its grants in roles go with it: those roles are changed in their permissions.
    verdict.join(holdsAll(actor, ...holding))
  }
  const apply: Judged['apply'] = (to) => {
    to.tables.permission.delete(id)
    for (const role of holding) to.put('role', { ...role, grants: role.grants.filter((grant) => grant.permissionId !== id) })
  }
  return { verdict, apply, reply: { id } }
}

export const roleRules: Readonly<Record<string, Rule>> = {
  'role-create': createRole,
  'role-update': updateRole,
  'role-delete': removeRole,
  'role-add-permission': changePermission('add'),
  'role-remove-permission': changePermission('remove'),
  'permission-create': createPermission,
  'permission-update': updatePermission,
  'permission-delete': removePermission,
}
