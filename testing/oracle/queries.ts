// What queries must answer: one row, lists, the pages of relations, the way up a tree, and one's own rights.

import type { Actor } from './actor.ts'
import { explains, wrongKeys } from './explained.ts'
import { keys, slots } from './keys.ts'
import type { Resource } from './keys.ts'
import { text } from './move.ts'
import type { Payload } from './move.ts'
import type { Rows } from './organisation.ts'
import { differs, differsInItems, includable, isValues, stable } from './shape.ts'
import type { Values } from './shape.ts'
import { forbidden, heldNowhere, invalid, readGate, Verdict } from './verdict.ts'

export interface Asked {
  readonly verdict: Verdict
  /** What differs in a reply that is a success. */
  readonly differs: (reply: Values) => string[]
}

interface Wanted {
  readonly target: Rows[Resource]
  readonly extra: Values
}

/** A page's rows, all of them, and the resource that they are of. */
export interface Listed {
  readonly verdict: Verdict
  readonly resource: Resource
  readonly include: readonly string[]
  /** Each is right; where the contract leaves it open, there are two. */
  readonly alternatives: readonly (readonly Wanted[])[]
}

const included = (payload: Payload): string[] => (payload['include'] ?? []) as string[]

const checkInclude = (resource: Resource, payload: Payload, verdict: Verdict): void => {
  for (const name of included(payload)) verdict.unless(name in includable[resource], invalid(`${name} cannot be included`))
}

const get =
  (resource: Resource) =>
  (actor: Actor, payload: Payload): Asked => {
    const row = actor.org.row(resource, text(payload['id']))
    const verdict = readGate(actor, resource, row)
    checkInclude(resource, payload, verdict)
    return {
      verdict,
      differs: (reply) => (row ? differs(actor, { resource, row, include: included(payload) }, reply) : ['there is no such row']),
    }
  }

const plain = (rows: readonly Rows[Resource][]): Wanted[] => rows.map((target) => ({ target, extra: {} }))

/** The ids of the organisation's own rows that a list is limited to. */
export const ownIds = (resource: Resource, prefix: string): string[] =>
  [...slots[resource].map((slot) => `${prefix}${slot}`), ...(resource === 'permission' ? ['root', 'read-user'] : [])]

const list = (resource: Resource) => (actor: Actor, payload: Payload): Listed => {
  const verdict = new Verdict()
  verdict.unless(actor.held(keys[resource].list), forbidden(keys[resource].list, heldNowhere))
  checkInclude(resource, payload, verdict)
  const wanted = new Set((((payload['filter'] as Values)['id'] as Values)['in'] as string[]))
  const rows = actor.org.rows(resource).filter((row) => wanted.has(row.id) && actor.lists(resource, row))
  return { verdict, resource, include: included(payload), alternatives: [plain(rows)] }
}

type Linked = (actor: Actor, id: string) => Wanted[]

/** A page of a relation: read with the owner's key to get, showing what may be listed. */
const related =
(owner: Resource, resource: Resource, links: Linked, whole?: (actor: Actor, id: string) => boolean) =>
(actor: Actor, payload: Payload): Listed => {
  const id = text(payload['id'])
  const verdict = readGate(actor, owner, actor.org.row(owner, id))
  checkInclude(resource, payload, verdict)
  const all = links(actor, id)
  const listed = all.filter(({ target }) => actor.lists(resource, target))
  const readsAll = whole?.(actor, id) === true
  // Whether a responsible's token, which has no such key, reads the members whole is not said.
  return { verdict, resource, include: included(payload), alternatives: readsAll ? [all, ...(actor.isToken ? [listed] : [])] : [listed] }
}

const users = (ids: readonly string[], actor: Actor): Wanted[] => plain(ids.flatMap((id) => actor.org.row('user', id) ?? []))

export const pages: Readonly<Record<string, (actor: Actor, payload: Payload) => Listed>> = {
  ...Object.fromEntries((Object.keys(keys) as Resource[]).map((resource) => [`${resource}-list-request`, list(resource)])),
  'department-children-request': related('department', 'department', (actor, id) =>
    plain(actor.org.rows('department').filter((row) => row.parentId === id)),
  ),
  'department-users-request': related('department', 'user', (actor, id) =>
    plain(actor.org.rows('user').filter((row) => row.departmentId === id)),
  ),
  'group-members-request': related(
    'group', 'user',
    (actor, id) => users(actor.org.row('group', id)?.members ?? [], actor),
    (actor, id) => actor.org.row('group', id)?.responsibles.includes(actor.user.id) === true,
  ),
  'group-responsibles-request': related('group', 'user', (actor, id) => users(actor.org.row('group', id)?.responsibles ?? [], actor)),
  'role-permissions-request': related('role', 'permission', (actor, id) =>
    (actor.org.row('role', id)?.grants ?? []).flatMap(({ permissionId, scopeId }) => {
      const target = actor.org.row('permission', permissionId)
      return target ? [{ target, extra: { scopeId } }] : []
    }),
  ),
  'user-roles-request': related('user', 'role', (actor, id) =>
    plain((actor.org.row('user', id)?.roles ?? []).flatMap((roleId) => actor.org.row('role', roleId) ?? [])),
  ),
  'user-permissions-request': related('user', 'permission', (actor, id) =>
    (actor.org.row('user', id)?.grants ?? []).flatMap(({ permissionId, scopeId, deny }) => {
      const target = actor.org.row('permission', permissionId)
      return target ? [{ target, extra: { scopeId, deny } }] : []
    }),
  ),
}

/** `{ manager }` or `{ parent }`: the row, or null when it may not be got. */
const toOne = (name: 'manager' | 'parent') => (actor: Actor, payload: Payload): Asked => {
  const row = actor.org.row('department', text(payload['id']))
  const verdict = readGate(actor, 'department', row)
  return {
    verdict,
    differs: (reply) => {
      if (row === undefined) return ['there is no such row']
      const target = name === 'manager' ? actor.org.row('user', row.managerId) : actor.org.row('department', row.parentId)
      const gets = target === undefined ? 'no' : actor.gets(name === 'manager' ? 'user' : 'department', target)
      if (Object.keys(reply).join() !== name) return [`has the keys ${Object.keys(reply).join()}`]
      if (target === undefined || gets === 'no') return reply[name] === null ? [] : [`${name} is ${stable(reply[name])} instead of null`]
      if (gets === 'open' && reply[name] === null) return []
      return differs(actor, { resource: name === 'manager' ? 'user' : 'department', row: target }, reply[name])
    },
  }
}

const ancestors = (actor: Actor, payload: Payload): Asked => {
  const id = text(payload['id'])
  const row = actor.org.row('department', id)
  const above = actor.org.chain(row?.parentId).toReversed().flatMap((each) => actor.org.row('department', each) ?? [])
  const listed = above.filter((each) => actor.lists('department', each))
  return {
    verdict: readGate(actor, 'department', row),
    differs: (reply) => {
      const found = Array.isArray(reply['items']) ? reply['items'] as unknown[] : []
      const order = found.map((each) => (isValues(each) ? each['id'] : each)).join(' ')
      const wanted = listed.map((each) => each.id).join(' ')
      return order === wanted
        ? differsInItems(actor, { resource: 'department', wanted: plain(listed) }, found)
        : [`goes down by "${order}" instead of "${wanted}"`]
    },
  }
}

const textOf = ({ permissionKey, id, scopeId }: Values): string =>
  [permissionKey, id ?? scopeId ?? 'everywhere'].map((part) => (typeof part === 'string' ? part : JSON.stringify(part))).join('@')

/** `auth-me`: the effective rights, and one's own row. */
const me = (actor: Actor): Asked => {
  const verdict = new Verdict()
  const own = actor.gets('user', actor.user)
  // Whether a token without `profile` may ask at all is not said; what is certain is that it does not read the row.
  if (own !== 'yes')
    verdict.may.push({ code: 'forbidden', why: 'a token without profile' }, { code: 'not_found', why: 'a token without profile' })
  return {
    verdict,
    differs: (reply) => {
      const list = (Array.isArray(reply['permissions']) ? (reply['permissions'] as unknown[]) : []).filter(isValues)
      const split = (isDeny: boolean): string[] =>
        [...new Set(list.filter((grant) => (grant['deny'] === true) === isDeny).map(textOf))].toSorted()
      const { granted, denied } = actor.shown()
      const problems: string[] = []
      if (stable(split(false)) !== stable(granted))
        problems.push(`effective rights: ${split(false).join(' ')} instead of ${granted.join(' ')}`)
      if (stable(split(true)) !== stable(denied)) problems.push(`effective denies: ${split(true).join(' ')} instead of ${denied.join(' ')}`)
      problems.push(...wrongKeys(actor, reply['keys']))
      const shown = reply['user']
      const isBare = shown === null || (isValues(shown) && Object.keys(shown).join() === 'id')
      if (own === 'yes' || (own === 'open' && !isBare)) problems.push(...differs(actor, { resource: 'user', row: actor.user }, shown))
      else if (!isBare) problems.push(`shows its owner's row to a token that may not read it: ${stable(shown)}`)
      return problems
    },
  }
}

export const queries: Readonly<Record<string, (actor: Actor, payload: Payload) => Asked>> = {
  ...Object.fromEntries((Object.keys(keys) as Resource[]).map((resource) => [`${resource}-get`, get(resource)])),
  'department-manager-get': toOne('manager'),
  'department-parent-get': toOne('parent'),
  'department-ancestors-request': ancestors,
  'auth-me': me,
  'permission-explain': explains,
}
