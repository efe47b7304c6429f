// docs/protocol.md §5: "On create and move the old and the new row must both be in scope", and the keys that setting a relation needs.

import { expect } from 'chai'
import { onAnyDatabase } from './support/databases.ts'
import { refusal } from '../kit/replies.ts'
import { unique } from './support/wire.ts'
import type { Grant } from './support/wire.ts'

const within = (scopeId: string, ...permissions: readonly string[]): Grant[] =>
  permissions.map((permissionId) => ({ permissionId, scopeId }))
/** Everything may be read and so named: what is refused is refused for its place. */
const readers = ['read-site', 'read-department', 'read-user', 'read-role', 'read-permission'] as const

onAnyDatabase('Create within a scope', (wire) => {
  it('a department of the site may be made, one of another site or of none may not', async () => {
    const [mine, other] = [await wire.make('site'), await wire.make('site')]
    const { client } = await wire.actor({ can: [...readers, ...within(mine, 'create-department', 'update-department')] })
    expect(await client.ok('department-create', { label: 'Yes', siteId: mine })).to.have.property('id')
    for (const fields of [{ siteId: other }, { siteId: null }, {}]) {
      const id = unique('refused')
      refusal(await client.ask('department-create', { id, label: 'No', ...fields }), 'forbidden')
      refusal(await wire.admin.ask('department-get', { id }), 'not_found')
    }
  })

  it('a child of the department may be made, one of another or of none may not', async () => {
    const [mine, other] = [await wire.make('department'), await wire.make('department')]
    const child = await wire.make('department', { parentId: mine })
    const { client } = await wire.actor({ can: [...readers, ...within(mine, 'create-department', 'manage-department-hierarchy')] })
    for (const parentId of [mine, child]) await client.ok('department-create', { label: 'Yes', parentId })
    for (const fields of [{ parentId: other }, {}]) {
      const id = unique('refused')
      refusal(await client.ask('department-create', { id, label: 'No', ...fields }), 'forbidden')
      refusal(await wire.admin.ask('department-get', { id }), 'not_found')
    }
  })

  it('a user of the site may be made, one of another site or of none may not', async () => {
    const [mine, other] = [await wire.make('site'), await wire.make('site')]
    const { client } = await wire.actor({ can: [...readers, ...within(mine, 'create-user', 'update-user')] })
    const fields = (): object => ({ firstName: 'A', lastName: 'B', email: `${unique('scoped')}@example.com` })
    await client.ok('user-create', { ...fields(), siteId: mine })
    refusal(await client.ask('user-create', { ...fields(), siteId: other }), 'forbidden')
    refusal(await client.ask('user-create', { ...fields() }), 'forbidden')
  })
})

onAnyDatabase('Move within and out of a scope', (wire) => {
  it('a user: within both scopes it moves, out of or into the scope it does not', async () => {
    const [one, two, other] = [await wire.make('site'), await wire.make('site'), await wire.make('site')]
    const { client } = await wire.actor({
      can: [...readers, ...within(one, 'update-user', 'read-user'), ...within(two, 'update-user', 'read-user')],
    })
    const id = await wire.make('user', { siteId: one })
    expect(await client.ok('user-update', { id, siteId: two })).to.include({ siteId: two })
    for (const siteId of [other, null]) refusal(await client.ask('user-update', { id, siteId }), 'forbidden')
    expect(await wire.admin.ok('user-get', { id })).to.include({ siteId: two, version: 2 })
    const foreign = await wire.make('user', { siteId: other })
    refusal(await client.ask('user-update', { id: foreign, siteId: one }), 'forbidden')
    expect(await wire.admin.ok('user-get', { id: foreign })).to.include({ siteId: other, version: 1 })
  })

  it('a department: within the subtree it moves, out of or into it it does not, by every event', async () => {
    const [own, other] = [await wire.make('department'), await wire.make('department')]
    const [left, right] = [await wire.make('department', { parentId: own }), await wire.make('department', { parentId: own })]
    const foreign = await wire.make('department', { parentId: other })
    const { client } = await wire.actor({
      can: [...readers, ...within(own, 'manage-department-hierarchy', 'update-department', 'read-department')],
    })
    await client.ok('department-parent-set', { id: left, parentId: right })
    await client.ok('department-add-child', { id: own, childId: left })
    const attempts = [
      ['department-parent-set', { id: left, parentId: other }],
      ['department-parent-remove', { id: left }],
      ['department-update', { id: left, parentId: other }],
      ['department-update', { id: left, parentId: null }],
      ['department-remove-child', { id: own, childId: left }],
      ['department-add-child', { id: other, childId: left }],
      ['department-add-child', { id: own, childId: foreign }],
      ['department-parent-set', { id: foreign, parentId: own }],
    ] as const
    for (const [event, payload] of attempts) refusal(await client.ask(event, payload), 'forbidden')
    expect(await wire.admin.ok('department-get', { id: left })).to.include({ parentId: own })
    expect(await wire.admin.ok('department-get', { id: foreign })).to.include({ parentId: other, version: 1 })
  })

  it('department-add-user does not take a user of a department out of scope', async () => {
    const [own, other] = [await wire.make('department'), await wire.make('department')]
    const child = await wire.make('department', { parentId: own })
    const [inside, foreign] = [await wire.make('user', { departmentId: own }), await wire.make('user', { departmentId: other })]
    const { client } = await wire.actor({ can: [...readers, ...within(own, 'manage-department-users')] })
    await client.ok('department-add-user', { id: child, userId: inside })
    refusal(await client.ask('department-add-user', { id: own, userId: foreign }), 'forbidden')
    refusal(await client.ask('department-add-user', { id: other, userId: inside }), 'forbidden')
    expect(await wire.admin.ok('user-get', { id: foreign })).to.include({ departmentId: other, version: 1 })
    expect(await wire.admin.ok('user-get', { id: inside })).to.include({ departmentId: child })
  })
})

onAnyDatabase('"setting parentId, managerId, siteId, departmentId, roles, permissions by create or update needs the relation\'s key as well"', (wire) => {
  it('department: parentId needs manage-department-hierarchy', async () => {
    const parentId = await wire.make('department')
    const id = await wire.make('department')
    const { client } = await wire.actor({ can: [...readers, 'create-department', 'update-department'] })
    for (const [event, payload] of [['department-create', { label: 'No', parentId }], ['department-update', { id, parentId }]] as const) {
      expect(refusal(await client.ask(event, payload), 'forbidden').details).to.deep.equal({ permission: 'manage-department-hierarchy' })
    }
    const full = await wire.actor({ can: [...readers, 'create-department', 'update-department', 'manage-department-hierarchy'] })
    await full.client.ok('department-create', { label: 'Yes', parentId })
    await full.client.ok('department-update', { id, parentId })
  })

  it('department: managerId needs manage-department-users', async () => {
    const managerId = await wire.make('user')
    const id = await wire.make('department')
    const { client } = await wire.actor({ can: [...readers, 'create-department', 'update-department'] })
    for (const [event, payload] of [['department-create', { label: 'No', managerId }], ['department-update', { id, managerId }]] as const) {
      expect(refusal(await client.ask(event, payload), 'forbidden').details).to.deep.equal({ permission: 'manage-department-users' })
    }
    const full = await wire.actor({ can: [...readers, 'create-department', 'update-department', 'manage-department-users'] })
    await full.client.ok('department-create', { label: 'Yes', managerId })
    await full.client.ok('department-update', { id, managerId })
  })

  it('department: siteId on create needs update-department', async () => {
    const siteId = await wire.make('site')
    const { client } = await wire.actor({ can: [...readers, 'create-department'] })
    expect(refusal(await client.ask('department-create', { label: 'No', siteId }), 'forbidden').details).to.deep.equal({
      permission: 'update-department',
    })
    const full = await wire.actor({ can: [...readers, 'create-department', 'update-department'] })
    await full.client.ok('department-create', { label: 'Yes', siteId })
  })

  const person = (): object => ({ firstName: 'A', lastName: 'B', email: `${unique('keyed')}@example.com` })

  it('user: siteId, departmentId and roles on create need more than create-user', async () => {
    const { client } = await wire.actor({ can: [...readers, 'create-user'] })
    const full = await wire.actor({ can: [...readers, 'create-user', 'update-user', 'manage-department-users'] })
    for (const fields of [
      { siteId: await wire.make('site') }, { departmentId: await wire.make('department') }, { roles: [await wire.make('role')] },
    ]) {
      refusal(await client.ask('user-create', { ...person(), ...fields }), 'forbidden')
      await full.client.ok('user-create', { ...person(), ...fields })
    }
  })

  it('role: permissions on create needs update-role', async () => {
    const { client } = await wire.actor({ can: [...readers, 'create-role', 'read-sites'] })
    expect(refusal(await client.ask('role-create', { label: 'No', permissions: ['read-sites'] }), 'forbidden').details).to.deep.equal({
      permission: 'update-role',
    })
    const full = await wire.actor({ can: [...readers, 'create-role', 'update-role', 'read-sites'] })
    await full.client.ok('role-create', { label: 'Yes', permissions: ['read-sites'] })
  })

  it('a relation key alone does not open the update', async () => {
    const id = await wire.make('department')
    const { client } = await wire.actor({ can: ['manage-department-hierarchy', 'manage-department-users'] })
    expect(refusal(await client.ask('department-update', { id, parentId: await wire.make('department') }), 'forbidden').details)
      .to.deep.equal({ permission: 'update-department' })
  })
})
