// The model by itself, on faults that were once seen: what it says of each, without any server.

import { expect } from 'chai'
import { Actor } from '../../testing/oracle/actor.ts'
import type { Payload } from '../../testing/oracle/move.ts'
import { Organisation } from '../../testing/oracle/organisation.ts'
import type { User, UserGrant } from '../../testing/oracle/organisation.ts'
import { departmentRules } from '../../testing/oracle/rules-departments.ts'
import { otherRules } from '../../testing/oracle/rules-others.ts'
import { roleRules } from '../../testing/oracle/rules-roles.ts'
import { userRules } from '../../testing/oracle/rules-users.ts'

const rules = { ...userRules, ...roleRules, ...departmentRules, ...otherRules }

/** `key`, `key@scope`; with `!` before it a deny. */
const grantOf = (source: string): UserGrant => {
  const [, deny, permissionId = '', scopeId = null] = /^(!?)([^@]+)(?:@(.+))?$/.exec(source) ?? []
  return { permissionId, scopeId, deny: deny === '!' }
}

const user = (id: string, grants: readonly string[], more: Partial<User> = {}): User => ({
  id, firstName: 'F', lastName: 'L', email: `${id}@example.com`, status: 'active', picture: null, metadata: null, locale: null,
  siteId: null, departmentId: null, roles: [], grants: grants.map(grantOf), password: undefined, endings: 0, ...more,
})

/** Two sites; below department `north` lies `yard`, `payroll` stands alone in the south; a group without members. */
function organisation(...users: readonly User[]): Organisation {
  const org = new Organisation()
  for (const id of ['s-north', 's-south']) org.put('site', { id, label: id })
  org.put('department', { id: 'north', label: 'North', siteId: 's-north', parentId: null, managerId: null })
  org.put('department', { id: 'yard', label: 'Yard', siteId: 's-north', parentId: 'north', managerId: null })
  org.put('department', { id: 'payroll', label: 'Payroll', siteId: 's-south', parentId: null, managerId: null })
  for (const each of users) org.put('user', each)
  return org
}

/** The refusals that must be, as `code key`; none: success. */
function refusals(org: Organisation, actorId: string, event: string, payload: Payload): string[] {
  const actor = org.row('user', actorId)
  const rule = rules[event]
  if (actor === undefined || rule === undefined) throw new Error('no such actor or event')
  return rule(new Actor(org, actor, undefined), payload).verdict.must.map(({ code, permission }) =>
    permission === undefined ? code : `${code} ${permission}`,
  )
}

describe('the rights oracle: its model', () => {
  it('counts what a suspended account was granted', () => {
    const org = organisation(
      user('clerk', ['read-user', 'update-user']), user('former', ['root'], { status: 'suspended' }),
      user('plain', []),
    )
    expect(refusals(org, 'clerk', 'user-update', { id: 'former', status: 'active', password: 'x' })).to.deep.equal(['forbidden root'])
    expect(refusals(org, 'clerk', 'user-update', { id: 'plain', status: 'suspended' })).to.deep.equal([])
  })

  it('lets nobody hand out root who is denied a key, by any path', () => {
    const org = organisation(user('limited', ['root', '!delete-user']), user('plain', []))
    org.put('role', { id: 'all', label: 'All', grants: [{ permissionId: 'root', scopeId: null }] })
    for (const [event, payload] of [
      ['user-add-permission', { id: 'plain', permissionId: 'root' }], ['user-add-role', { id: 'plain', roleId: 'all' }],
      ['user-update', { id: 'plain', roles: ['all'] }], ['role-create', { id: 'new', label: 'New', permissions: ['root'] }],
      ['invitation-create', { email: 'a@example.com', role: 'all' }],
    ] as const) expect(refusals(org, 'limited', event, payload), event).to.deep.equal(['forbidden root'])
    expect(refusals(org, 'limited', 'user-add-permission', { id: 'plain', permissionId: 'update-user' })).to.deep.equal([])
  })

  it('lets a group\'s responsible name nobody whom they may not get', () => {
    const org = organisation(user('bob', []), user('boss', ['root']))
    org.put('group', { id: 'chess', name: 'Chess', description: null, members: [], responsibles: ['bob'] })
    expect(refusals(org, 'bob', 'group-add-user', { id: 'chess', userId: 'boss' })).to.deep.equal(['not_found'])
    expect(refusals(org, 'bob', 'group-add-user', { id: 'chess', userId: 'bob' })).to.deep.equal([])
  })

  it('lets nobody change or delete a role that grants what they do not hold', () => {
    const org = organisation(user('clerk', ['read-role', 'update-role', 'delete-role', 'read-permission']))
    org.put('role', { id: 'all', label: 'All', grants: [{ permissionId: 'root', scopeId: null }] })
    for (const [event, more] of [
      ['role-remove-permission', { permissionId: 'root' }],
      ['role-update', { permissions: [] }],
      ['role-delete', {}],
    ] as const) {
      expect(refusals(org, 'clerk', event, { id: 'all', ...more }), event).to.include('forbidden root')
    }
    expect(refusals(org, 'clerk', 'role-update', { id: 'all', label: 'Other' })).to.deep.equal([])
  })

  it('asks on both ends of a link, whichever event or field moves it', () => {
    const keys = [
      'read-user', 'update-user', 'manage-department-users', 'read-department', 'update-department',
      'manage-department-hierarchy',
    ]
    const org = organisation(
      user('admin', [...keys.map((key) => `${key}@s-north`), 'read-department']),
      user('joe', [], { siteId: 's-north' }),
    )
    for (const [event, payload] of [
      ['user-update', { id: 'joe', departmentId: 'payroll' }], ['department-add-user', { id: 'payroll', userId: 'joe' }],
    ] as const) expect(refusals(org, 'admin', event, payload), event).to.include('forbidden manage-department-users')
    for (const [event, payload] of [
      ['department-parent-set', { id: 'yard', parentId: 'payroll' }], ['department-update', { id: 'yard', parentId: 'payroll' }],
    ] as const) expect(refusals(org, 'admin', event, payload), event).to.include('forbidden manage-department-hierarchy')
    expect(refusals(org, 'admin', 'user-update', { id: 'joe', departmentId: 'yard' })).to.deep.equal([])
  })

  it('answers a hidden row that is named like an unknown one', () => {
    const org = organisation(
      user('admin', ['update-department', 'manage-department-users', 'read-department', 'read-user@s-north']),
      user('hidden', []),
    )
    for (const id of ['hidden', 'nobody']) {
      expect(refusals(org, 'admin', 'department-update', { id: 'yard', managerId: id })).to.deep.equal(['invalid_payload'])
      expect(refusals(org, 'admin', 'department-manager-set', { id: 'yard', userId: id })).to.deep.equal(['not_found'])
    }
  })
})
