// Rows as an actor may read them: their fields, what is embedded in them, and where a reply differs.

import type { Actor } from './actor.ts'
import type { Resource } from './keys.ts'
import type { Department, Group, Permission, Role, Rows, Site, User } from './organisation.ts'

export type Values = Readonly<Record<string, unknown>>

export const isValues = (value: unknown): value is Values => typeof value === 'object' && value !== null && !Array.isArray(value)

const base = ['version', 'createdAt', 'updatedAt', 'createdBy', 'updatedBy']
/** Kept outside the user row by plugins; what they hold has nothing to do with rights. */
const ofUsers = ['lastLoginAt', 'passwordChangedAt', 'emailVerified']
/** Shown to those who hold its key, and to oneself. */
export const mfa: readonly string[] = ['mfaEnabled', 'mfaType']

const item = ({ permissionId, scopeId }: { readonly permissionId: string; readonly scopeId: string | null }): unknown =>
  (scopeId === null ? permissionId : { permissionId, scopeId })

/** The fields of a row that the model knows. */
function fieldsOf(resource: Resource, row: Rows[Resource]): Values {
  switch (resource) {
    case 'site': return { id: row.id, label: (row as Site).label }
    case 'department': {
      const { id, label, siteId, parentId, managerId } = row as Department
      return { id, label, siteId, parentId, managerId }
    }
    case 'group': {
      const { id, name, description } = row as Group
      return { id, name, description }
    }
    case 'permission': {
      const { id, permissionKey, description } = row as Permission
      return { id, permissionKey, description }
    }
    case 'role': {
      const { id, label, grants } = row as Role
      return { id, label, permissions: grants.map(item) }
    }
    case 'user': {
      const { id, firstName, lastName, email, status, picture, metadata, siteId, departmentId, locale, roles } = row as User
      return { id, firstName, lastName, email, status, picture, metadata, siteId, departmentId, locale, roles }
    }
  }
}

/** JSON with sorted keys; arrays of links are sets. */
export const stable = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(stable).toSorted().join(',')}]`
  if (isValues(value)) return `{${Object.keys(value).toSorted().map((key) => `${key}:${stable(value[key])}`).join(',')}}`
  return JSON.stringify(value) ?? 'undefined'
}

interface Relation {
  readonly target: Resource
  /** The ids of a row's relation, in no order; with what is shown of the link. */
  readonly links: (row: never) => { readonly id: string; readonly extra: Values }[]
  readonly one: boolean
}

const single = (target: Resource, field: string): Relation => ({
  target,
  one: true,
  links: (row: Values) => (typeof row[field] === 'string' ? [{ id: row[field], extra: {} }] : []),
})

/** Relations that `include` embeds: to one, and to many with a cap. */
export const includable: Readonly<Record<Resource, Readonly<Record<string, Relation>>>> = {
  user: {
    site: single('site', 'siteId'),
    department: single('department', 'departmentId'),
    roles: { target: 'role', one: false, links: (row: User) => row.roles.map((id) => ({ id, extra: {} })) },
  },
  role: {
    permissions: {
      target: 'permission', one: false,
      links: (row: Role) => row.grants.map(({ permissionId, scopeId }) => ({ id: permissionId, extra: { scopeId } })),
    },
  },
  department: { site: single('site', 'siteId'), parent: single('department', 'parentId'), manager: single('user', 'managerId') },
  site: {}, group: {}, permission: {},
}

/** What differs between one relation as embedded and as the actor may read it. */
function differsEmbedded(actor: Actor, relation: Relation, row: Rows[Resource], actual: unknown): string[] {
  const links = relation.links(row as never)
  if (relation.one) {
    const target = actor.org.row(relation.target, links[0]?.id ?? null)
    const gets = actor.gets(relation.target, target)
    if (target === undefined || gets === 'no') return actual === null ? [] : [`shows ${stable(actual)} instead of null`]
    if (actual === null) return gets === 'open' ? [] : [`shows null instead of ${target.id}`]
    return differs(actor, { resource: relation.target, row: target }, actual)
  }
  const wanted = links.flatMap(({ id, extra }) => {
    const target = actor.org.row(relation.target, id)
    return target && actor.lists(relation.target, target) ? [{ target, extra }] : []
  })
  return differsInItems(actor, { resource: relation.target, wanted }, actual)
}

export interface Items {
  readonly resource: Resource
  readonly wanted: readonly { readonly target: Rows[Resource]; readonly extra: Values }[]
  readonly include?: readonly string[]
}

/** What differs between items of any order and the rows that there should be. */
export function differsInItems(actor: Actor, { resource, wanted, include = [] }: Items, actual: unknown): string[] {
  if (!Array.isArray(actual) || !actual.every(isValues)) return [`is not a list: ${stable(actual)}`]
  const names = (list: readonly { readonly id: unknown; readonly extra: Values }[]): string[] =>
    list.map(({ id, extra }) => stable({ id, ...extra })).toSorted()
  const extras = Object.keys(wanted[0]?.extra ?? {})
  const found = actual.map((each) => ({ id: each['id'], extra: Object.fromEntries(extras.map((name) => [name, each[name]])) }))
  const [should, are] = [names(wanted.map(({ target, extra }) => ({ id: target.id, extra }))), names(found)]
  if (stable(should) !== stable(are)) return [`has ${are.join(' ')} instead of ${should.join(' ')}`]
  return actual.flatMap((each) => {
    const match = wanted.find(
      ({ target, extra }) => target.id === each['id'] && Object.entries(extra).every(([name, value]) => each[name] === value),
    )
    if (match === undefined) return []
    const rest = Object.fromEntries(Object.entries(each).filter(([name]) => !(name in match.extra)))
    return differs(actor, { resource, row: match.target, include }, rest)
  })
}

export interface Shown {
  readonly resource: Resource
  readonly row: Rows[Resource]
  readonly include?: readonly string[]
}

/** What differs between a row in a reply and the row as the actor may read it; nothing if they agree. */
export function differs(actor: Actor, { resource, row, include = [] }: Shown, actual: unknown): string[] {
  if (!isValues(actual)) return [`${row.id} is not a row: ${stable(actual)}`]
  const problems: string[] = []
  const wanted = fieldsOf(resource, row)
  const embedded = includable[resource]
  for (const [name, value] of Object.entries(wanted)) {
    if (include.includes(name)) continue
    if (stable(actual[name]) !== stable(value)) problems.push(`${row.id}.${name} is ${stable(actual[name])} instead of ${stable(value)}`)
  }
  for (const name of include) {
    const relation = embedded[name]
    if (relation !== undefined)
      problems.push(...differsEmbedded(actor, relation, row, actual[name]).map((problem) => `${row.id}.${name}: ${problem}`))
  }
  const seesMfa = resource === 'user' ? actor.seesMfa(row) : 'no'
  const known = new Set([
    ...Object.keys(wanted), ...include, ...base, ...(resource === 'user' ? ofUsers : []),
    ...(seesMfa === 'no' ? [] : mfa), ...(actor.org.further[resource] ?? []),
  ])
  for (const name of Object.keys(actual))
    if (!known.has(name)) problems.push(`${row.id}.${name} may not be read and is ${stable(actual[name])}`)
  const must = [...base, ...(resource === 'user' ? ofUsers : []), ...(seesMfa === 'yes' ? mfa : [])]
  for (const name of must) if (!(name in actual)) problems.push(`${row.id}.${name} may be read and is missing`)
  const author = actor.org.createdBy.get(row.id)
  if (author !== undefined && actual['createdBy'] !== author && actual['createdBy'] !== null)
    problems.push(`${row.id}.createdBy is ${stable(actual['createdBy'])}`)
  return problems
}
