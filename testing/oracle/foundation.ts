// A random organisation to begin with: sites, a department tree, roles, people with grants and denies, groups. Made by its keeper.

import fc from 'fast-check'
import { builtIn, founded, keys, keysOfResource, resources } from './keys.ts'
import type { Resource } from './keys.ts'
import type { Payload } from './move.ts'
import { names as everyName, permissionId, person, scope } from './steps.ts'
import type { Step } from './steps.ts'

/** The rows that there are in the beginning. */
const names = (resource: Resource): string[] => everyName(resource).slice(0, founded[resource])

interface Given {
  readonly keys: readonly string[]
  readonly scope: string | null
}

/** Keys that belong together: who has them can do something whole. */
const readers = resources.map((resource) => keys[resource].get)
const bundles: readonly (readonly string[])[] = [
  readers,
  readers,
  resources.map((resource) => keys[resource].list),
  [...keysOfResource('user'), 'read-role', 'read-permission', 'read-department', 'read-site'],
  ['read-user', 'update-user'],
  [...keysOfResource('department'), 'manage-department-hierarchy', 'manage-department-users', 'read-user', 'read-site'],
  ['manage-department-users', 'manage-department-hierarchy', 'read-department', 'read-user', 'update-department'],
  [...keysOfResource('group'), 'manage-group-members', 'manage-group-responsibles', 'read-user'],
  [...keysOfResource('role'), 'read-permission', 'read-site', 'read-department'],
  ['read-role', 'update-role'],
  keysOfResource('site'),
  keysOfResource('permission'),
  ['manage-mfa', 'create-invitation', 'read-users', 'read-user'],
  ['root'],
]

const bundle: fc.Arbitrary<Given> = fc.record({
  keys: fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...bundles) }, { weight: 1, arbitrary: permissionId.map((key) => [key]) }),
  scope,
})
const direct: fc.Arbitrary<Given> = fc.record({ keys: permissionId.map((key) => [key]), scope })
const deny: fc.Arbitrary<Given> = fc.record({ keys: fc.constantFrom(...builtIn).map((key) => [key]), scope })
const maybe = <T,>(of: fc.Arbitrary<T>): fc.Arbitrary<T | null> =>
  fc.oneof({ weight: 1, arbitrary: fc.constant(null) }, { weight: 3, arbitrary: of })
const few = <T,>(of: fc.Arbitrary<T>, most: number): fc.Arbitrary<T[]> => fc.array(of, { maxLength: most, size: 'max' })

const foundations = fc.record({
  departments: fc.tuple(...names('department').map((_, index) => fc.record({
    parent: index === 0 ? fc.constant(null) : maybe(fc.nat(index - 1)),
    site: maybe(fc.nat(founded.site - 1)),
    manager: fc.oneof({ weight: 4, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.constantFrom(...names('user')) }),
  }))),
  roles: fc.tuple(...names('role').map(() => few(bundle, 3))),
  users: fc.tuple(...names('user').map(() => fc.record({
    site: maybe(fc.constantFrom(...names('site'))),
    department: maybe(fc.constantFrom(...names('department'))),
    roles: few(fc.constantFrom(...names('role')), 3),
    grants: few(direct, 2),
    denies: fc.oneof({ weight: 1, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: few(deny, 2) }),
    status: fc.oneof(
      { weight: 4, arbitrary: fc.constant('active') },
      { weight: 1, arbitrary: fc.constantFrom('suspended', 'archived') },
    ),
  }),
),
),
groups: fc.tuple(
...names('group').map(() =>
  fc.record({ members: few(fc.constantFrom(...names('user')), 3), responsibles: few(fc.constantFrom(...names('user')), 2) }),
),
),
})

export type Foundation = typeof foundations extends fc.Arbitrary<infer T> ? T : never

/** One whose first user is whole and can restore the keeper: for organisations whose root holders are the only ones. */
const withRoot = (given: Foundation): Foundation => ({
  ...given,
  users: given.users.map((user, index) =>
    index === 0 ? { ...user, grants: [{ keys: ['root'], scope: null }], denies: [], status: 'active' } : user,
  ),
})

export const foundation = ({ lonely }: { readonly lonely: boolean }): fc.Arbitrary<Foundation> =>
  lonely ? foundations.map(withRoot) : foundations

const keeperStep = (event: string, payload: Payload): Step => ({
  user: 'keeper', aim: 'anyone', token: false, socket: false, event, payload, looks: [],
})

const existing = new Set([...builtIn, ...resources.flatMap(names)])
const exists = (id: string): boolean => existing.has(id)

const flat = (given: readonly Given[]): { readonly permissionId: string; readonly scopeId: string | null }[] => {
  const all = given.flatMap(({ keys: list, scope: scopeId }) => list.map((each) => ({ permissionId: each, scopeId })))
  return [...new Map(all.map((grant) => [`${grant.permissionId} ${grant.scopeId ?? ''}`, grant])).values()].filter(
    ({ permissionId: key, scopeId }) => exists(key) && (scopeId === null || exists(scopeId)),
  )
}

/** The steps that make it, in waves: those of one wave do not depend on each other. */
export function waves({ departments, roles, users, groups }: Foundation): Step[][] {
  const [departmentNames, userNames] = [names('department'), names('user')]
  const depth = (index: number): number => {
    const parent = departments[index]?.parent ?? null
    return parent === null ? 0 : 1 + depth(parent)
  }
  const departmentSteps = departments.map(({ parent, site }, index) => ({
    wave: depth(index),
    step: keeperStep('department-create', {
      id: departmentNames[index], label: `Department ~ ${index}`, siteId: site === null ? null : names('site')[site],
      parentId: parent === null ? null : departmentNames[parent],
    }),
  }))
  const byDepth = departments
    .map((_, wave) => departmentSteps.filter((each) => each.wave === wave).map((each) => each.step))
    .filter((list) => list.length > 0)
  return [
    [
      ...names('site').map((id) => keeperStep('site-create', { id, label: `Site ${id}` })),
      ...names('permission').map((id) => keeperStep('permission-create', { id, permissionKey: id })),
      ...names('group').map((id) => keeperStep('group-create', { id, name: `Group ${id}` })),
    ],
    ...byDepth,
    roles.map((grants, index) =>
      keeperStep('role-create', {
        id: names('role')[index], label: `Role ~ ${index}`,
        permissions: flat(grants).map((grant) => (grant.scopeId === null ? grant.permissionId : grant)),
      }),
    ),
    users.map(({ site, department, roles: held, status }, index) =>
      keeperStep('user-create', {
        id: userNames[index], ...person(userNames[index] ?? ''), siteId: site, departmentId: department,
        roles: [...new Set(held)], status, password: 'new',
      }),
    ),
    users.flatMap(({ grants, denies }, index) => {
      const id = userNames[index]
      const direct = flat(grants).map((grant) => keeperStep('user-add-permission', { id, ...grant }))
      return [...direct, ...flat(denies).map((grant) => keeperStep('user-add-permission', { id, ...grant, deny: true }))]
    }),
    departments.flatMap(({ manager }, index) =>
      manager === null ? [] : [keeperStep('department-manager-set', { id: departmentNames[index], userId: manager })],
    ),
    groups.flatMap(({ members, responsibles }, index) => [
      ...members.map((userId) => keeperStep('group-add-user', { id: names('group')[index], userId })),
      ...responsibles.map((userId) => keeperStep('group-add-responsible', { id: names('group')[index], userId })),
    ]),
  ]
}
