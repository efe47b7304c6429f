// docs/protocol.md §3.3: "A row that others refer to is not deleted", and the links that go with their row.

import { expect } from 'chai'
import { onAnyDatabase } from './support/databases.ts'
import { refusal, rows, row, usedBy } from '../kit/replies.ts'
import type { Wire } from './support/wire.ts'

interface Use {
  readonly title: string
  readonly resource: 'site' | 'department' | 'role' | 'permission' | 'user'
  /** Makes the uses of the row. */
  readonly use: (wire: Wire, id: string) => Promise<void>
  /** The exact uses; none given where the contract does not name the resource. */
  readonly wanted?: Readonly<Record<string, number>>
}

const uses: readonly Use[] = [
  { title: 'a site with users', resource: 'site', wanted: { user: 2 }, use: async (wire, siteId) => {
    await wire.make('user', { siteId })
    await wire.make('user', { siteId })
  } },
  {
    title: 'a site with departments', resource: 'site', wanted: { department: 1 },
    use: async (wire, siteId) => { await wire.make('department', { siteId }) },
  },
  { title: 'a site with users and departments', resource: 'site', wanted: { user: 1, department: 2 }, use: async (wire, siteId) => {
    await wire.make('user', { siteId })
    await wire.make('department', { siteId })
    await wire.make('department', { siteId })
  } },
  {
    title: 'a site named as the scope of a role\'s grant', resource: 'site',
    use: async (wire, scopeId) => { await wire.make('role', { permissions: [{ permissionId: 'read-site', scopeId }] }) },
  },
  { title: 'a site named as the scope of a user\'s grant', resource: 'site', use: async (wire, scopeId) => {
    await wire.admin.ok('user-add-permission', { id: await wire.make('user'), permissionId: 'read-site', scopeId })
  } },
  { title: 'a site named as the scope of a deny', resource: 'site', use: async (wire, scopeId) => {
    await wire.admin.ok('user-add-permission', { id: await wire.make('user'), permissionId: 'read-site', scopeId, deny: true })
  } },
  {
    title: 'a department with users', resource: 'department', wanted: { user: 1 },
    use: async (wire, departmentId) => { await wire.make('user', { departmentId }) },
  },
  { title: 'a department with children', resource: 'department', wanted: { department: 2 }, use: async (wire, parentId) => {
    await wire.make('department', { parentId })
    await wire.make('department', { parentId })
  } },
  {
    title: 'a department named as the scope of a grant', resource: 'department',
    use: async (wire, scopeId) => { await wire.make('role', { permissions: [{ permissionId: 'read-site', scopeId }] }) },
  },
  {
    title: 'a role held by users', resource: 'role', wanted: { user: 1 },
    use: async (wire, role) => { await wire.make('user', { roles: [role] }) },
  },
  { title: 'a permission granted to a user', resource: 'permission', wanted: { user: 1 }, use: async (wire, permissionId) => {
    await wire.admin.ok('user-add-permission', { id: await wire.make('user'), permissionId })
  } },
  {
    title: 'a user who manages a department', resource: 'user', wanted: { department: 1 },
    use: async (wire, managerId) => { await wire.make('department', { managerId }) },
  },
]

onAnyDatabase('"A row that others refer to is not deleted (conflict, details: { usedBy: [{ resource, count }] })"', (wire) => {
  for (const { title, resource, use, wanted } of uses) {
    it(title, async () => {
      const id = await wire.make(resource)
      await use(wire, id)
      const before = await wire.admin.ok(`${resource}-get`, { id })
      const error = refusal(await wire.admin.ask(`${resource}-delete`, { id }), 'conflict')
      if (wanted !== undefined) expect(usedBy(error)).to.deep.equal(wanted)
      else expect(Object.values(usedBy(error)).reduce((sum, count) => sum + count, 0)).to.equal(1)
      for (const item of rows(row(error.details)['usedBy'])) expect(item).to.have.all.keys('resource', 'count')
      expect(await wire.admin.ok(`${resource}-get`, { id })).to.deep.equal(before)
    })
  }

  it('the deletion succeeds once nothing refers to the row', async () => {
    const siteId = await wire.make('site')
    const userId = await wire.make('user', { siteId })
    const departmentId = await wire.make('department', { siteId, managerId: userId })
    await wire.admin.no('site-delete', { id: siteId }, 'conflict')
    await wire.admin.no('user-delete', { id: userId }, 'conflict')
    await wire.admin.ok('department-delete', { id: departmentId })
    await wire.admin.ok('user-delete', { id: userId })
    expect(await wire.admin.ok('site-delete', { id: siteId })).to.deep.equal({ id: siteId })
  })
})

onAnyDatabase('"Membership links go with their row"', (wire) => {
  it('"a user\'s groups": he is deleted, his groups lose him', async () => {
    const userId = await wire.make('user')
    const [member, responsible] = [await wire.make('group'), await wire.make('group')]
    await wire.admin.ok('group-add-user', { id: member, userId })
    await wire.admin.ok('group-add-responsible', { id: responsible, userId })
    await wire.admin.ok('user-delete', { id: userId })
    expect(await wire.admin.ok('group-members-request', { id: member })).to.deep.include({ items: [], total: 0 })
    expect(await wire.admin.ok('group-responsibles-request', { id: responsible })).to.deep.include({ items: [], total: 0 })
  })

  it('"a role\'s grants": the permission stays and may be deleted', async () => {
    const permission = await wire.make('permission')
    const role = await wire.make('role', { permissions: [permission] })
    await wire.admin.ok('role-delete', { id: role })
    expect(await wire.admin.ok('permission-get', { id: permission })).to.include({ id: permission })
    await wire.admin.ok('permission-delete', { id: permission })
  })

  it('"a permission\'s grants in roles": the role loses it', async () => {
    const permission = await wire.make('permission')
    const role = await wire.make('role', { permissions: [permission, 'read-sites'] })
    await wire.admin.ok('permission-delete', { id: permission })
    expect((await wire.admin.ok('role-get', { id: role }))['permissions']).to.deep.equal(['read-sites'])
  })

  it('a user\'s roles and grants go with him and hold nothing back', async () => {
    const role = await wire.make('role')
    const permissionId = await wire.make('permission')
    const id = await wire.make('user', { roles: [role] })
    await wire.admin.ok('user-add-permission', { id, permissionId })
    await wire.admin.ok('user-delete', { id })
    await wire.admin.ok('role-delete', { id: role })
    await wire.admin.ok('permission-delete', { id: permissionId })
  })

  it('a user made again with the id of a deleted one has none of his links', async () => {
    const role = await wire.make('role')
    const group = await wire.make('group')
    const id = await wire.make('user', { roles: [role] })
    await wire.admin.ok('group-add-user', { id: group, userId: id })
    await wire.admin.ok('user-delete', { id })
    await wire.make('user', { id })
    expect((await wire.admin.ok('user-get', { id }))['roles']).to.deep.equal([])
    expect((await wire.admin.ok('group-members-request', { id: group }))['total']).to.equal(0)
  })
})
