// A requestId that comes again: its first reply, as far as whoever asks now may have it. Never twice the work, never more
// than a narrower session may read.
import { expect } from 'chai'
import { text, type Row } from '../kit/replies.ts'
import { unique, type Session } from '../kit/test-server.ts'
import { onEachHouse } from './on-house.ts'

onEachHouse('repeated requests', (house) => {
  const narrow = async (by: Session, permissions: readonly string[]): Promise<{ readonly token: string }> =>
    ({ token: text((await house.ok('auth-token-create', { name: 'narrow', permissions }, by))['token']) })

  const can = ['create-user', 'read-user', 'manage-mfa', 'update-user', 'create-group', 'update-group', 'read-group', 'manage-group-members', 'delete-group']

  const newUser = (): Row =>
    ({ firstName: 'Some', lastName: 'Body', email: `${unique('twice')}@example.com`, requestId: unique('request') })

  it('a reply of a row holds what the present caller may read of it, and no more', async () => {
    const by = await house.enter({ can })
    const payload = newUser()
    const first = await house.ok('user-create', payload, by)
    expect(first).to.include.keys('email', 'mfaEnabled')
    expect(await house.ok('user-create', payload, by)).to.deep.equal(first)
    expect(await house.ok('user-create', payload, await house.login(by)), 'another whole session').to.deep.equal(first)
    const { mfaEnabled: _one, mfaType: _two, ...plain } = first
    expect(await house.ok('user-create', payload, await narrow(by, ['create-user', 'read-user']))).to.deep.equal(plain)
    expect(await house.ok('user-create', payload, await narrow(by, ['create-user']))).to.deep.equal({
      id: first['id'], requestId: payload['requestId'],
    })
    for (const keys of [[], ['profile'], ['read-user']]) await house.no('forbidden', 'user-create', payload, await narrow(by, keys))
    expect(await house.sql('select count(*)::int as n from users where email = ?', [text(payload['email'])])).to.deep.equal([{ n: 1 }])
  })

  it('an update is answered again to those who hold its key, or whose own row it was', async () => {
    const [by, other] = [await house.enter({ can: ['read-user', 'update-user'] }), (await house.person()).id]
    const item = { id: other, picture: 'https://example.com/a.png' }
    const requests: [string, Row][] = [
      ['user-update', { ...item, requestId: unique('request') }], ['user-update-many', { items: [item], requestId: unique('request') }],
    ]
    const own: Row = { id: by.id, locale: 'fr', requestId: unique('request') }
    const first = await house.ok('user-update', own, by)
    for (const [event, payload] of requests) await house.ok(event, payload, by)
    for (const [event, payload] of requests) await house.no('forbidden', event, payload, await narrow(by, ['profile', 'read-user']))
    const roles = await house.ok('user-roles-request', { id: by.id }, house.admin)
    for (const { id: roleId } of roles['items'] as Row[]) await house.ok('user-remove-role', { id: by.id, roleId }, house.admin)
    for (const [event, payload] of requests) await house.no('forbidden', event, payload, by)
    expect(await house.ok('user-update', own, by)).to.include({ id: first['id'], locale: 'fr' })
  })

  it('updates, links and deletions alike; nothing is done twice', async () => {
    const by = await house.enter({ can })
    const [id, userId] = [unique('group'), (await house.person()).id]
    const requests: readonly (readonly [string, Row, readonly string[]])[] = [
      ['group-create', { id, name: 'Choir' }, ['create-group']],
      ['group-update', { id, name: 'Band', description: 'Loud' }, ['update-group']],
      ['group-add-user', { id, userId }, ['manage-group-members']],
    ]
    for (const [event, fields, keys] of requests) {
      const payload = { ...fields, requestId: unique('request') }
      const first = await house.ok(event, payload, by)
      expect(first).to.include.keys('name')
      expect(await house.ok(event, payload, await narrow(by, keys)), event).to.deep.equal({ id, requestId: payload.requestId })
      expect(await house.ok(event, payload, await narrow(by, [...keys, 'read-group'])), event).to.deep.equal(first)
    }
    expect(await house.ok('group-get', { id }, by)).to.include({ version: 3 })
    const payload = { id, requestId: unique('request') }
    const deleted = await house.ok('group-delete', payload, by)
    expect(await house.ok('group-delete', payload, await narrow(by, ['delete-group']))).to.deep.equal(deleted)
  })

  it('of a row that is gone, the session that was told it is told it again; another only its id', async () => {
    const by = await house.enter({ can })
    const payload = { id: unique('group'), name: 'Choir', requestId: unique('request') }
    const first = await house.ok('group-create', payload, by)
    await house.ok('group-delete', { id: payload.id }, by)
    expect(await house.ok('group-create', payload, by)).to.deep.equal(first)
    expect(await house.ok('group-create', payload, await narrow(by, ['create-group', 'read-group']))).to.deep.equal({
      id: payload.id, requestId: payload.requestId,
    })
    await house.no('not_found', 'group-get', { id: payload.id }, by)
  })

  it('a right that was taken since is not in the repetition', async () => {
    const by = await house.enter({ can: ['create-user', 'read-user'] })
    const payload = newUser()
    const first = await house.ok('user-create', payload, by)
    const [link] = await house.sql('select role_id from user_roles where user_id = ?', [by.id])
    await house.ok('role-remove-permission', { id: link?.['role_id'], permissionId: 'read-user' }, house.admin)
    expect(await house.ok('user-create', payload, by)).to.deep.equal({ id: first['id'], requestId: payload['requestId'] })
    await house.ok('role-remove-permission', { id: link?.['role_id'], permissionId: 'create-user' }, house.admin)
    await house.no('forbidden', 'user-create', payload, by)
  })

  it("what a plugin answered goes to the user's sessions, and to an API token only if it was its own", async () => {
    const by = await house.enter({ can: ['update-config', 'read-config'] })
    const payload = { key: unique('probe'), value: 1, requestId: unique('request') }
    const first = await house.ok('config-update', payload, by)
    expect(await house.ok('config-update', payload, await house.login(by))).to.deep.equal(first)
    const token = await narrow(by, ['update-config'])
    expect((await house.no('conflict', 'config-update', payload, token)).details).to.deep.equal({ reason: 'already_done' })
    const own = { ...payload, value: 2, requestId: unique('request') }
    expect(await house.ok('config-update', own, token)).to.deep.equal(await house.ok('config-update', own, token))
  })

  it('an event that no API token may call gives it no reply either', async () => {
    const by = await house.enter()
    const other = await house.login(by)
    const payload = { id: other.sessionId, requestId: unique('request') }
    await house.ok('auth-session-revoke', payload, by)
    await house.no('conflict', 'auth-session-revoke', payload, await narrow(by, ['profile']))
  })
})
