// An API token acts by its keys and nothing else: one's own row is in it only with `profile`, and it hears
// changes only while it holds a key.
import { expect } from 'chai'
import { text, type Row } from '../kit/replies.ts'
import { until, unique, type TestServer, type Session } from '../kit/test-server.ts'
import { onHouse } from './on-house.ts'

interface Made {
  readonly id: string
  readonly token: string
}

const make = async (house: TestServer, by: Session, permissions?: readonly string[]): Promise<Made> => {
  const reply = await house.ok('auth-token-create', { name: 'Backup', ...(permissions === undefined ? {} : { permissions }) }, by)
  return { id: text(reply['id']), token: text(reply['token']) }
}

onHouse('the keys of an API token', (house) => {
  /** Keys without `profile`, and none given at all. */
  const without: readonly (readonly string[] | undefined)[] = [[], ['read-sites'], undefined]

  const profile: Readonly<Record<string, Row>> = {
    'user-update': { firstName: 'Other' },
    'user-get': {},
    'user-roles-request': {},
    'user-permissions-request': {},
  }

  it('without `profile` it neither reads nor changes the row of its owner', async () => {
    const by = await house.enter({ can: ['read-sites'] })
    for (const keys of without) {
      const token = await make(house, by, keys)
      const socket = await house.socket(token)
      for (const [event, payload] of Object.entries(profile)) {
        await house.no('forbidden', event, { id: by.id, ...payload }, token)
        await socket.no(event, { id: by.id, ...payload }, 'forbidden')
      }
    }
    expect(await house.ok('user-get', { id: by.id }, by)).to.include({ firstName: 'Some', version: 1 })
  })

  it('with `profile` it does what everyone may on their own row, and no more', async () => {
    const by = await house.enter({ can: ['read-sites'] })
    const other = await house.person()
    const token = await make(house, by, ['profile'])
    expect(await house.ok('user-update', { id: by.id, firstName: 'Other', locale: 'fr' }, token)).to.include({
      firstName: 'Other', locale: 'fr',
    })
    expect(await house.ok('user-get', { id: by.id }, token)).to.include({ email: by.email })
    for (const fields of [{ email: 'x@example.com' }, { status: 'archived' }, { roles: [] }, { siteId: 'x' }])
      await house.no('forbidden', 'user-update', { id: by.id, ...fields }, token)
    await house.no('forbidden', 'user-get', { id: other.id }, token)
    await house.no('forbidden', 'site-list-request', {}, token)
    await house.no('forbidden', 'auth-sessions-request', {}, token)
  })

  it('`profile` and keys go together', async () => {
    const token = await make(house, await house.enter({ can: ['read-sites', 'read-groups'] }), ['profile', 'read-sites'])
    await house.ok('site-list-request', {}, token)
    await house.no('forbidden', 'group-list-request', {}, token)
  })

  it('a key that reaches the own row is enough for what it gives', async () => {
    const by = await house.enter({ can: ['read-user', 'read-sites'] })
    const token = await make(house, by, ['read-user'])
    expect(await house.ok('user-get', { id: by.id }, token)).to.include({ email: by.email })
    await house.no('forbidden', 'user-update', { id: by.id, firstName: 'Other' }, token)
  })

  it('auth-me tells it whose it is and which keys it has, and of the row what it may read', async () => {
    const by = await house.enter({ can: ['read-user', 'read-sites'] })
    const me = async (named?: readonly string[]) => house.ok('auth-me', {}, await make(house, by, named))
    const [sites, users] = ['read-sites', 'read-user'].map((permissionKey) => ({ permissionKey, scopeId: null }))
    expect(await me([])).to.deep.equal({ user: { id: by.id }, permissions: [], session: null, keys: [] })
    const keys = [{ key: 'read-sites', scopes: null, except: [], rows: [] }]
    expect(await me(['read-sites'])).to.deep.equal({ user: { id: by.id }, permissions: [sites], session: null, keys })
    expect((await me(['profile']))['user']).to.include({ id: by.id, email: by.email })
    expect((await me(['read-user']))['user']).to.include({ id: by.id, email: by.email })
    expect((await me())['permissions']).to.have.deep.members([sites, users])
  })

  it('unknown keys are refused, whoever names them; those that one does not hold look like them', async () => {
    const { details } = await house.no(
      'invalid_payload', 'auth-token-create', { name: 'x', permissions: ['read-sites', 'no-such-key'] }, house.admin,
    )
    expect(details).to.deep.equal([{ path: 'permissions[1]', message: 'there is no such permission' }])
    const by = await house.enter({ can: ['read-sites'] })
    for (const key of ['no-such-key', 'read-users', 'root']) {
      expect((await house.no('forbidden', 'auth-token-create', { name: 'x', permissions: [key] }, by)).details).to.deep.equal({
        permission: key,
      })
    }
  })

  describe('hearing changes', () => {
    /** Whether a socket hears a site that is made now; another socket that does is the witness. */
    const hears = async (by: { readonly token: string }, change: () => Promise<unknown> = () => Promise.resolve()): Promise<boolean> => {
      const [socket, witness] = [await house.socket(by), await house.socket(house.admin)]
      await change()
      const id = unique('site')
      await house.ok('site-create', { id, label: 'x' }, house.admin)
      const isIt = ({ event, args }: { readonly event: string; readonly args: readonly unknown[] }): boolean =>
        event === 'site-changed' && JSON.stringify(args).includes(id)
      await witness.hear(isIt)
      // Told in the same turn to all who listen: a reply after it comes after it.
      await socket.ok('ping')
      const heard = socket.heard.some(isIt)
      socket.close()
      return heard
    }

    it('a token with a key does, one with none does not', async () => {
      const by = await house.enter({ can: ['read-sites'] })
      expect(await hears(by)).to.equal(true)
      for (const keys of [['read-sites'], ['read-sites', 'profile'], undefined])
        expect(await hears(await make(house, by, keys)), String(keys)).to.equal(true)
      for (const keys of [[], ['profile']]) expect(await hears(await make(house, by, keys)), String(keys)).to.equal(false)
    })

    it('a token of somebody who holds nothing does not, whatever it names', async () => {
      const by = await house.enter()
      for (const keys of [[], ['profile'], undefined]) expect(await hears(await make(house, by, keys)), String(keys)).to.equal(false)
      expect(await hears(by), 'their own session').to.equal(true)
    })

    it('one that has ended holds none, and that is no fault: its socket is told why it ends, not just closed', async () => {
      const by = await house.enter({ can: ['read-sites'] })
      const token = await make(house, by)
      const { actors, authenticator } = house.server.assembly
      const principal = await authenticator?.authenticate(house.db, token.token)
      if (!principal) throw new Error('the token is good')
      expect(await actors.holdsAny(house.db, principal)).to.equal(true)
      await house.ok('auth-token-revoke', { id: token.id }, by)
      expect(await actors.holdsAny(house.db, principal)).to.equal(false)
    })

    it('one that was given other keys: a socket that is about to end for the former does not speak for it', async () => {
      const by = await house.enter({ can: ['read-sites', 'read-groups'] })
      const token = await make(house, by, ['read-sites'])
      const { actors, authenticator } = house.server.assembly
      const former = await authenticator?.authenticate(house.db, token.token)
      if (!former) throw new Error('the token is good')
      await house.sql(`update api_tokens set permissions = '["read-groups"]' where id = ?`, [token.id])
      await until('the former keys are gone', async () => !(await actors.holdsAny(house.db, former)))
      await house.ok('group-list-request', {}, token)
    })

    it('it falls silent with its last key, and hears again with the next', async () => {
      const by = await house.enter({ can: ['read-sites'] })
      const token = await make(house, by, ['read-sites'])
      const [link] = await house.sql('select role_id from user_roles where user_id = ?', [by.id])
      const socket = await house.socket(token)
      const change = async (event: string): Promise<void> => {
        await house.ok(event, { id: link?.['role_id'], permissionId: 'read-sites' }, house.admin)
        await socket.hear('rights-changed')
      }
      const count = async (): Promise<number> => {
        const before = socket.heard.filter(({ event }) => event === 'site-changed').length
        const witness = await house.socket(house.admin)
        await house.ok('site-create', { label: 'x' }, house.admin)
        await witness.hear('site-changed')
        await socket.ok('ping')
        return socket.heard.filter(({ event }) => event === 'site-changed').length - before
      }
      expect(await count()).to.equal(1)
      await change('role-remove-permission')
      await until('it is silent', async () => (await count()) === 0)
      expect(await count()).to.equal(0)
      await change('role-add-permission')
      await until('it hears again', async () => (await count()) > 0)
    })
  })
})
