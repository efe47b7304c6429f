// Random steps: who does what, by which door, and who looks at what afterwards. `~` stands for the organisation's prefix.

import fc from 'fast-check'
import { builtIn, resources, slots } from './keys.ts'
import type { Resource } from './keys.ts'
import type { Payload } from './move.ts'
import { includable } from './shape.ts'

/** In whose name, and by which door. */
export interface Who {
  readonly user: string
  /**
   * The one named; or, from there on, the first who holds the key; who must succeed; who fails by nothing but what they hold or lack
   * elsewhere.
   */
  readonly aim: 'anyone' | 'holder' | 'winner' | 'nearly'
  /** By an API token, if there is one. */
  readonly token: boolean
  readonly socket: boolean
  /** As the only one of many payloads, where the event takes many. */
  readonly many?: boolean
}

export interface Look extends Who {
  readonly event: string
  readonly payload: Payload
}

export interface Step extends Look {
  readonly looks: readonly Look[]
}

type Asking = Pick<Look, 'event' | 'payload'>

export const names = (resource: Resource): string[] => slots[resource].map((slot) => `~${slot}`)

/** A row that may be there; rarely one that never is. */
const some = (resource: Resource): fc.Arbitrary<string> =>
  fc.oneof({ weight: 24, arbitrary: fc.constantFrom(...names(resource)) }, { weight: 1, arbitrary: fc.constant('~zz') })
const orNull = <T,>(of: fc.Arbitrary<T>): fc.Arbitrary<T | null> =>
  fc.oneof({ weight: 1, arbitrary: fc.constant(null) }, { weight: 4, arbitrary: of })

export const scope = fc.oneof(
  { weight: 3, arbitrary: fc.constant(null) },
  { weight: 2, arbitrary: some('site') },
  { weight: 4, arbitrary: some('department') },
)

/** Keys by which whole chains of acts become possible, more often than the rest. */
export const permissionId = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(...builtIn) },
  { weight: 6, arbitrary: fc.constantFrom('root', 'root', 'root', 'update-user', 'update-role', 'read-user') },
  { weight: 2, arbitrary: fc.constantFrom(...names('permission')) },
)

const roleItem = fc.oneof(permissionId, fc.record({ permissionId, scopeId: scope }))
const user = some('user')
const label = fc.constantFrom('One ~', 'Two ~', 'Three ~')
const some2 = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(of, { maxLength: 2, size: 'max' })

type Field = fc.Arbitrary<Payload>
const field = (name: string, value: fc.Arbitrary<unknown>): Field => value.map((given) => ({ [name]: given }))

/** One field, now and then two. */
const fields = (...all: Field[]): Field => {
  const one = fc.oneof(...all)
  return fc.oneof({ weight: 5, arbitrary: one }, { weight: 1, arbitrary: fc.tuple(one, one).map(([a, b]) => ({ ...a, ...b })) })
}

const userFields = [
  field('siteId', orNull(some('site'))), field('departmentId', orNull(some('department'))),
  field('departmentId', orNull(some('department'))),
  field('roles', some2(some('role'))),
]
const status = fc.constantFrom('active', 'suspended', 'archived')
const address = fc.constantFrom(...names('user'), '~a0', '~a1').map((name) => `${name}@example.com`)
const departmentFields = [
  field('siteId', orNull(some('site'))), field('parentId', orNull(some('department'))),
  field('managerId', orNull(user)),
]

const asks = (event: string, ...parts: Field[]): fc.Arbitrary<Asking> =>
  fc.tuple(...parts).map((given) => ({ event, payload: Object.assign({}, ...given) as Payload }))
const id = (resource: Resource): Field => field('id', some(resource))
/** A new row under one of its names; its other values follow from the name. */
const fresh = (resource: Resource, of: (name: string) => Payload): Field =>
  fc.constantFrom(...names(resource)).map((name) => ({ id: name, ...of(name) }))

export const person = (name: string): Payload => ({ firstName: 'First ~', lastName: 'Last ~', email: `${name}@example.com` })

/** Once in a while a field that may stay away. */
const perhaps = (of: Field): Field => fc.oneof({ weight: 1, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: of })
const scoped: Field = scope.map((given) => (given === null ? {} : { scopeId: given }))
const denying: Field = fc.oneof({ weight: 2, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: fc.constant({ deny: true }) })
const tokenKey = fc.oneof(
  { weight: 1, arbitrary: fc.constant('profile') },
  { weight: 5, arbitrary: permissionId.filter((key) => !key.startsWith('~')) },
)

const mutations: readonly (readonly [number, fc.Arbitrary<Asking>])[] = [
  [6, asks('user-create', fresh('user', person), perhaps(fields(...userFields)), perhaps(field('password', fc.constant('new'))))],
  [
    22,
    asks(
      'user-update', id('user'),
      fields(
        ...userFields, field('status', status), field('status', status), field('password', fc.constant('new')),
        field('email', address), field('firstName', label), field('locale', fc.constantFrom('en', 'fr', null)),
        field('metadata', fc.constantFrom({ a: 1 }, null)),
      ),
    ),
  ],
  [4, asks('user-delete', id('user'))],
  [6, asks('user-add-role', id('user'), field('roleId', some('role')))],
  [4, asks('user-remove-role', id('user'), field('roleId', some('role')))],
  [12, asks('user-add-permission', id('user'), field('permissionId', permissionId), scoped, denying)],
  [7, asks('user-remove-permission', id('user'), field('permissionId', permissionId), scoped, denying)],
  [2, asks('auth-mfa-reset', id('user'))],
  [
    4,
    asks(
      'role-create', fresh('role', () => ({ label: 'New ~' })), perhaps(field('permissions', some2(roleItem))),
    ),
  ],
  [
    5,
    asks(
      'role-update', id('role'),
      fields(field('label', label), field('permissions', some2(roleItem)), field('permissions', some2(roleItem))),
    ),
  ],
  [3, asks('role-delete', id('role'))],
  [6, asks('role-add-permission', id('role'), field('permissionId', permissionId), scoped)],
  [5, asks('role-remove-permission', id('role'), field('permissionId', permissionId), scoped)],
  [2, asks('permission-create', fresh('permission', (name) => ({ permissionKey: name })))],
  [1, asks('permission-update', id('permission'), field('description', fc.constantFrom('One ~', null)))],
  [2, asks('permission-delete', field('id', fc.constantFrom(...names('permission'), 'read-user')))],
  [4, asks('department-create', fresh('department', () => ({ label: 'New ~' })), perhaps(fields(...departmentFields)))],
  [9, asks('department-update', id('department'), fields(field('label', label), ...departmentFields))],
  [3, asks('department-delete', id('department'))],
  [6, asks('department-parent-set', id('department'), field('parentId', some('department')))],
  [2, asks('department-parent-remove', id('department'))],
  [4, asks('department-manager-set', id('department'), field('userId', user))],
  [1, asks('department-manager-remove', id('department'))],
  [5, asks('department-add-child', id('department'), field('childId', some('department')))],
  [3, asks('department-remove-child', id('department'), field('childId', some('department')))],
  [6, asks('department-add-user', id('department'), field('userId', user))],
  [4, asks('department-remove-user', id('department'), field('userId', user))],
  [2, asks('site-create', fresh('site', () => ({ label: 'New ~' })))],
  [2, asks('site-update', id('site'), field('label', label))],
  [2, asks('site-delete', id('site'))],
  [2, asks('group-create', fresh('group', () => ({ name: 'New ~' })))],
  [2, asks('group-update', id('group'), fields(field('name', label), field('description', fc.constantFrom('One ~', null))))],
  [1, asks('group-delete', id('group'))],
  [6, asks('group-add-user', id('group'), field('userId', user))],
  [4, asks('group-remove-user', id('group'), field('userId', user))],
  [4, asks('group-add-responsible', id('group'), field('userId', user))],
  [3, asks('group-remove-responsible', id('group'), field('userId', user))],
  [
    2,
    asks(
      'invitation-create',
      field(
        'email', fc.constantFrom('~i0', '~i1', '~u7').map((name) => `${name}@example.com`),
      ),
      perhaps(field('role', some('role'))), perhaps(field('siteId', some('site'))),
      perhaps(field('departmentId', some('department'))),
    ),
  ],
  [
    4,
    asks(
      'auth-token-create', field('name', fc.constant('script')),
      perhaps(field('permissions', fc.array(tokenKey, { maxLength: 4, size: 'max' }))),
    ),
  ],
]

const includes = (resource: Resource): Field => {
  const all = Object.keys(includable[resource])
  return all.length === 0 ? fc.constant({}) : perhaps(field('include', fc.subarray(all)))
}

const sorts: Readonly<Record<Resource, readonly string[]>> = {
  user: ['createdAt', 'id', '-firstName', 'email', '-status'], role: ['createdAt', 'id', '-label'],
  site: ['createdAt', '-id', 'label'], department: ['createdAt', 'id', '-label', 'siteId', '-parentId'],
  group: ['createdAt', '-name'], permission: ['permissionKey', '-createdAt', 'id'],
}

const paging = (resource: Resource): Field =>
  fc
    .record({ limit: fc.integer({ min: 3, max: 6 }), sort: fc.constantFrom(undefined, ...sorts[resource]) })
    .map(({ limit, sort }) => ({ limit, ...(sort === undefined ? {} : { sort }) }))

const listOf = (resource: Resource): fc.Arbitrary<Asking> =>
  asks(`${resource}-list-request`, fc.constant({ filter: { id: { in: [`own:${resource}`] } } }), paging(resource), includes(resource))
const pageOf = (event: string, owner: Resource, target: Resource): fc.Arbitrary<Asking> =>
  asks(event, id(owner), paging(target), includes(target))

const lookups: readonly (readonly [number, fc.Arbitrary<Asking>])[] = [
  ...resources.map((resource): [number, fc.Arbitrary<Asking>] => [
    resource === 'user' || resource === 'department' ? 6 : 3,
    asks(`${resource}-get`, id(resource), includes(resource)),
  ]),
  ...resources.map((resource): [number, fc.Arbitrary<Asking>] => [
    resource === 'user' || resource === 'department' ? 4 : 2, listOf(resource),
  ]),
  [2, pageOf('department-children-request', 'department', 'department')],
  [2, pageOf('department-users-request', 'department', 'user')],
  [3, pageOf('group-members-request', 'group', 'user')],
  [2, pageOf('group-responsibles-request', 'group', 'user')],
  [2, pageOf('role-permissions-request', 'role', 'permission')],
  [2, pageOf('user-roles-request', 'user', 'role')],
  [2, pageOf('user-permissions-request', 'user', 'permission')],
  [2, asks('department-manager-get', id('department'))],
  [2, asks('department-parent-get', id('department'))],
  [3, asks('department-ancestors-request', id('department'))],
  [4, asks('auth-me', fc.constant({}))],
  ...resources.map((resource): [number, fc.Arbitrary<Asking>] => [
    2,
    asks(
      'permission-explain', field('userId', user),
      fc.oneof(
        fc.constant({ event: `${resource}-list-request` }),
        fc.tuple(some(resource), fc.constantFrom('get', 'get', 'update', 'delete')).map(([row, action]) =>
          ({ event: `${resource}-${action}`, id: row })),
      ),
    ),
  ]),
]

const weighed = (list: readonly (readonly [number, fc.Arbitrary<Asking>])[]): fc.Arbitrary<Asking> =>
  fc.oneof(...list.map(([weight, arbitrary]) => ({ weight, arbitrary })))

const who: fc.Arbitrary<Who> = fc.record({
  user: fc.constantFrom(...names('user')),
  aim: fc.constantFrom('anyone', 'holder', 'winner', 'nearly'),
  token: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  socket: fc.oneof({ weight: 2, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  many: fc.oneof({ weight: 2, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
})

const look: fc.Arbitrary<Look> = fc.tuple(who, weighed(lookups)).map(([by, asking]) => ({ ...by, ...asking }))

/** A step, with up to three looks at what it did. */
export const step: fc.Arbitrary<Step> = fc.tuple(
  who,
  fc.oneof({ weight: 5, arbitrary: weighed(mutations) }, { weight: 1, arbitrary: weighed(lookups) }),
  fc.array(look, { maxLength: 3, size: 'max' }),
).map(([by, asking, looks]) => ({ ...by, ...asking, looks }))
