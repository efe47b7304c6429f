// docs/protocol.md §5 on sites, groups, invitations and API tokens.

import type { Actor } from './actor.ts'
import { departmentUsers, groupMembers, groupResponsibles, invite, keys, responsibleKeys } from './keys.ts'
import { given, isTaken, nothing, refuseUsed, text, textOrNull, without, withOne } from './move.ts'
import type { Judged, Rule } from './move.ts'
import type { Group, Site } from './organisation.ts'
import { handsOut } from './rules-users.ts'
import { asks, conflict, forbidden, gate, heldNowhere, named, notFound, Verdict } from './verdict.ts'

const creates = <R extends 'site' | 'group'>(actor: Actor, resource: R, row: R extends 'site' ? Site : Group): Judged => {
  const verdict = new Verdict()
  const { id } = row
  const key = keys[resource].create
  if (!actor.holds(key)) verdict.must.push(forbidden(key, heldNowhere))
  else {
    verdict.join(asks(actor, key, [resource, [row]], 'creates out of scope'))
    verdict.unless(!isTaken(actor.org, resource, id), conflict('the id is taken'))
  }
  return {
    verdict, apply: (to) => { to.put<'site' | 'group'>(resource, row); to.createdBy.set(id, actor.user.id) }, reply: { resource, id },
  }
}

const createSite: Rule = (actor, payload) => creates(actor, 'site', { id: text(payload['id']), label: text(payload['label']) })

const updateSite: Rule = (actor, payload) => {
  const id = text(payload['id'])
  const row = actor.org.row('site', id)
  const apply: Judged['apply'] = (to) => { if (row) to.put('site', { ...row, label: given(payload, 'label', row.label) }) }
  return { verdict: gate(actor, keys.site.update, 'site', row), apply, reply: { resource: 'site', id } }
}

const createGroup: Rule = (actor, payload) =>
  creates(actor, 'group', {
    id: text(payload['id']), name: text(payload['name']), description: textOrNull(payload['description']), members: [], responsibles: [],
  })

const updateGroup: Rule = (actor, payload) => {
  const id = text(payload['id'])
  const row = actor.org.row('group', id)
  const after = row && { ...row, name: given(payload, 'name', row.name), description: given(payload, 'description', row.description) }
  return {
    verdict: gate(actor, keys.group.update, 'group', row), apply: (to) => { if (after) to.put('group', after) },
    reply: { resource: 'group', id },
  }
}

const removes = (resource: 'site' | 'group'): Rule => (actor, payload) => {
  const id = text(payload['id'])
  const row = actor.org.row(resource, id)
  const verdict = gate(actor, keys[resource].delete, resource, row)
  if (verdict.must.length === 0 && row !== undefined) refuseUsed(verdict, actor.org, resource, id)
  return { verdict, apply: (to) => void to.tables[resource].delete(id), reply: { id } }
}

const changeLink = (list: 'members' | 'responsibles', kind: 'add' | 'remove'): Rule => (actor, payload) => {
  const id = text(payload['id'])
  const userId = text(payload['userId'])
  const reply = { resource: 'group', id } as const
  const row = actor.org.row('group', id)
  const verdict = gate(actor, list === 'members' ? groupMembers : groupResponsibles, 'group', row)
  if (verdict.must.length > 0 || row === undefined) return { verdict, apply: nothing, reply }
  const names = named(actor, 'user', userId, 'target')
  const isThere = row[list].includes(userId)
  // A responsible reads the members: whether that is to get them, so that they can be named, is not said.
  const isTheirMember = row.members.includes(userId) && row.responsibles.includes(actor.user.id)
  // Those whose rights would grow by their own hand must hold them already.
  if (list === 'responsibles' && kind === 'add' && userId === actor.user.id) {
    for (const key of responsibleKeys)
      names.unless(actor.covers({ key, scope: null, group: id }), forbidden(key, 'makes themselves responsible without holding'))
  }
  if (isThere === (kind === 'add') && kind === 'add') return { verdict: verdict.atMost(names), apply: nothing, reply }
  if (isTheirMember) verdict.atMost(names)
  else verdict.join(names)
  const changed = kind === 'add' ? withOne(row[list], userId) : without(row[list], userId)
  return { verdict, apply: (to) => to.put('group', { ...row, [list]: changed }), reply }
}

const createInvitation: Rule = (actor, payload) => {
  const { org } = actor
  const row = {
    email: text(payload['email']), author: actor.user.id,
    role: textOrNull(payload['role']), siteId: textOrNull(payload['siteId']), departmentId: textOrNull(payload['departmentId']),
  }
  const verdict = new Verdict()
  const judged: Judged = { verdict, apply: (to) => void to.invitations.push(row), reply: 'any' }
  if (!actor.holds(invite)) {
    verdict.must.push(forbidden(invite, heldNowhere))
    return judged
  }
  verdict.join(asks(actor, invite, ['invitation', [row]], 'invites out of scope'))
  if (row.role !== null) {
    verdict.join(named(actor, 'role', row.role, 'field'))
    verdict.join(handsOut(actor, org.row('role', row.role)?.grants ?? [], 'invites with'))
  }
  if (row.siteId !== null) verdict.join(named(actor, 'site', row.siteId, 'field'))
  if (row.departmentId !== null) {
    verdict.join(named(actor, 'department', row.departmentId, 'field'))
    // "whichever event or field does it": whether an invitation does it, or only the user that comes of it, is not said.
    verdict.atMost(
      asks(actor, departmentUsers, ['department', [org.row('department', row.departmentId)]], 'the other end of an invitation'),
    )
  }
  verdict.atMost(asks(actor, departmentUsers, ['invitation', row.departmentId === null ? [] : [row]], 'invites into a department'))
  verdict.atMost(
    asks(actor, keys.user.update, ['invitation', row.siteId === null && row.role === null ? [] : [row]], 'invites with relations'),
  )
  const isTakenAddress = org.rows('user').some((user) => user.email === row.email)
    || org.invitations.some((other) => other.email === row.email)
  verdict.unless(!isTakenAddress, conflict('the address is taken'))
  return judged
}

const createToken: Rule = (actor, payload) => {
  const verdict = new Verdict()
  for (const key of (payload['permissions'] ?? []) as string[]) {
    if (key !== 'profile') verdict.unless(actor.held(key), forbidden(key, 'a token with a key that is not held'))
  }
  if (actor.isToken) verdict.must.push({ code: 'forbidden', why: 'a token by a token' }, notFound('a token by a token'))
  return { verdict, apply: nothing, reply: 'any' }
}

export const otherRules: Readonly<Record<string, Rule>> = {
  'site-create': createSite,
  'site-update': updateSite,
  'site-delete': removes('site'),
  'group-create': createGroup,
  'group-update': updateGroup,
  'group-delete': removes('group'),
  'group-add-user': changeLink('members', 'add'),
  'group-remove-user': changeLink('members', 'remove'),
  'group-add-responsible': changeLink('responsibles', 'add'),
  'group-remove-responsible': changeLink('responsibles', 'remove'),
  'invitation-create': createInvitation,
  'auth-token-create': createToken,
}
