// API tokens: a subset of the user's rights, for as long as he has them, and no way to his account.
import { expect } from 'chai'
import { refusal, text, type Row } from '../kit/replies.ts'
import { otherPassword, type Session } from '../kit/test-server.ts'
import { onHouse } from './on-house.ts'

onHouse('API tokens', (house) => {
  interface Made { readonly id: string; readonly token: string }
  const make = async (by: Session, payload: Row = {}): Promise<Made> => {
    const reply = await house.ok('auth-token-create', { name: 'Backup', ...payload }, by)
    return { id: text(reply['id']), token: text(reply['token']) }
  }
  const roleOf = async (by: Session) => text((await house.sql('select role_id from user_roles where user_id = ?', [by.id]))[0]?.['role_id'])

  it('is taken wherever an access token is, with all rights when none are named', async () => {
    const by = await house.enter({ can: ['read-sites', 'manage-sites'] })
    const token = await make(by)
    await house.ok('site-list-request', {}, token)
    const socket = await house.socket(token)
    await socket.ok('site-create', { label: 'By a script' })
    expect(await socket.ok('auth-me')).to.deep.include({ session: null })
    await socket.no('user-list-request', {}, 'forbidden')
  })

  it('has the named rights alone, within what the user has', async () => {
    const by = await house.enter({ can: ['read-sites', 'manage-sites'] })
    expect((await house.no('forbidden', 'auth-token-create', { name: 'x', permissions: ['read-sites', 'read-users'] }, by)).details)
      .to.deep.equal({ permission: 'read-users' })
    const token = await make(by, { permissions: ['read-sites'] })
    await house.ok('site-list-request', {}, token)
    await house.no('forbidden', 'site-create', { label: 'x' }, token)
    await house.ok('site-create', { label: 'x' }, by)
  })

  it('a root user may make one of few rights, which is no root', async () => {
    const token = await make(house.admin, { permissions: ['read-sites', 'update-user', 'create-role', 'manage-mfa'] })
    await house.ok('site-list-request', {}, token)
    await house.no('forbidden', 'user-list-request', {}, token)
    await house.no('forbidden', 'role-create', { label: 'x', permissions: ['root'] }, token)
    const other = await house.person({ can: ['read-users'] })
    await house.no('forbidden', 'user-update', { id: other.id, email: `x-${other.email}` }, token)
  })

  it('opens no way to its own account: address, password, status, roles and factor are closed to it', async () => {
    const by = await house.enter({ can: ['update-user', 'read-user', 'manage-mfa', 'read-sites'] })
    await house.ok('auth-mfa-setup', {}, by)
    await house.ok('auth-mfa-enable', { type: 'totp' }, by)
    for (const token of [await make(by), await make(by, { permissions: ['update-user', 'manage-mfa'] })]) {
      for (const change of [{ email: `x-${by.email}` }, { password: otherPassword }, { status: 'archived' }, { roles: [] }]) {
        await house.no('forbidden', 'user-update', { id: by.id, ...change }, token)
      }
      await house.no('forbidden', 'auth-mfa-reset', { id: by.id }, token)
    }
    await house.ok('user-update', { id: by.id, firstName: 'Other' }, by)
  })

  it('is refused for every event about the account', async () => {
    const by = await house.enter()
    const token = await make(by)
    const events: Readonly<Record<string, Row>> = {
      'auth-mfa-setup': {}, 'auth-mfa-enable': { type: 'totp' }, 'auth-mfa-disable': {}, 'auth-mfa-recovery-codes': { code: '123456' },
      'auth-logout': {}, 'auth-sessions-request': {}, 'auth-session-revoke': { id: by.sessionId },
      'auth-change-password': { currentPassword: by.password, newPassword: otherPassword },
      'auth-change-email': { email: `x-${by.email}`, password: by.password },
      'auth-token-create': { name: 'Child' }, 'auth-token-list-request': {}, 'auth-token-revoke': { id: token.id },
    }
    for (const [event, payload] of Object.entries(events)) {
      expect((await house.no('forbidden', event, payload, token)).details, event).to.deep.equal({ reason: 'auth.token' })
    }
    await house.no('unauthenticated', 'auth-refresh', { refreshToken: token.token })
  })

  it("dies with the user's right: taken away, the token loses it at once", async () => {
    const by = await house.enter({ can: ['read-sites'] })
    const token = await make(by, { permissions: ['read-sites'] })
    const socket = await house.socket(token)
    await socket.ok('site-list-request')
    await house.ok('role-remove-permission', { id: await roleOf(by), permissionId: 'read-sites' }, house.admin)
    await house.no('forbidden', 'site-list-request', {}, token)
    refusal(await socket.ask('site-list-request', {}), 'forbidden')
  })

  it('a deny binds it too', async () => {
    const by = await house.enter({ can: ['read-sites'] })
    const token = await make(by, { permissions: ['read-sites'] })
    await house.ok('user-add-permission', { id: by.id, permissionId: 'read-sites', deny: true }, house.admin)
    await house.no('forbidden', 'site-list-request', {}, token)
  })

  it('revoked, it is refused at once and its open sockets end', async () => {
    const by = await house.enter({ can: ['read-sites'] })
    const [token, other] = [await make(by), await make(by)]
    const [socket, otherSocket] = [await house.socket(token), await house.socket(other)]
    expect(await house.ok('auth-token-revoke', { id: token.id }, by)).to.deep.equal({ id: token.id })
    await house.no('unauthenticated', 'site-list-request', {}, token)
    expect((await socket.hear('session-expired')).args).to.deep.equal([{ reason: 'revoked' }])
    await socket.ended()
    await otherSocket.ok('site-list-request')
    await house.no('not_found', 'auth-token-revoke', { id: token.id }, by)
    expect(await house.ok('auth-token-list-request', {}, by)).to.include({ total: 1 })
  })

  it('suspension and deletion of the user end it', async () => {
    const [suspended, deleted] = [await house.enter(), await house.enter()]
    const tokens = [await make(suspended), await make(deleted)]
    const sockets = [await house.socket(tokens[0] as Made), await house.socket(tokens[1] as Made)]
    await house.ok('user-update', { id: suspended.id, status: 'suspended' }, house.admin)
    await house.ok('user-delete', { id: deleted.id }, house.admin)
    for (const socket of sockets) await socket.hear('session-expired')
    for (const token of tokens) await house.no('unauthenticated', 'auth-me', {}, token)
  })

  it('it expires; an end in the past is refused', async () => {
    const by = await house.enter()
    await house.no('invalid_payload', 'auth-token-create', { name: 'x', expiresAt: '2020-01-01T00:00:00.000Z' }, by)
    const token = await make(by, { expiresAt: '2999-01-01T00:00:00.000Z' })
    await house.ok('auth-me', {}, token)
    await house.sql("update api_tokens set expires_at = now() - interval '1 second' where id = ?", [token.id])
    await house.no('unauthenticated', 'auth-me', {}, token)
  })

  it('an open socket ends at its expiry', async () => {
    const by = await house.enter()
    const token = await make(by, { expiresAt: new Date(Date.now() + 1500).toISOString() })
    const socket = await house.socket(token)
    expect((await socket.hear('session-expired')).args).to.deep.equal([{ reason: 'expired' }])
  })

  it('nobody lists or revokes those of others; only hashes are stored', async () => {
    const [by, other] = [await house.enter(), await house.enter()]
    const token = await make(other)
    await house.no('not_found', 'auth-token-revoke', { id: token.id }, by)
    expect(await house.ok('auth-token-list-request', {}, by)).to.include({ total: 0 })
    expect(JSON.stringify(await house.sql('select * from api_tokens'))).to.not.include(token.token.slice(4))
  })
})
