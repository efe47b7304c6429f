// docs/protocol.md §3.3 and §5: what is particular to permissions and roles as rows.

import { expect } from 'chai'
import { onAnyDatabase } from './support/databases.ts'
import { keys } from './support/keys.ts'
import { refusal } from '../kit/replies.ts'
import { unique } from './support/wire.ts'

onAnyDatabase('Permissions', (wire) => {
  for (const key of ['root', ...keys]) {
    it(`"Keys named by definitions … are put into the permission table at start (their id is the key …) and cannot be deleted": ${key}`, async () => {
      expect(await wire.admin.ok('permission-get', { id: key })).to.include({ id: key, permissionKey: key })
      refusal(await wire.admin.ask('permission-delete', { id: key }), 'conflict')
      expect(await wire.admin.ok('permission-get', { id: key })).to.include({ permissionKey: key })
    })
  }

  it('permissionKey is unique', async () => {
    const permissionKey = unique('only')
    await wire.admin.ok('permission-create', { permissionKey })
    refusal(await wire.admin.ask('permission-create', { permissionKey }), 'conflict')
    refusal(await wire.admin.ask('permission-create', { permissionKey: 'root' }), 'conflict')
  })

  it('permissionKey is "never changed after create"', async () => {
    const id = await wire.make('permission')
    refusal(await wire.admin.ask('permission-update', { id, permissionKey: unique('renamed') }), 'invalid_payload')
    expect(await wire.admin.ok('permission-get', { id })).to.include({ permissionKey: id, version: 1 })
  })

  it('"1–64 of [a-z0-9_-]": both lengths', async () => {
    const end = unique('k')
    for (const permissionKey of [`${end}${'_'.repeat(64)}`.slice(0, 64), '0', '-', '_']) {
      const { id } = await wire.admin.ok('permission-create', { permissionKey })
      await wire.admin.ok('permission-delete', { id })
    }
  })
})

onAnyDatabase('Roles', (wire) => {
  it('permissions are "read back in the same form": an id everywhere, { permissionId, scopeId } within a scope', async () => {
    const scopeId = await wire.make('site')
    const department = await wire.make('department')
    const permissions = [
      'read-sites', { permissionId: 'read-site', scopeId }, { permissionId: 'read-site', scopeId: department }, 'read-user',
    ]
    const id = await wire.make('role', { permissions })
    expect((await wire.admin.ok('role-get', { id }))['permissions']).to.have.deep.members(permissions)
  })

  it('permissions on update "replaces the set"', async () => {
    const id = await wire.make('role', { permissions: ['read-sites', 'read-site'] })
    expect((await wire.admin.ok('role-update', { id, permissions: ['read-site', 'read-user'] }))['permissions']).to.have.deep.members([
      'read-site', 'read-user',
    ])
    expect((await wire.admin.ok('role-update', { id, label: 'Kept' }))['permissions']).to.have.deep.members(['read-site', 'read-user'])
    expect((await wire.admin.ok('role-update', { id, permissions: [] }))['permissions']).to.deep.equal([])
  })

  it('"An unknown scopeId is invalid_payload", on create, update and add', async () => {
    const id = await wire.make('role')
    const unknown = { permissionId: 'read-sites', scopeId: 'no-such-scope' }
    refusal(await wire.admin.ask('role-create', { label: 'No', permissions: [unknown] }), 'invalid_payload')
    refusal(await wire.admin.ask('role-update', { id, permissions: [unknown] }), 'invalid_payload')
    refusal(await wire.admin.ask('role-add-permission', { id, ...unknown }), 'invalid_payload')
    refusal(await wire.admin.ask('user-add-permission', { id: await wire.make('user'), ...unknown }), 'invalid_payload')
    refusal(
      await wire.admin.ask('role-add-permission', { id, permissionId: 'read-sites', scopeId: await wire.make('group') }), 'invalid_payload',
    )
    expect(await wire.admin.ok('role-get', { id })).to.deep.include({ permissions: [], version: 1 })
  })

  it('a permission that does not exist is refused', async () => {
    const id = await wire.make('role')
    refusal(await wire.admin.ask('role-update', { id, permissions: ['no-such-key'] }), 'invalid_payload')
    refusal(await wire.admin.ask('role-add-permission', { id, permissionId: 'no-such-key' }), 'not_found')
    expect(await wire.admin.ok('role-get', { id })).to.deep.include({ permissions: [], version: 1 })
  })

  it('an item is the permission\'s id, not its key, where they differ', async () => {
    const { id: permissionId } = await wire.admin.ok('permission-create', { permissionKey: unique('differs') })
    const id = await wire.make('role', { permissions: [permissionId] })
    expect((await wire.admin.ok('role-get', { id }))['permissions']).to.deep.equal([permissionId])
  })
})
