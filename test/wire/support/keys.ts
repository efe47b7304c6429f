// The permission keys of docs/protocol.md §5 that belong to the resources of this suite, written out from its table.

const plural = ['users', 'departments', 'groups', 'roles', 'sites', 'permissions'] as const
const singular = ['user', 'department', 'group', 'role', 'site', 'permission'] as const
const written = ['user', 'department', 'group', 'role', 'permission'] as const

/** Every key but `root`. */
export const keys: readonly string[] = [
  ...plural.map((many) => `read-${many}`),
  ...singular.map((one) => `read-${one}`),
  ...['create', 'update', 'delete'].flatMap((verb) => written.map((one) => `${verb}-${one}`)),
  'manage-sites', 'manage-department-hierarchy', 'manage-department-users', 'manage-group-members', 'manage-group-responsibles',
]
