// permission-held: all that someone holds, where it reaches and what it comes from, as far as who asks may read it.
import { expect } from 'chai'
import { onHouse } from '../auth/on-house.ts'
import { rows, type Row } from '../kit/replies.ts'
import { made, world, type World } from './world.ts'

onHouse('permission-held', (house) => {
  let at: World
  before(async () => {
    at = await world(house)
  })

  const department = (id: string, label: string): Row => ({ resource: 'department', id, label })

  it('names each key with its scopes, and each grant with what it comes from', async () => {
    const role = await made(house, 'role-create', {
      label: 'Clerk', permissions: ['read-sites', { permissionId: 'read-user', scopeId: at.sub }],
    })
    const { id } = await house.person({ roles: [role], direct: [{ permissionId: 'read-user', scopeId: at.top }, 'read-groups'] })
    await house.ok('user-add-permission', { id, permissionId: 'read-groups', deny: true }, house.admin)
    await house.ok('group-add-responsible', { id: at.group, userId: id }, house.admin)
    const { keys, grants, denies, ended } = await house.ok('permission-held', { userId: id }, house.admin)
    const group = { resource: 'group', id: at.group, label: 'Runners' }
    const [onGroup, clerk] = [{ scopes: [], except: [], rows: [group] }, { resource: 'role', id: role, label: 'Clerk' }]
    expect(ended).to.equal(undefined)
    const byKey = rows(keys).map((each) => ({ ...each, ...(each['scopes'] === null ? {} : { scopes: new Set(rows(each['scopes'])) }) }))
    expect(byKey).to.deep.equal([
      { key: 'manage-group-members', ...onGroup, scopes: new Set() }, { key: 'manage-group-responsibles', ...onGroup, scopes: new Set() },
      { key: 'read-group', ...onGroup, scopes: new Set() },
      { key: 'read-sites', scopes: null, except: [], rows: [] },
      { key: 'read-user', scopes: new Set([department(at.top, 'Top'), department(at.sub, 'Sub')]), except: [], rows: [] },
      { key: 'update-group', ...onGroup, scopes: new Set() },
    ])
    expect(rows(grants)).to.deep.include.members([
      { key: 'read-sites', scope: null, from: clerk }, { key: 'read-user', scope: department(at.sub, 'Sub'), from: clerk },
      { key: 'read-user', scope: department(at.top, 'Top'), from: null },
      { key: 'read-group', scope: null, row: group, from: { ...group, relation: 'responsibles' } },
    ])
    expect(denies).to.deep.equal([{ key: 'read-groups', scope: null, from: null }])
  })

  it('says what auth-me says to oneself, and that a suspended account may not act', async () => {
    const by = await house.enter({ can: ['read-permissions', 'read-sites'] })
    const keysOf = (reply: Row): unknown[] => rows(reply['keys']).map(({ key }) => key)
    expect(keysOf(await house.ok('permission-held', { userId: by.id }, by))).to.deep.equal(keysOf(await house.ok('auth-me', {}, by)))
    await house.ok('user-update', { id: by.id, status: 'suspended' }, house.admin)
    expect(await house.ok('permission-held', { userId: by.id }, house.admin)).to.include({ ended: 'suspended' })
  })

  it('hides what the asker may not read, and is refused without the keys', async () => {
    const { id } = await house.person({ can: [{ permissionId: 'read-user', scopeId: at.sub }] })
    const asker = await house.enter({ can: ['read-permissions', 'read-user'] })
    const { keys, grants } = await house.ok('permission-held', { userId: id }, asker)
    expect(keys).to.deep.equal([{ key: 'read-user', scopes: [{ hidden: true }], except: [], rows: [] }])
    expect(grants).to.deep.equal([{ key: 'read-user', scope: { hidden: true }, from: { resource: 'role', hidden: true } }])
    expect(JSON.stringify([keys, grants])).to.not.include(at.sub)
    const own = await house.enter({ can: ['read-permissions'] })
    expect((await house.no('forbidden', 'permission-held', { userId: id }, own)).details).to.deep.equal({ permission: 'read-user' })
    const none = await house.enter({ can: ['read-user'] })
    await house.no('forbidden', 'permission-held', { userId: none.id }, none)
    const far = await house.enter({ can: ['read-permissions', { permissionId: 'read-user', scopeId: at.sub }] })
    await house.no('not_found', 'permission-held', { userId: id }, far)
    await house.no('not_found', 'permission-held', { userId: 'none' }, house.admin)
  })
})
