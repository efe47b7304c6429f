// docs/protocol.md §5 on the department tree: a link with a key on either end needs both, whichever event or field makes it.

import type { Actor } from './actor.ts'
import { departmentUsers, hierarchy, keys } from './keys.ts'
import { given, isTaken, nothing, refuseUsed, text, textOrNull } from './move.ts'
import type { Judged, Payload, Rule } from './move.ts'
import type { Department } from './organisation.ts'
import { asks, conflict, forbidden, gate, heldNowhere, named, Verdict } from './verdict.ts'

/** A department that comes under another parent: asked on its row before and after, on the old parent and on the new one. */
const newParent = (actor: Actor, before: Department | undefined, after: Department): Verdict => {
  const { org } = actor
  const ends = [before?.parentId ?? null, after.parentId].map((id) => org.row('department', id))
  const isCycle = after.parentId !== null && (after.parentId === after.id || org.chain(after.parentId).includes(after.id))
  return asks(actor, hierarchy, ['department', [before, after]], 'moves a department')
    .join(asks(actor, hierarchy, ['department', ends], 'the other end of a department\'s parent'))
    .unless(!isCycle, conflict('a cycle'))
}

/** What the fields of create and update change. */
const fields = (actor: Actor, before: Department | undefined, after: Department): Verdict => {
  const verdict = new Verdict()
  if (after.siteId !== (before?.siteId ?? null)) {
    verdict.join(asks(actor, keys.department.update, ['department', [before, after]], 'sets siteId'))
    if (after.siteId !== null) verdict.join(named(actor, 'site', after.siteId, 'field'))
  }
  if (after.parentId !== (before?.parentId ?? null)) {
    verdict.join(newParent(actor, before, after))
    if (after.parentId !== null) verdict.join(named(actor, 'department', after.parentId, 'field'))
  }
  if (after.managerId !== (before?.managerId ?? null)) {
    verdict.join(asks(actor, departmentUsers, ['department', [before, after]], 'sets managerId'))
    if (after.managerId !== null) verdict.join(named(actor, 'user', after.managerId, 'field'))
  }
  return verdict
}

const merged = (row: Department, payload: Payload): Department => ({
  ...row,
  label: given(payload, 'label', row.label),
  siteId: given(payload, 'siteId', row.siteId),
  parentId: given(payload, 'parentId', row.parentId),
  managerId: given(payload, 'managerId', row.managerId),
})

const create: Rule = (actor, payload) => {
  const id = text(payload['id'])
  const row = merged({ id, label: '', siteId: null, parentId: null, managerId: null }, payload)
  const verdict = new Verdict()
  const judged: Judged = {
    verdict,
    apply: (to) => {
      to.put('department', row)
      to.createdBy.set(id, actor.user.id)
    },
    reply: { resource: 'department', id },
  }
  if (!actor.holds(keys.department.create)) {
    verdict.must.push(forbidden(keys.department.create, heldNowhere))
    return judged
  }
  verdict.join(asks(actor, keys.department.create, ['department', [row]], 'creates out of scope')).join(fields(actor, undefined, row))
  verdict.unless(!isTaken(actor.org, 'department', id), conflict('the id is taken'))
  return judged
}

const update: Rule = (actor, payload) => {
  const id = text(payload['id'])
  const reply = { resource: 'department', id } as const
  const before = actor.org.row('department', id)
  const verdict = gate(actor, keys.department.update, 'department', before)
  if (verdict.must.length > 0 || before === undefined) return { verdict, apply: nothing, reply }
  const after = merged(before, payload)
  verdict
    .join(asks(actor, keys.department.update, ['department', [after]], 'moves a department out of scope'))
    .join(fields(actor, before, after))
  return { verdict, apply: (to) => to.put('department', after), reply }
}

const remove: Rule = (actor, payload) => {
  const id = text(payload['id'])
  const row = actor.org.row('department', id)
  const verdict = gate(actor, keys.department.delete, 'department', row)
  if (verdict.must.length === 0 && row !== undefined) refuseUsed(verdict, actor.org, 'department', id)
  return { verdict, apply: (to) => void to.tables.department.delete(id), reply: { id } }
}

/** A change of the department named by `id`, by the key of the relation. */
const changes =
(key: string, judge: (actor: Actor, row: Department, payload: Payload) => Omit<Judged, 'reply'>): Rule =>
(actor, payload) => {
  const id = text(payload['id'])
  const reply = { resource: 'department', id } as const
  const row = actor.org.row('department', id)
  const verdict = gate(actor, key, 'department', row)
  if (verdict.must.length > 0 || row === undefined) return { verdict, apply: nothing, reply }
  const result = judge(actor, row, payload)
  return { verdict: verdict.join(result.verdict), apply: result.apply, reply }
}

/** What is asked about nothing that changes may be refused, and need not. */
const unchanged = (verdict: Verdict): Omit<Judged, 'reply'> => ({ verdict: new Verdict().atMost(verdict), apply: nothing })

const setParent = changes(hierarchy, (actor, row, payload) => {
  const parentId = textOrNull(payload['parentId'])
  const after = { ...row, parentId }
  const verdict = newParent(actor, row, after)
  if (parentId !== null) verdict.join(named(actor, 'department', parentId, 'target'))
  return parentId === row.parentId ? unchanged(verdict) : { verdict, apply: (to) => to.put('department', after) }
})

const setManager = changes(departmentUsers, (actor, row, payload) => {
  const managerId = textOrNull(payload['userId'])
  const verdict = managerId === null ? new Verdict() : named(actor, 'user', managerId, 'target')
  return managerId === row.managerId ? unchanged(verdict) : { verdict, apply: (to) => to.put('department', { ...row, managerId }) }
})

const changeChild = (kind: 'add' | 'remove'): Rule => changes(hierarchy, (actor, row, payload) => {
  const childId = text(payload['childId'])
  const verdict = named(actor, 'department', childId, 'target')
  const child = actor.org.row('department', childId)
  if (child === undefined) return { verdict, apply: nothing }
  const isHere = child.parentId === row.id
  if (kind === 'add' && isHere) return unchanged(verdict)
  if (kind === 'remove' && !isHere) return { verdict, apply: nothing }
  const after = { ...child, parentId: kind === 'add' ? row.id : null }
  return { verdict: verdict.join(newParent(actor, child, after)), apply: (to) => to.put('department', after) }
})

const changeUser = (kind: 'add' | 'remove'): Rule => changes(departmentUsers, (actor, row, payload) => {
  const { org } = actor
  const userId = text(payload['userId'])
  const verdict = named(actor, 'user', userId, 'target')
  const user = org.row('user', userId)
  if (user === undefined) return { verdict, apply: nothing }
  const isHere = user.departmentId === row.id
  if (kind === 'add' && isHere) return unchanged(verdict)
  if (kind === 'remove' && !isHere) return { verdict, apply: nothing }
  const after = { ...user, departmentId: kind === 'add' ? row.id : null }
  verdict.join(asks(actor, departmentUsers, ['user', [user, after]], 'moves a user'))
  verdict.join(
    asks(actor, departmentUsers, ['department', [org.row('department', user.departmentId)]], "the other end of a user's department"),
  )
  return { verdict, apply: (to) => to.put('user', after) }
})

export const departmentRules: Readonly<Record<string, Rule>> = {
  'department-create': create,
  'department-update': update,
  'department-delete': remove,
  'department-parent-set': setParent,
  'department-parent-remove': setParent,
  'department-manager-set': setManager,
  'department-manager-remove': setManager,
  'department-add-child': changeChild('add'),
  'department-remove-child': changeChild('remove'),
  'department-add-user': changeUser('add'),
  'department-remove-user': changeUser('remove'),
}
