// permission-explain names nothing that the asker may not read, and asks for both keys.
import { expect } from 'chai'
import { onHouse } from '../auth/on-house.ts'
import type { Session } from '../kit/test-server.ts'
import { explain, made, roleOf, someone, world, type World } from './world.ts'

onHouse('permission-explain, by those who may not read everything', (house) => {
  let at: World
  let asker: Session
  before(async () => {
    at = await world(house)
    asker = await house.enter({ can: ['read-permissions', 'read-user'] })
  })

  it('needs read-permissions everywhere, and read-user but for oneself', async () => {
    const who = await someone(house)
    const payload = { userId: who, event: 'site-create' }
    const refused = async (can: readonly unknown[], payloadOf = payload) =>
      (await house.no('forbidden', 'permission-explain', payloadOf, await house.enter({ can }))).details
    expect(await refused(['read-user'])).to.deep.equal({ permission: 'read-permissions' })
    const scoped = { permissionId: 'read-permissions', scopeId: at.top }
    expect(await refused(['read-user', scoped])).to.deep.equal({ permission: 'read-permissions' })
    expect(await refused(['read-permissions'])).to.deep.equal({ permission: 'read-user' })
    const self = await house.enter({ can: ['read-permissions'] })
    expect((await explain(house, self.id, ['site-create'], self)).missing).to.equal('manage-sites')
    await house.no('unauthenticated', 'permission-explain', payload)
  })

  it('an API token is one\'s own self with `profile` alone', async () => {
    const by = await house.enter({ can: ['read-permissions', 'read-user', 'read-config'] })
    const asked: [string, Record<string, unknown>][] = [
      ['permission-held', { userId: by.id }], ['permission-explain', { userId: by.id, event: 'config-list-request' }],
      ['permission-explain', { userId: by.id, event: 'user-get', id: by.id }],
    ]
    for (const [permissions, isAnswered] of [
      [['read-permissions'], false], [['read-permissions', 'profile'], true], [['read-permissions', 'read-user'], true],
    ] as const) {
      const token = String((await house.ok('auth-token-create', { name: 'some', permissions: [...permissions] }, by))['token'])
      for (const [event, payload] of asked) {
        if (isAnswered) await house.ok(event, payload, { token })
        else expect((await house.no('forbidden', event, payload, { token })).details).to.deep.equal({ permission: 'read-user' })
      }
    }
  })

  it('a user or a row that they may not read is one that there is not', async () => {
    const near = await house.enter({ can: ['read-permissions', { permissionId: 'read-user', scopeId: at.top }] })
    const [in_, out] = [await someone(house, { departmentId: at.sub }), await someone(house)]
    expect((await explain(house, in_, ['site-create'], near)).allowed).to.equal(false)
    await house.no('not_found', 'permission-explain', { userId: out, event: 'site-create' }, near)
    await house.no('not_found', 'permission-explain', { userId: in_, event: 'user-get', id: out }, near)
    await house.no('not_found', 'permission-explain', { userId: in_, event: 'site-get', id: at.site }, near)
    await house.no('not_found', 'permission-explain', { userId: in_, event: 'group-add-user', id: at.group }, near)
  })

  it('hides roles, scopes and ways, and tells the rest', async () => {
    const who = await someone(house, {
      can: [{ permissionId: 'update-user', scopeId: at.top }], direct: [{ permissionId: 'update-user', scopeId: at.site, deny: true }],
    })
    const them = await someone(house, { departmentId: at.sub, siteId: at.site })
    const told = await explain(house, who, ['user-update', them], asker)
    expect(told.reply).to.include({ allowed: false, missing: 'update-user' })
    expect(told.grants).to.deep.equal([
      { key: 'update-user', scope: { hidden: true }, from: { resource: 'role', hidden: true }, reaches: true },
    ])
    expect(told.denies).to.deep.equal([{ key: 'update-user', scope: { hidden: true }, from: null, reaches: true }])
    expect(told.scopes).to.deep.equal([
      { hidden: true, field: 'siteId', path: [] }, { hidden: true, field: 'departmentId', path: [] },
    ])
    const text = JSON.stringify(told.reply)
    for (const secret of [at.site, at.top, at.sub, 'Paris', 'Top', await roleOf(house, who)]) expect(text).to.not.include(secret)
  })

  it('tells of a way what they may read of it', async () => {
    const reader = await house.enter({
      can: ['read-permissions', 'read-user', 'read-role', { permissionId: 'read-department', scopeId: at.sub }],
    })
    const who = await someone(house, { can: [{ permissionId: 'read-user', scopeId: at.top }] })
    const them = await someone(house, { departmentId: at.sub })
    const told = await explain(house, who, ['user-get', them], reader)
    expect(told.scopes).to.deep.equal([{ hidden: true, field: 'departmentId', path: [at.sub] }])
    expect(told.grants).to.deep.equal([
      { key: 'read-user', scope: { hidden: true }, from: { resource: 'role', id: await roleOf(house, who), label: who }, reaches: true },
    ])
  })

  it('hides the scope of what is not covered, and the row that a link is about', async () => {
    const who = await someone(house, { can: ['delete-role'] })
    const role = await made(house, 'role-create', { label: 'Hidden scope', permissions: [{ permissionId: 'read-group', scopeId: at.top }] })
    const reader = await house.enter({ can: ['read-permissions', 'read-user', 'read-role'] })
    expect((await explain(house, who, ['role-delete', role], reader)).rules).to.deep.equal([
      { rule: 'covers', effect: 'deny', key: 'read-group', scope: { hidden: true } },
    ])
    await house.ok('group-add-responsible', { id: at.group, userId: who }, house.admin)
    const hidden = { resource: 'group', hidden: true }
    expect((await explain(house, who, ['group-update'], asker)).grants).to.deep.equal([
      { key: 'update-group', scope: null, row: hidden, from: { ...hidden, relation: 'responsibles' }, reaches: true },
    ])
  })

  it('an API token asks within its keys, and its limits are no matter of whom it asks about', async () => {
    const { token } = await house.ok('auth-token-create', { name: 'Audit', permissions: ['read-permissions', 'read-user'] }, house.admin)
    const script = { token: String(token) }
    const told = await explain(house, house.admin.id, ['site-update', at.site], house.admin)
    expect(told.allowed).to.equal(true)
    await house.no('not_found', 'permission-explain', { userId: house.admin.id, event: 'site-update', id: at.site }, script)
    const { allowed, grants } = await explain(house, house.admin.id, ['site-update'], script)
    expect(allowed).to.equal(true)
    expect(grants).to.deep.equal([{ key: 'root', scope: null, from: { resource: 'role', hidden: true }, reaches: true }])
  })
})
