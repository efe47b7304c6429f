// A move: an event with its payload, and what the rules of an event make of it: a verdict, the change, and the reply.

import type { Actor } from './actor.ts'
import type { Resource } from './keys.ts'
import type { Organisation } from './organisation.ts'
import { conflict } from './verdict.ts'
import type { Verdict } from './verdict.ts'

export type Payload = Readonly<Record<string, unknown>>

export interface Judged {
  readonly verdict: Verdict
  /** Changes an organisation as the event does when it succeeds. */
  readonly apply: (org: Organisation) => void
  /** The reply: a row as the actor may read it, its id, or something that the model does not look into. */
  readonly reply: { readonly resource: Resource; readonly id: string } | { readonly id: string } | 'any'
}

export type Rule = (actor: Actor, payload: Payload) => Judged

export const nothing = (): void => {}

export const text = (value: unknown): string => {
  if (typeof value !== 'string') throw new Error(`the generator gave no text: ${JSON.stringify(value)}`)
  return value
}

export const textOrNull = (value: unknown): string | null => (value === null || value === undefined ? null : text(value))

/** A field as it would be: what is given, else what the row has. */
export const given = <T,>(payload: Payload, field: string, otherwise: T): T =>
  payload[field] === undefined ? otherwise : (payload[field] as T)

export const without = <T>(list: readonly T[], gone: T): T[] => list.filter((item) => item !== gone)
export const withOne = <T>(list: readonly T[], added: T): T[] => (list.includes(added) ? [...list] : [...list, added])

/** Ids of sites and departments are unique across both; of the rest within their resource. */
export const isTaken = (org: Organisation, resource: Resource, id: string): boolean =>
  resource === 'site' || resource === 'department'
    ? org.row('site', id) !== undefined || org.row('department', id) !== undefined
    : org.row(resource, id) !== undefined

/** Who refers to a row so that it is not deleted. */
function uses(org: Organisation, resource: Resource, id: string): string[] {
  const found: string[] = []
  const scoped = (grants: readonly { readonly scopeId: string | null }[]): boolean => grants.some((grant) => grant.scopeId === id)
  for (const user of org.rows('user')) {
    if (resource === 'site' && user.siteId === id) found.push(`user ${user.id}`)
    if (resource === 'department' && user.departmentId === id) found.push(`user ${user.id}`)
    if (resource === 'role' && user.roles.includes(id)) found.push(`user ${user.id}`)
    if (resource === 'permission' && user.grants.some((grant) => grant.permissionId === id)) found.push(`user ${user.id}`)
    if ((resource === 'site' || resource === 'department') && scoped(user.grants)) found.push(`grant of ${user.id}`)
  }
  for (const department of org.rows('department')) {
    if (resource === 'site' && department.siteId === id) found.push(`department ${department.id}`)
    if (resource === 'department' && department.parentId === id) found.push(`department ${department.id}`)
    if (resource === 'user' && department.managerId === id) found.push(`department ${department.id}`)
  }
  for (const role of org.rows('role')) {
    if ((resource === 'site' || resource === 'department') && scoped(role.grants)) found.push(`grant of ${role.id}`)
  }
  for (const invitation of org.invitations) {
    if (resource === 'site' && invitation.siteId === id) found.push('an invitation')
    if (resource === 'department' && invitation.departmentId === id) found.push('an invitation')
    if (resource === 'role' && invitation.role === id) found.push('an invitation')
  }
  return found
}

/** Adds a conflict if the row is in use. */
export function refuseUsed(verdict: Verdict, org: Organisation, resource: Resource, id: string): void {
  const found = uses(org, resource, id)
  verdict.unless(found.length === 0, conflict(`${id} is in use by ${found.join(', ')}`))
}

/** "The last active holder of unscoped `root` cannot lose it by any path." */
export function keepRoot(org: Organisation, judged: Judged): void {
  const before = org.rootHolders()
  const then = org.copy()
  judged.apply(then)
  const after = then.rootHolders()
  if (before.whole > 0 && after.part === 0) judged.verdict.must.push(conflict('the last holder of root would lose it'))
  else if (before.part > 0 && after.whole === 0) judged.verdict.may.push(conflict('the last holder of root would lose it'))
}
