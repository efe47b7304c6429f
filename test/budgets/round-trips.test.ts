// How many messages to the database an operation costs: round trips are the price of everything. Counted on
// PostgreSQL, one request at a time.
import { expect } from 'chai'
import { budgets } from '../../core/describe/chain.ts'
import { onPostgres } from '../kit/databases.ts'
import type { Client } from '../kit/client.ts'
import { claimsOf, otherPassword, TestServer, unique, until, type Session } from '../kit/test-server.ts'
import { row, rows, text, type Row } from '../kit/replies.ts'

onPostgres('Round trips to the database', () => {
  const house = new TestServer('postgres')
  let client: Client
  const asked: { readonly sql: string; readonly transaction: string | undefined }[] = []

  before(async () => {
    await house.open()
    client = await house.socket(house.admin)
    house.db.on('query', ({ sql, __knexTxId: transaction }: { sql: string; __knexTxId?: string }) => void asked.push({ sql, transaction }))
  })
  after(() => house.close())

  /**
   * The messages of some work. Jobs and upkeep have transactions of their own: of those that are in someone's name or leave the entry of
   * an event only these count, and what is asked outside of any.
   */
  const messages = async (mark: string | undefined, work: () => Promise<unknown>): Promise<string[]> => {
    asked.length = 0
    await work()
    const ours = new Set(asked.flatMap(({ sql, transaction }) => (mark !== undefined && sql.includes(mark) ? [transaction] : [])))
    return asked.flatMap(({ sql, transaction }) => (transaction === undefined || ours.has(transaction) ? [sql] : []))
  }

  /** What was made before is heard, and has dropped what it makes untrue: the next request brings it back. */
  const allHeard = async (): Promise<void> => {
    await until('all is relayed', async () => (await house.db('outbox').select('seq')).length === 0)
    const { pos } = await house.db('feed_state').first('pos') as { pos: number }
    await until('all is heard', () => house.servers.every(({ feed }) => feed.pos >= pos))
  }

  /** The messages of one request; one like it went before, so that what is cached is there. */
  const cost = async (event: string, payload: () => Row | Promise<Row>): Promise<string[]> => {
    const actorId = text(claimsOf(house.admin.token)['sub'])
    const first = await payload()
    const second = await payload()
    await allHeard()
    await client.ask(event, first)
    return messages(`'sovrane.actor', '${actorId}'`,
      async () => expect(await client.ask(event, second), event).to.not.have.property('error'))
  }

  const made = async (event: string, payload: Row): Promise<string> => text((await house.ok(event, payload, house.admin))['id'])
  const site = (): Promise<string> => made('site-create', { label: unique('site') })
  const user = (more: Row = {}): Row => ({ firstName: 'Some', lastName: 'Body', email: `${unique('user')}@example.com`, ...more })

  const costs: readonly [event: string, most: number, payload: () => Row | Promise<Row>][] = [
    ['site-create', budgets.create, () => ({ label: unique('site') })],
    ['site-update', budgets.update, async () => ({ id: await site(), label: unique('site') })],
    ['site-delete', budgets.delete, async () => ({ id: await site() })],
    ['user-update', budgets.update, async () => ({ id: await made('user-create', user()), firstName: unique('first') })],
    ['user-create', budgets.create, () => user()],
    ['user-create', budgets.create + 4, async () => user({
      roles: [await made('role-create', { label: unique('role') }), await made('role-create', { label: unique('role') })],
      departmentId: await made('department-create', { label: unique('department') }),
    })],
    ['user-get', budgets.get, async () => ({ id: await made('user-create', user()) })],
    ['user-list-request', budgets.list, () => ({ limit: 20, page: (pages += 1) })],
  ]
  let pages = 0
  const within = (most: number, found: readonly string[]): void => {
    expect(found.length, found.join('\n')).to.be.at.most(most)
  }
  for (const [event, most, payload] of costs) {
    it(`${event}: at most ${most}`, async () => {
      within(most, await cost(event, payload))
    })
  }

  /** The messages of one request whose entry is recorded. */
  const recorded = async (event: string, work: () => Promise<unknown>): Promise<string[]> => {
    const found = await messages(`"action":"${event}"`, work)
    expect(found.filter((sql) => /\bcommit$/.test(sql)), event).to.have.length(1)
    return found
  }

  /** The same in a session of its own. */
  const costOf = async (event: string, payload: (session: Session) => Row): Promise<string[]> => {
    const session = await house.enter({ can: ['read-sites'] })
    await allHeard()
    await house.ok('auth-me', {}, session)
    return recorded(event, () => house.ok(event, payload(session), session))
  }

  it('user-get with what is embedded: none, once all of it is known', async () => {
    const role = await made('role-create', { label: unique('role') })
    const departmentId = await made('department-create', { label: unique('department') })
    const people = [await made('user-create', user({ roles: [role], departmentId })), await made('user-create', user({ roles: [role] }))]
    await allHeard()
    const read = (id: string | undefined) => client.ok('user-get', { id, include: ['site', 'department', 'roles'] })
    for (const id of people) await read(id)
    let found: Row = {}
    const seen = await messages(undefined, async () => void (found = await read(people[0])))
    expect([row(found['department'])['id'], rows(found['roles']).map(({ id }) => id)]).to.deep.equal([departmentId, [role]])
    expect(seen).to.deep.equal([])
  })

  it('auth-login: at most 8; the account is read once, and its hash no more than proved to be the same', async () => {
    const found = await costOf('auth-login', ({ email, password }) => ({ email, password }))
    within(8, found)
    expect(found.filter((sql) => sql.includes('"passwordHash"'))).to.have.length(1)
    expect(found.filter((sql) => /\bcredentials\b[^]* for share of a\b/.test(sql))).to.have.length(1)
  })

  it('auth-refresh: at most 4; with the token of before, in another tab, no more', async () => {
    let token = ''
    const refresh = ({ refreshToken }: Session): Row => ({ refreshToken: (token = refreshToken) })
    within(4, await costOf('auth-refresh', refresh))
    within(4, await recorded('auth-refresh', () => house.ok('auth-refresh', { refreshToken: token })))
  })

  it('auth-logout: at most 3; auth-change-password, which ends sessions too, runs once', async () => {
    within(3, await costOf('auth-logout', () => ({})))
    const found = await costOf('auth-change-password', ({ password }) => ({ currentPassword: password, newPassword: otherPassword }))
    expect(found.filter((sql) => /^begin\b/.test(sql))).to.have.length(1)
  })

  it('a role is changed by one transaction, though it may change the rights of those who change it', async () => {
    const [id, permissionId] = [await made('role-create', { label: unique('role') }), 'read-sites']
    const found = await recorded('role-add-permission', () => house.ok('role-add-permission', { id, permissionId }, house.admin))
    expect(found.filter((sql) => /^begin\b/.test(sql))).to.have.length(1)
  })

  it('a socket on /: at most 2', async () => {
    const session = await house.enter()
    within(2, await messages(undefined, () => house.socket(session)))
  })

  it('a socket on / that comes back: at most 2, none about the feed', async () => {
    const session = await house.enter()
    const { feed: since } = (await house.socket(session)).session
    const id = await site()
    const found = await messages(undefined, async () => {
      const back = await house.socket(session, house.url, { since: row(since) })
      await back.hear(({ event, args }) => event === 'site-changed' && row(args[0])['id'] === id)
    })
    within(2, found)
    expect(found.filter((sql) => /\bfeed|outbox/.test(sql))).to.deep.equal([])
  })

  it('site-create-many: one message a row, and the ends of the transaction; site-update-many two', async () => {
    const several = <T>(make: () => T | Promise<T>) => async () => ({ items: await Promise.all(Array.from({ length: 10 }, make)) })
    within(10 + budgets.create - 1, await cost('site-create-many', several(() => ({ label: unique('site') }))))
    within(20 + budgets.update - 1, await cost('site-update-many', several(async () => ({ id: await site(), label: unique('site') }))))
  })

  it('permission-explain: at most 3: the actor, the way up to their scopes, and what rows are called', async () => {
    const scopeId = await made('department-create', { label: unique('department') })
    const departmentId = await made('department-create', { label: unique('department'), parentId: scopeId })
    const userId = (await house.person({ can: ['read-user', { permissionId: 'update-user', scopeId }, 'delete-role'] })).id
    const id = await made('user-create', user({ departmentId }))
    within(3, await cost('permission-explain', () => ({ userId, event: 'user-update', id })))
    within(2, await cost('permission-explain', () => ({ userId, event: 'user-create' })))
    within(1, await cost('permission-explain', () => ({ userId, event: 'config-update' })))
  })

  it('what was read is not asked again: user-get 0, user-list-request 0, another 1', async () => {
    const id = await made('user-create', user())
    const list = () => client.ok('user-list-request', { limit: 20 })
    // A node that has not heard all of the last two seconds asks the database: a busy machine may have to catch up.
    await until('a row is known', async () => (await cost('user-get', () => ({ id }))).length === 0)
    await until('a page is known', async () => (await cost('user-list-request', () => ({ limit: 20 }))).length === 0)
    await until('a total is known', async () => (await cost('user-list-request', () => ({ limit: 20 + (pages += 1) }))).length === 1)
    await until('a page outlives what others are made', async () => {
      await made('group-create', { name: unique('group') })
      return (await messages(undefined, list)).length === 0
    })
    const before = (await list())['total']
    await made('user-create', user())
    expect((await list())['total']).to.equal(Number(before) + 1)
  })
})
