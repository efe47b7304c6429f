// invitation-fetch and invitation-accept: the account that comes of it, and tokens that open nothing.
import { expect } from 'chai'
import { onAnyDatabase } from '../kit/databases.ts'
import { faultPaths, refusal, row, text, type Row } from '../kit/replies.ts'
import { password, World, type Session } from './world.ts'

onAnyDatabase('invitations: accept', (kind) => {
  const world = new World(kind)
  before(() => world.open())
  after(() => world.close())

  it('the link of the mail leads to an account with the invitation\'s role, site and department', async () => {
    const [siteId, departmentId, role] = [
      await world.make('site'), await world.make('department'), await world.make('role', { permissions: ['read-users'] }),
    ]
    const { id, email } = await world.invite({ siteId, departmentId, role })
    const [letter] = await world.letters(email)
    const token = letter?.token ?? ''
    const form = await world.ok('invitation-fetch', { token })
    expect(form).to.deep.equal({
      email, firstName: 'Ada', lastName: 'Byron', role: `Label of ${role}`, expiresAt: (await world.listed(id))['expiresAt'],
    })

    const reply = await world.ok('invitation-accept', { token, password })
    expect(row(reply['user'])).to.include({
      email, firstName: 'Ada', lastName: 'Byron', siteId, departmentId, status: 'active', emailVerified: true,
    })
    expect(row(reply['user'])['roles']).to.deep.equal([role])
    const me = await world.ok('auth-me', {}, { token: text(reply['accessToken']) })
    expect(row(me['user'])).to.include({ email })
    await world.ok('user-list-request', {}, { token: text(reply['accessToken']) })
    await world.ok('auth-refresh', { refreshToken: text(reply['refreshToken']) })
    expect(await world.login({ id: '', email, password })).to.include({ email })
    expect(await world.listed(id)).to.include({ status: 'accepted' })
  })

  it('the token of the reply opens an account too, but proves no address', async () => {
    const { token } = await world.invite()
    expect(await world.accept(token)).to.include({ emailVerified: false, siteId: null, departmentId: null })
  })

  it('names come from the invitation, unless others are given; both must come from somewhere', async () => {
    const named = await world.invite()
    expect(await world.accept(named.token, { firstName: 'Augusta' })).to.include({ firstName: 'Augusta', lastName: 'Byron' })
    const bare = await world.ok('invitation-create', { email: world.address() }, world.admin)
    const token = text(bare['token'])
    expect(await world.ok('invitation-fetch', { token })).to.include({ firstName: null, lastName: null, role: null })
    expect(faultPaths(await world.no('invalid_payload', 'invitation-accept', { token, password }))).to.have.members([
      'firstName', 'lastName',
    ])
    expect(await world.accept(token, { firstName: 'A', lastName: 'B' })).to.include({ firstName: 'A', lastName: 'B' })
  })

  it('the password keeps to the policy, and a refusal spends nothing', async () => {
    const { token } = await world.invite()
    for (const wrong of ['short', 'password', 'x'.repeat(80), ' '.repeat(10)]) {
      expect(faultPaths(await world.no('invalid_payload', 'invitation-accept', { token, password: wrong }))).to.include('password')
    }
    await world.no('invalid_payload', 'invitation-accept', { token, password, roles: ['administrators'] })
    await world.accept(token)
  })

  it('an address that somebody has taken meanwhile is a conflict, and nothing is spent', async () => {
    const { id, token, email } = await world.invite()
    const { id: taker } = await world.ok('user-create', { firstName: 'T', lastName: 'T', email }, world.admin)
    expect((await world.no('conflict', 'invitation-accept', { token, password })).details).to.deep.equal({ fields: ['email'] })
    expect(await world.listed(id)).to.include({ status: 'pending' })
    await world.ok('user-delete', { id: taker }, world.admin)
    await world.accept(token)
  })

  const expectNothing = async (token: string): Promise<void> => {
    const unknown = {
      fetch: await world.no('not_found', 'invitation-fetch', { token: 'x'.repeat(43) }),
      accept: await world.no('not_found', 'invitation-accept', { token: 'x'.repeat(43), password }),
    }
    const bare = ({ requestId: _, ...error }: { readonly requestId: string }) => error
    expect(bare(await world.no('not_found', 'invitation-fetch', { token }))).to.deep.equal(bare(unknown.fetch))
    // Whatever the password: who has no token learns nothing of the policy.
    for (const secret of [password, 'x']) {
      expect(bare(await world.no('not_found', 'invitation-accept', { token, password: secret }))).to.deep.equal(bare(unknown.accept))
    }
  }

  it('unknown, accepted, revoked and expired tokens are alike', async () => {
    const [accepted, revoked, expired] = [await world.invite(), await world.invite(), await world.invite()]
    await world.accept(accepted.token)
    await world.ok('invitation-revoke', { id: revoked.id }, world.admin)
    await world.makeOverdue(expired.id)
    for (const { token, email } of [accepted, revoked, expired]) {
      await expectNothing(token)
      for (const letter of await world.letters(email)) await expectNothing(letter.token)
    }
    for (const token of ['', 1, null, undefined, {}, 'x'.repeat(257)]) {
      refusal(await world.ask('invitation-fetch', { token }), 'invalid_payload')
      refusal(await world.ask('invitation-accept', { token, password }), 'invalid_payload')
    }
  })

  const users = async (email: string): Promise<Row[]> => world.sql('select id from users where email = ?', [email])

  it('a suspended or archived author\'s invitations are void', async () => {
    for (const status of ['suspended', 'archived']) {
      const author = await world.enter({ direct: ['create-invitation'] })
      const { id, token, email } = await world.invite({}, author)
      await world.ok('user-update', { id: author.id, status }, world.admin)
      await expectNothing(token)
      expect((await world.no('conflict', 'invitation-resend', { id }, world.admin)).details).to.deep.equal({ reason: 'invitations.void' })
      expect(await users(email)).to.deep.equal([])
    }
  })

  it('so are those of one who was deleted, also if another gets his id', async () => {
    const again = async ({ id, email }: Session): Promise<unknown> =>
      world.ok('user-create', { id, email, firstName: 'N', lastName: 'N' }, world.admin)
    const author = await world.enter({ direct: ['create-invitation'] })
    const { id, token, email } = await world.invite({}, author)
    await world.ok('user-delete', { id: author.id }, world.admin)
    await expectNothing(token)
    expect(await world.listed(id)).to.include({ status: 'revoked' })
    await again(author)
    await expectNothing(token)
    await world.invite({ email })

    const other = await world.enter({ direct: ['create-invitation'] })
    const second = await world.invite({}, other)
    await world.sql('delete from users where id = ?', [other.id])
    await expectNothing(second.token)
    await again(other)
    await expectNothing(second.token)
  })

  it('the role is checked again against what the author holds now', async () => {
    const role = await world.make('role', { permissions: ['read-users'] })
    const author = await world.enter({ direct: ['create-invitation', 'read-role', 'read-users'] })
    const { token, email } = await world.invite({ role }, author)
    const plain = await world.invite({}, author)

    await world.ok('user-remove-permission', { id: author.id, permissionId: 'read-users' }, world.admin)
    await expectNothing(token)
    await world.ok('user-add-permission', { id: author.id, permissionId: 'read-users', scopeId: await world.make('site') }, world.admin)
    await expectNothing(token)
    await world.ok('user-add-permission', { id: author.id, permissionId: 'read-users' }, world.admin)
    await world.ok('invitation-fetch', { token })
    await world.ok('user-add-permission', { id: author.id, permissionId: 'read-users', deny: true }, world.admin)
    await expectNothing(token)
    await world.ok('user-remove-permission', { id: author.id, permissionId: 'read-users', deny: true }, world.admin)
    await world.ok('role-add-permission', { id: role, permissionId: 'root' }, world.admin)
    await expectNothing(token)
    expect(await users(email)).to.deep.equal([])
    await world.ok('role-remove-permission', { id: role, permissionId: 'root' }, world.admin)
    expect((await world.accept(token))['roles']).to.deep.equal([role])
    await world.accept(plain.token)
  })
})
