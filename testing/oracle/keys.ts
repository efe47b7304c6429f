// The permission keys of docs/protocol.md §5, and the names of the rows that a random organisation is made of.

export type Resource = 'user' | 'role' | 'site' | 'department' | 'group' | 'permission'

export const resources: readonly Resource[] = ['user', 'role', 'site', 'department', 'group', 'permission']

interface Keys {
  readonly list: string
  readonly get: string
  readonly create: string
  readonly update: string
  readonly delete: string
}

const keysOf = (name: string): Keys =>
  ({ list: `read-${name}s`, get: `read-${name}`, create: `create-${name}`, update: `update-${name}`, delete: `delete-${name}` })

const sites = 'manage-sites'

export const keys: Readonly<Record<Resource, Keys>> = {
  user: keysOf('user'),
  role: keysOf('role'),
  department: keysOf('department'),
  group: keysOf('group'),
  permission: keysOf('permission'),
  site: { ...keysOf('site'), create: sites, update: sites, delete: sites },
}

/** All of them, each once. */
export const keysOfResource = (resource: Resource): string[] => {
  const { list, get, create, update, delete: remove } = keys[resource]
  return [...new Set([list, get, create, update, remove])]
}

export const root = 'root'
export const hierarchy = 'manage-department-hierarchy'
export const departmentUsers = 'manage-department-users'
export const groupMembers = 'manage-group-members'
export const groupResponsibles = 'manage-group-responsibles'
export const manageMfa = 'manage-mfa'
export const invite = 'create-invitation'

/** What a group's responsible holds for that group. */
export const responsibleKeys: readonly string[] = [groupMembers, groupResponsibles, 'read-group', 'update-group']

/** What everyone may change of their own row. */
export const profileFields: readonly string[] = ['firstName', 'lastName', 'picture', 'metadata', 'locale']

/** Permissions that the software itself names; their id is the key. */
export const builtIn: readonly string[] = [
  root, hierarchy, departmentUsers, groupMembers, groupResponsibles, manageMfa, invite, sites,
  ...resources.flatMap((name) => keysOfResource(name)),
].filter((key, index, all) => all.indexOf(key) === index)

const span = (letter: string, count: number): string[] => Array.from({ length: count }, (_, index) => `${letter}${index}`)

/** The rows that an organisation may have; each comes and goes under its own name, so that a step can be read by itself. */
export const slots: Readonly<Record<Resource, readonly string[]>> = {
  site: span('s', 4),
  department: span('d', 9),
  group: span('g', 4),
  role: span('r', 7),
  permission: span('k', 3),
  user: span('u', 10),
}

/** How many of them it begins with. */
export const founded: Readonly<Record<Resource, number>> = { site: 3, department: 7, group: 3, role: 6, permission: 2, user: 8 }
