// Who may invite, list, send again and revoke, where, and with which role.
import { expect } from 'chai'
import { onAnyDatabase } from '../kit/databases.ts'
import { expectExactly } from '../kit/replies.ts'
import { World, type Grant } from './world.ts'

const within = (scopeId: string, ...keys: readonly string[]): Grant[] => keys.map((permissionId) => ({ permissionId, scopeId }))

onAnyDatabase('invitations: rights', (kind) => {
  const world = new World(kind)
  before(() => world.open())
  after(() => world.close())

  it('each event needs its own key, whatever the id', async () => {
    const { id } = await world.invite()
    const table = [
      ['invitation-create', { email: world.address() }, 'create-invitation'],
      ['invitation-resend', { id }, 'create-invitation'],
      ['invitation-list-request', {}, 'read-invitations'],
      ['invitation-revoke', { id }, 'delete-invitation'],
    ] as const
    for (const [event, payload, key] of table) {
      const other = await world.enter({
        direct: ['create-invitation', 'read-invitations', 'delete-invitation'].filter((each) => each !== key),
      })
      const payloads = 'id' in payload ? [payload, { id: 'no-such-one' }] : [payload]
      for (const each of payloads) expect((await world.no('forbidden', event, each, other)).details).to.deep.equal({ permission: key })
      const holder = await world.enter({ direct: [key] })
      await world.ok(event, payload, holder)
    }
    for (const event of ['invitation-resend', 'invitation-revoke']) await world.no('not_found', event, { id: 'no-such-one' }, world.admin)
  })

  it('the keys of invitations are these three', async () => {
    const { items } = await world.ok('permission-list-request', { limit: 100, search: 'invitation' }, world.admin)
    expect((items as { permissionKey: string }[]).map(({ permissionKey }) => permissionKey))
      .to.have.members(['create-invitation', 'read-invitations', 'delete-invitation'])
  })

  it('a key in a site reaches the invitations of that site', async () => {
    const [mine, other] = [await world.make('site'), await world.make('site')]
    const actor = await world.enter({
      direct: ['read-site', ...within(mine, 'create-invitation', 'read-invitations', 'delete-invitation')],
    })
    const own = await world.invite({ siteId: mine }, actor)
    for (const fields of [{}, { siteId: other }, { siteId: null }]) {
      const email = world.address()
      expect((await world.no('forbidden', 'invitation-create', { email, ...fields }, actor)).details).to.deep.equal({
        permission: 'create-invitation',
      })
      expect(await world.letters(email)).to.deep.equal([])
    }
    const [foreign, everywhere] = [await world.invite({ siteId: other }), await world.invite()]
    expectExactly(await world.ok('invitation-list-request', {}, actor), [own.id])
    for (const { id } of [foreign, everywhere]) {
      for (const event of ['invitation-resend', 'invitation-revoke']) await world.no('not_found', event, { id }, actor)
    }
    await world.ok('invitation-resend', { id: own.id }, actor)
    await world.ok('invitation-revoke', { id: own.id }, actor)
  })

  it('a key in a department reaches its whole subtree', async () => {
    const top = await world.make('department')
    const below = await world.make('department', { parentId: top })
    const beside = await world.make('department')
    const actor = await world.enter({ direct: ['read-department', ...within(top, 'create-invitation', 'read-invitations')] })
    const own = [await world.invite({ departmentId: top }, actor), await world.invite({ departmentId: below }, actor)]
    await world.no('forbidden', 'invitation-create', { email: world.address(), departmentId: beside }, actor)
    expectExactly(await world.ok('invitation-list-request', {}, actor), own.map(({ id }) => id))
  })

  it('who sees an invitation but may not change it is forbidden', async () => {
    const [mine, other] = [await world.make('site'), await world.make('site')]
    const { id } = await world.invite({ siteId: other })
    const actor = await world.enter({ direct: ['read-invitations', ...within(mine, 'delete-invitation', 'create-invitation')] })
    expect((await world.no('forbidden', 'invitation-revoke', { id }, actor)).details).to.deep.equal({ permission: 'delete-invitation' })
    expect((await world.no('forbidden', 'invitation-resend', { id }, actor)).details).to.deep.equal({ permission: 'create-invitation' })
  })

  it('a deny takes a scope away, from root too', async () => {
    const site = await world.make('site')
    const actor = await world.enter({ direct: ['root', { permissionId: 'create-invitation', scopeId: site, deny: true }] })
    await world.no('forbidden', 'invitation-create', { email: world.address(), siteId: site }, actor)
    await world.invite({}, actor)
  })

  it('a role is carried only by who holds all that it grants', async () => {
    const role = await world.make('role', { permissions: ['read-users', 'read-groups'] })
    const partly = await world.enter({ direct: ['create-invitation', 'read-role', 'read-groups'] })
    expect((await world.no('forbidden', 'invitation-create', { email: world.address(), role }, partly)).details).to.deep.equal({
      permission: 'read-users',
    })
    await world.invite({ role }, await world.enter({ direct: ['create-invitation', 'read-role', 'read-groups', 'read-users'] }))
    const [first, second] = [await world.make('role', { permissions: ['root'] }), await world.make('role')]
    await world.no('forbidden', 'invitation-create', { email: world.address(), role: first }, partly)
    await world.invite({ role: second }, partly)
  })

  it('with the same or a wider scope', async () => {
    const top = await world.make('department')
    const below = await world.make('department', { parentId: top })
    const roleIn = (scopeId: string): Promise<string> => world.make('role', { permissions: [{ permissionId: 'read-users', scopeId }] })
    const [roleTop, roleBelow, roleAll] = [
      await roleIn(top), await roleIn(below), await world.make('role', { permissions: ['read-users'] }),
    ]
    const lower = await world.enter({ direct: ['create-invitation', 'read-role', ...within(below, 'read-users')] })
    for (const role of [roleTop, roleAll]) await world.no('forbidden', 'invitation-create', { email: world.address(), role }, lower)
    const upper = await world.enter({ direct: ['create-invitation', 'read-role', ...within(top, 'read-users')] })
    for (const author of [lower, upper]) {
      const { token } = await world.invite({ role: roleBelow }, author)
      expect((await world.accept(token))['roles']).to.deep.equal([roleBelow])
    }
  })

  it('an API token invites with no more than its keys', async () => {
    const role = await world.make('role', { permissions: ['read-users'] })
    const { token } = await world.ok('auth-token-create', { name: 'script', permissions: ['create-invitation', 'read-role'] }, world.admin)
    await world.no('forbidden', 'invitation-create', { email: world.address(), role }, { token: String(token) })
    await world.ok('invitation-create', { email: world.address() }, { token: String(token) })
  })
})
