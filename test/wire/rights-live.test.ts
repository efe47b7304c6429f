// docs/protocol.md §1: "A changed role, grant or department takes effect on open sockets within 1 s: the next request sees the new rights".

import { onAnyDatabase } from './support/databases.ts'
import { eventually } from './support/wire.ts'

onAnyDatabase('Changed rights reach an open socket', (wire) => {
  it('a role given and taken', async () => {
    const roleId = await wire.make('role', { permissions: ['read-sites'] })
    const { id, client, token } = await wire.actor()
    await client.no('site-list-request', {}, 'forbidden')
    await wire.admin.ok('user-add-role', { id, roleId })
    await eventually(async () => client.ok('site-list-request'))
    await wire.admin.ok('user-remove-role', { id, roleId })
    await eventually(async () => client.no('site-list-request', {}, 'forbidden'))
    await eventually(async () => {
      const { status } = await wire.http('site-list-request', {}, token)
      if (status !== 403) throw new Error(`still answered with ${status}`)
    })
  })

  it('roles replaced by an update of the user', async () => {
    const roleId = await wire.make('role', { permissions: ['read-sites'] })
    const { id, client } = await wire.actor()
    await client.no('site-list-request', {}, 'forbidden')
    await wire.admin.ok('user-update', { id, roles: [roleId] })
    await eventually(async () => client.ok('site-list-request'))
    await wire.admin.ok('user-update', { id, roles: [] })
    await eventually(async () => client.no('site-list-request', {}, 'forbidden'))
  })

  it('a role that gains and loses a permission, for everybody who holds it', async () => {
    const one = await wire.actor({ can: ['read-user'] })
    const two = await wire.actor({ user: { roles: [one.roleId] } })
    for (const { client } of [one, two]) await client.no('site-list-request', {}, 'forbidden')
    await wire.admin.ok('role-add-permission', { id: one.roleId, permissionId: 'read-sites' })
    for (const { client } of [one, two]) await eventually(async () => client.ok('site-list-request'))
    await wire.admin.ok('role-update', { id: one.roleId, permissions: ['read-user'] })
    for (const { client } of [one, two]) await eventually(async () => client.no('site-list-request', {}, 'forbidden'))
  })

  it('a direct grant and a deny', async () => {
    const { id, client } = await wire.actor()
    await client.no('site-list-request', {}, 'forbidden')
    await wire.admin.ok('user-add-permission', { id, permissionId: 'read-sites' })
    await eventually(async () => client.ok('site-list-request'))
    await wire.admin.ok('user-add-permission', { id, permissionId: 'read-sites', deny: true })
    await eventually(async () => client.no('site-list-request', {}, 'forbidden'))
  })

  it('a permission taken from the only role', async () => {
    const site = await wire.make('site')
    const { roleId, client } = await wire.actor({ can: ['read-site'] })
    await client.ok('site-get', { id: site })
    await wire.admin.ok('role-remove-permission', { id: roleId, permissionId: 'read-site' })
    await eventually(async () => client.no('site-get', { id: site }, 'forbidden'))
  })

  it('a user who moves to another department is seen by who holds that one', async () => {
    const [one, two] = [await wire.make('department'), await wire.make('department')]
    const userId = await wire.make('user', { departmentId: one })
    const { client } = await wire.actor({ can: [{ permissionId: 'read-user', scopeId: two }] })
    await client.no('user-get', { id: userId }, 'not_found')
    await wire.admin.ok('department-add-user', { id: two, userId })
    await eventually(async () => client.ok('user-get', { id: userId }))
    await wire.admin.ok('department-remove-user', { id: two, userId })
    await eventually(async () => client.no('user-get', { id: userId }, 'not_found'))
  })
})
