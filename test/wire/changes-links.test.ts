// docs/protocol.md §6: "A change of a link is a change of the resource that owns it", whichever way the link changed.

import { expect } from 'chai'
import { onAnyDatabase } from './support/databases.ts'
import { expectChanges } from './support/changes.ts'
import type { Client } from '../kit/client.ts'
import { unique } from './support/wire.ts'

onAnyDatabase('Changes of links', (wire) => {
  let client: Client

  before(async () => { client = await wire.connect(wire.adminToken) })

  /** Exactly these changes, and each row's version is the one told. */
  const told = async (work: () => Promise<unknown>, wanted: readonly string[]): Promise<void> => {
    const changes = await wire.changesDuring(client, work)
    expectChanges(changes, wanted)
    for (const { event, action, id, version } of changes) {
      if (action === 'delete') continue
      expect((await wire.admin.ok(event.replace('-changed', '-get'), { id }))['version'], `${event} ${id}`).to.equal(version)
    }
  }

  for (const [add, remove] of [['group-add-user', 'group-remove-user'], ['group-add-responsible', 'group-remove-responsible']] as const) {
    it(`${add} and ${remove}: group-changed, nothing for the user; again: nothing`, async () => {
      const [id, userId] = [await wire.make('group'), await wire.make('user')]
      await told(async () => wire.admin.ok(remove, { id, userId }), [])
      await told(async () => wire.admin.ok(add, { id, userId }), [`group-changed update ${id}`])
      await told(async () => wire.admin.ok(add, { id, userId }), [])
      await told(async () => wire.admin.ok(remove, { id, userId }), [`group-changed update ${id}`])
      await told(async () => wire.admin.ok(remove, { id, userId }), [])
    })
  }

  it('department-add-user: "user-changed for the user and department-changed for each department whose users changed"', async () => {
    const [one, two, userId] = [await wire.make('department'), await wire.make('department'), await wire.make('user')]
    await told(async () => wire.admin.ok('department-add-user', { id: one, userId }), [
      `user-changed update ${userId}`, `department-changed update ${one}`,
    ])
    await told(async () => wire.admin.ok('department-add-user', { id: one, userId }), [])
    await told(async () => wire.admin.ok('department-add-user', { id: two, userId }), [
      `user-changed update ${userId}`, `department-changed update ${one}`, `department-changed update ${two}`,
    ])
    await told(async () => wire.admin.ok('department-remove-user', { id: one, userId }), [])
    await told(async () => wire.admin.ok('department-remove-user', { id: two, userId }), [
      `user-changed update ${userId}`, `department-changed update ${two}`,
    ])
  })

  it('"a user\'s create, move or delete is department-changed for his departments"', async () => {
    const [one, two, id] = [await wire.make('department'), await wire.make('department'), unique('user')]
    await told(async () => wire.make('user', { id, departmentId: one, email: `${id}@example.com` }), [
      `user-changed create ${id}`, `department-changed update ${one}`,
    ])
    await told(async () => wire.admin.ok('user-update', { id, departmentId: two }), [
      `user-changed update ${id}`, `department-changed update ${one}`, `department-changed update ${two}`,
    ])
    await told(async () => wire.admin.ok('user-update', { id, firstName: 'Stays' }), [`user-changed update ${id}`])
    await told(async () => wire.admin.ok('user-update', { id, departmentId: null }), [
      `user-changed update ${id}`, `department-changed update ${two}`,
    ])
    await wire.admin.ok('user-update', { id, departmentId: one })
    await told(async () => wire.admin.ok('user-delete', { id }), [`user-changed delete ${id}`, `department-changed update ${one}`])
  })

  it('"and his delete group-changed for his groups", as member and as responsible', async () => {
    const [member, responsible, both, other] = [
      await wire.make('group'), await wire.make('group'), await wire.make('group'), await wire.make('group'),
    ]
    const id = await wire.make('user')
    expect(other).to.not.equal(both)
    for (const group of [member, both]) await wire.admin.ok('group-add-user', { id: group, userId: id })
    for (const group of [responsible, both]) await wire.admin.ok('group-add-responsible', { id: group, userId: id })
    await told(async () => wire.admin.ok('user-delete', { id }), [
      `user-changed delete ${id}`, `group-changed update ${member}`, `group-changed update ${responsible}`, `group-changed update ${both}`,
    ])
  })

  it('"a new parent is department-changed for the child and for both parents", by each event', async () => {
    const [one, two, id] = [await wire.make('department'), await wire.make('department'), await wire.make('department')]
    const update = (...ids: readonly string[]): string[] => ids.map((each) => `department-changed update ${each}`)
    await told(async () => wire.admin.ok('department-parent-set', { id, parentId: one }), update(id, one))
    await told(async () => wire.admin.ok('department-parent-set', { id, parentId: one }), [])
    await told(async () => wire.admin.ok('department-parent-set', { id, parentId: two }), update(id, one, two))
    await told(async () => wire.admin.ok('department-parent-remove', { id }), update(id, two))
    await told(async () => wire.admin.ok('department-parent-remove', { id }), [])
    await told(async () => wire.admin.ok('department-add-child', { id: one, childId: id }), update(id, one))
    await told(async () => wire.admin.ok('department-add-child', { id: one, childId: id }), [])
    await told(async () => wire.admin.ok('department-remove-child', { id: two, childId: id }), [])
    await told(async () => wire.admin.ok('department-remove-child', { id: one, childId: id }), update(id, one))
    await told(async () => wire.admin.ok('department-update', { id, parentId: two }), update(id, two))
    await told(async () => wire.admin.ok('department-update', { id, parentId: one }), update(id, one, two))
  })

  it('create and delete of a child are a change of its parent', async () => {
    const [parentId, id] = [await wire.make('department'), unique('department')]
    await told(async () => wire.make('department', { id, label: 'Child', parentId }), [
      `department-changed create ${id}`, `department-changed update ${parentId}`,
    ])
    await told(async () => wire.admin.ok('department-delete', { id }), [
      `department-changed delete ${id}`, `department-changed update ${parentId}`,
    ])
  })

  it('a manager is a change of the department only', async () => {
    const [id, userId] = [await wire.make('department'), await wire.make('user')]
    await told(async () => wire.admin.ok('department-manager-set', { id, userId }), [`department-changed update ${id}`])
    await told(async () => wire.admin.ok('department-manager-set', { id, userId }), [])
    await told(async () => wire.admin.ok('department-manager-remove', { id }), [`department-changed update ${id}`])
    await told(async () => wire.admin.ok('department-manager-remove', { id }), [])
  })

  it('a site is owned by who names it: user-changed or department-changed only', async () => {
    const siteId = await wire.make('site')
    const [userId, departmentId] = [await wire.make('user'), await wire.make('department')]
    await told(async () => wire.admin.ok('user-update', { id: userId, siteId }), [`user-changed update ${userId}`])
    await told(async () => wire.admin.ok('department-update', { id: departmentId, siteId }), [`department-changed update ${departmentId}`])
  })

  it('a role\'s permissions are role-changed', async () => {
    const id = await wire.make('role')
    await told(async () => wire.admin.ok('role-add-permission', { id, permissionId: 'read-sites' }), [`role-changed update ${id}`])
    await told(async () => wire.admin.ok('role-add-permission', { id, permissionId: 'read-sites' }), [])
    await told(async () => wire.admin.ok('role-update', { id, permissions: ['read-site', 'read-user'] }), [`role-changed update ${id}`])
    await told(async () => wire.admin.ok('role-remove-permission', { id, permissionId: 'read-site' }), [`role-changed update ${id}`])
    await told(async () => wire.admin.ok('role-remove-permission', { id, permissionId: 'read-site' }), [])
    await told(async () => wire.admin.ok('role-delete', { id }), [`role-changed delete ${id}`])
  })

  it('a user\'s roles and permissions are user-changed', async () => {
    const [id, roleId] = [await wire.make('user'), await wire.make('role')]
    const grant = { id, permissionId: 'read-sites' }
    await told(async () => wire.admin.ok('user-add-role', { id, roleId }), [`user-changed update ${id}`])
    await told(async () => wire.admin.ok('user-add-role', { id, roleId }), [])
    await told(async () => wire.admin.ok('user-update', { id, roles: [] }), [`user-changed update ${id}`])
    await told(async () => wire.admin.ok('user-remove-role', { id, roleId }), [])
    await told(async () => wire.admin.ok('user-add-permission', grant), [`user-changed update ${id}`])
    await told(async () => wire.admin.ok('user-add-permission', grant), [])
    await told(async () => wire.admin.ok('user-remove-permission', grant), [`user-changed update ${id}`])
    await told(async () => wire.admin.ok('user-remove-permission', grant), [])
    await wire.admin.ok('user-add-role', { id, roleId })
    await told(async () => wire.admin.ok('user-delete', { id }), [`user-changed delete ${id}`])
  })

  it('a deleted permission is role-changed "for the row that lost" it', async () => {
    const permission = await wire.make('permission')
    const [one, two] = [
      await wire.make('role', { permissions: [permission] }), await wire.make('role', { permissions: [permission, 'read-sites'] }),
    ]
    await told(async () => wire.admin.ok('permission-delete', { id: permission }), [
      `permission-changed delete ${permission}`, `role-changed update ${one}`, `role-changed update ${two}`,
    ])
  })

  it('a create with links is one create', async () => {
    const [role, user] = [unique('role'), unique('user')]
    await told(async () => wire.make('role', { id: role, permissions: ['read-sites', 'read-site'] }), [`role-changed create ${role}`])
    await told(async () => wire.make('user', { id: user, email: `${user}@example.com`, roles: [role] }), [`user-changed create ${user}`])
  })
})
