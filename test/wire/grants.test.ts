// docs/protocol.md §3.4: roles of users, permissions of roles and of users.

import { expect } from 'chai'
import { onAnyDatabase } from './support/databases.ts'
import { expectExactly, refusal } from '../kit/replies.ts'
import { eventually } from './support/wire.ts'

onAnyDatabase('Roles of users', (wire) => {
  it('add, list, remove; twice and none change nothing', async () => {
    const id = await wire.make('user')
    const [one, two] = [await wire.make('role'), await wire.make('role')]
    expect(await wire.admin.ok('user-remove-role', { id, roleId: one })).to.include({ version: 1 })
    expect(await wire.admin.ok('user-add-role', { id, roleId: one })).to.deep.include({ roles: [one], version: 2 })
    expect(await wire.admin.ok('user-add-role', { id, roleId: one })).to.include({ version: 2 })
    await wire.admin.ok('user-add-role', { id, roleId: two })
    expectExactly(await wire.admin.ok('user-roles-request', { id }), [one, two])
    await wire.admin.ok('user-remove-role', { id, roleId: one })
    expectExactly(await wire.admin.ok('user-roles-request', { id }), [two])
  })

  it('a role or user that does not exist is refused', async () => {
    refusal(await wire.admin.ask('user-add-role', { id: await wire.make('user'), roleId: 'no-such-role' }), 'not_found')
    refusal(await wire.admin.ask('user-add-role', { id: 'nobody', roleId: await wire.make('role') }), 'not_found')
    refusal(await wire.admin.ask('user-roles-request', { id: 'nobody' }), 'not_found')
  })
})

onAnyDatabase('Permissions of roles', (wire) => {
  it('"removes exactly the grant with that scopeId (none given: the unscoped one)"', async () => {
    const [site, department] = [await wire.make('site'), await wire.make('department')]
    const inSite = { permissionId: 'read-site', scopeId: site }
    const inDepartment = { permissionId: 'read-site', scopeId: department }
    const id = await wire.make('role')
    for (const grant of [{ permissionId: 'read-site' }, inSite, inDepartment]) await wire.admin.ok('role-add-permission', { id, ...grant })
    expect((await wire.admin.ok('role-get', { id }))['permissions']).to.have.deep.members(['read-site', inSite, inDepartment])
    expect((await wire.admin.ok('role-remove-permission', { id, permissionId: 'read-site' }))['permissions']).to.have.deep.members([
      inSite, inDepartment,
    ])
    expect((await wire.admin.ok('role-remove-permission', { id, ...inSite }))['permissions']).to.deep.equal([inDepartment])
    const unchanged = await wire.admin.ok('role-get', { id })
    await wire.admin.ok('role-remove-permission', { id, ...inSite })
    await wire.admin.ok('role-remove-permission', { id, permissionId: 'read-site' })
    expect(await wire.admin.ok('role-get', { id })).to.deep.equal(unchanged)
  })

  it('adding a grant that is there changes nothing', async () => {
    const scopeId = await wire.make('site')
    const id = await wire.make('role', { permissions: ['read-site', { permissionId: 'read-site', scopeId }] })
    const before = await wire.admin.ok('role-get', { id })
    await wire.admin.ok('role-add-permission', { id, permissionId: 'read-site' })
    await wire.admin.ok('role-add-permission', { id, permissionId: 'read-site', scopeId })
    expect(await wire.admin.ok('role-get', { id })).to.deep.equal(before)
  })

  it('a role has no deny', async () => {
    const id = await wire.make('role')
    refusal(await wire.admin.ask('role-add-permission', { id, permissionId: 'read-site', deny: true }), 'invalid_payload')
    refusal(
      await wire.admin.ask('role-create', { label: 'No', permissions: [{ permissionId: 'read-site', deny: true }] }), 'invalid_payload',
    )
  })
})

onAnyDatabase('Permissions of users', (wire) => {
  it('"removes exactly the grant with that scopeId … and that deny"', async () => {
    const { id, client } = await wire.actor()
    const [mine, other] = [await wire.make('site'), await wire.make('site')]
    const may = async (site: string): Promise<boolean> => !('error' in (await client.ask('site-get', { id: site }) as object))
    const total = async (): Promise<unknown> => (await wire.admin.ok('user-permissions-request', { id }))['total']
    await wire.admin.ok('user-add-permission', { id, permissionId: 'read-site' })
    await wire.admin.ok('user-add-permission', { id, permissionId: 'read-site', scopeId: mine })
    await wire.admin.ok('user-add-permission', { id, permissionId: 'read-site', scopeId: other, deny: true })
    expect(await total()).to.equal(3)
    // What is not there with that scope and deny is not removed.
    await wire.admin.ok('user-remove-permission', { id, permissionId: 'read-site', scopeId: mine, deny: true })
    await wire.admin.ok('user-remove-permission', { id, permissionId: 'read-site', scopeId: other })
    await wire.admin.ok('user-remove-permission', { id, permissionId: 'read-site', deny: true })
    expect(await total()).to.equal(3)
    await eventually(async () => expect([await may(mine), await may(other)]).to.deep.equal([true, false]))
    await wire.admin.ok('user-remove-permission', { id, permissionId: 'read-site' })
    expect(await total()).to.equal(2)
    await wire.admin.ok('user-remove-permission', { id, permissionId: 'read-site', scopeId: other, deny: true })
    expect(await total()).to.equal(1)
    await wire.admin.ok('user-remove-permission', { id, permissionId: 'read-site', scopeId: mine })
    expect(await total()).to.equal(0)
  })

  it('adding what is there, and removing what is not, change nothing', async () => {
    const id = await wire.make('user')
    await wire.admin.ok('user-add-permission', { id, permissionId: 'read-site', deny: true })
    const before = await wire.admin.ok('user-get', { id })
    await wire.admin.ok('user-add-permission', { id, permissionId: 'read-site', deny: true })
    await wire.admin.ok('user-remove-permission', { id, permissionId: 'read-site' })
    expect(await wire.admin.ok('user-get', { id })).to.deep.equal(before)
  })

  it('deny is a boolean, permissionId and scopeId are ids', async () => {
    const id = await wire.make('user')
    for (const wrong of [
      { deny: 'true' }, { deny: 1 }, { deny: null }, { permissionId: 5 }, { permissionId: null }, { scopeId: 5 }, { scopeId: {} },
    ]) {
      refusal(await wire.admin.ask('user-add-permission', { id, permissionId: 'read-site', ...wrong }), 'invalid_payload')
    }
    refusal(await wire.admin.ask('user-add-permission', { id }), 'invalid_payload')
  })
})
