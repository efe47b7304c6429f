// docs/protocol.md §5: "A relation is read with its owner's get key, and shows the rows that the actor may list (to-one: get; else null)".

import { expect } from 'chai'
import { onAnyDatabase } from './support/databases.ts'
import { expectExactly, ids, row } from '../kit/replies.ts'

onAnyDatabase('To-one relations', (wire) => {
  it('manager: null for who may not get the user, the user for who may', async () => {
    const siteId = await wire.make('site')
    const managerId = await wire.make('user', { siteId })
    const id = await wire.make('department', { managerId })
    const without = await wire.actor({ can: ['read-department', 'read-users'] })
    expect(await without.client.ok('department-manager-get', { id })).to.deep.equal({ manager: null })
    const scoped = await wire.actor({ can: ['read-department', { permissionId: 'read-user', scopeId: siteId }] })
    expect(row((await scoped.client.ok('department-manager-get', { id }))['manager'])['id']).to.equal(managerId)
    const elsewhere = await wire.actor({ can: ['read-department', { permissionId: 'read-user', scopeId: await wire.make('site') }] })
    expect(await elsewhere.client.ok('department-manager-get', { id })).to.deep.equal({ manager: null })
  })

  it('manager: himself he may always get', async () => {
    const person = await wire.person({ can: ['read-department'] })
    const id = await wire.make('department', { managerId: person.id })
    const { client } = await wire.enter(person)
    expect(row((await client.ok('department-manager-get', { id }))['manager'])['id']).to.equal(person.id)
  })

  it('parent: null above the scope', async () => {
    const parentId = await wire.make('department')
    const id = await wire.make('department', { parentId })
    const child = await wire.make('department', { parentId: id })
    const { client } = await wire.actor({ can: [{ permissionId: 'read-department', scopeId: id }] })
    expect(await client.ok('department-parent-get', { id })).to.deep.equal({ parent: null })
    expect(row((await client.ok('department-parent-get', { id: child }))['parent'])['id']).to.equal(id)
  })
})

onAnyDatabase('To-many relations', (wire) => {
  it('users of a department: only those whom he may list, with an exact total', async () => {
    const id = await wire.make('department')
    const siteId = await wire.make('site')
    const [one, two] = [await wire.make('user', { departmentId: id, siteId }), await wire.make('user', { departmentId: id })]
    const none = await wire.actor({ can: ['read-department', 'read-user'] })
    expectExactly(await none.client.ok('department-users-request', { id }), [])
    const some = await wire.actor({ can: ['read-department', { permissionId: 'read-users', scopeId: siteId }] })
    expectExactly(await some.client.ok('department-users-request', { id }), [one])
    const all = await wire.actor({ can: ['read-department', 'read-users'] })
    expectExactly(await all.client.ok('department-users-request', { id }), [one, two])
  })

  it('children of a department: only those whom he may list', async () => {
    const id = await wire.make('department')
    const siteId = await wire.make('site')
    const [one, two] = [await wire.make('department', { parentId: id, siteId }), await wire.make('department', { parentId: id })]
    const none = await wire.actor({ can: ['read-department'] })
    expectExactly(await none.client.ok('department-children-request', { id }), [])
    const some = await wire.actor({ can: ['read-department', { permissionId: 'read-departments', scopeId: siteId }] })
    expectExactly(await some.client.ok('department-children-request', { id }), [one])
    const all = await wire.actor({ can: ['read-department', 'read-departments'] })
    expectExactly(await all.client.ok('department-children-request', { id }), [one, two])
  })

  it('ancestors of a department: only those whom he may list', async () => {
    const top = await wire.make('department')
    const own = await wire.make('department', { parentId: top })
    const id = await wire.make('department', { parentId: own })
    const { client } = await wire.actor({ can: ['read-department', { permissionId: 'read-departments', scopeId: own }] })
    expect(ids(await client.ok('department-ancestors-request', { id }))).to.deep.equal([own])
  })

  for (const [list, add] of [['group-members-request', 'group-add-user'], ['group-responsibles-request', 'group-add-responsible']] as const) {
    it(`${list}: only those whom he may list`, async () => {
      const id = await wire.make('group')
      const siteId = await wire.make('site')
      const [one, two] = [await wire.make('user', { siteId }), await wire.make('user')]
      for (const userId of [one, two]) await wire.admin.ok(add, { id, userId })
      const none = await wire.actor({ can: ['read-group'] })
      expectExactly(await none.client.ok(list, { id }), [])
      const some = await wire.actor({ can: ['read-group', { permissionId: 'read-users', scopeId: siteId }] })
      expectExactly(await some.client.ok(list, { id }), [one])
      const all = await wire.actor({ can: ['read-group', 'read-users'] })
      expectExactly(await all.client.ok(list, { id }), [one, two])
    })
  }

  it('user-roles-request: read with read-user, shows the roles that he may list', async () => {
    const role = await wire.make('role')
    const id = await wire.make('user', { roles: [role] })
    const none = await wire.actor({ can: ['read-user'] })
    expectExactly(await none.client.ok('user-roles-request', { id }), [])
    const all = await wire.actor({ can: ['read-user', 'read-roles'] })
    expectExactly(await all.client.ok('user-roles-request', { id }), [role])
  })

  it('user-permissions-request and role-permissions-request: with the permissions that he may list', async () => {
    const id = await wire.make('user')
    await wire.admin.ok('user-add-permission', { id, permissionId: 'read-sites' })
    const role = await wire.make('role', { permissions: ['read-sites'] })
    const none = await wire.actor({ can: ['read-user', 'read-role'] })
    expect(await none.client.ok('user-permissions-request', { id })).to.deep.include({ items: [], total: 0 })
    expect(await none.client.ok('role-permissions-request', { id: role })).to.deep.include({ items: [], total: 0 })
    const all = await wire.actor({ can: ['read-user', 'read-role', 'read-permissions'] })
    expect(await all.client.ok('user-permissions-request', { id })).to.include({ total: 1 })
    expect(await all.client.ok('role-permissions-request', { id: role })).to.include({ total: 1 })
  })
})
