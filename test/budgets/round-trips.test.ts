// How many messages to the database an operation costs: round trips are the price of everything. Counted on
// PostgreSQL, one request at a time.
import { expect } from 'chai'
import { budgets } from '../../core/boot/describe.ts'
import { onPostgres } from '../kit/databases.ts'
import type { Client } from '../kit/client.ts'
import { claimsOf, TestServer, unique, until } from '../kit/test-server.ts'
import { text, type Row } from '../kit/replies.ts'

onPostgres('Round trips to the database', () => {
  const house = new TestServer('postgres')
  let client: Client
  const statements: string[] = []

  before(async () => {
    await house.open()
    client = await house.socket(house.admin)
    const actorId = text(claimsOf(house.admin.token)['sub'])
    // Jobs and upkeep have transactions of their own: only those in the administrator's name count, and what is asked outside of any.
    const ours = new Set<string>()
    house.db.on('query', ({ sql, __knexTxId: transaction }: { sql: string; __knexTxId?: string }) => {
      if (transaction !== undefined && sql.includes(`'sovrane.actor', '${actorId}'`)) ours.add(transaction)
      if (transaction === undefined || ours.has(transaction)) statements.push(sql)
    })
  })
  after(() => house.close())

  /** The messages of one request; one like it went before, so that what is cached is there. */
  const cost = async (event: string, payload: () => Row | Promise<Row>): Promise<string[]> => {
    const first = await payload()
    const second = await payload()
    await client.ask(event, first)
    statements.length = 0
    const reply = await client.ask(event, second)
    expect(reply, event).to.not.have.property('error')
    return [...statements]
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
  for (const [event, most, payload] of costs) {
    it(`${event}: at most ${most}`, async () => {
      const asked = await cost(event, payload)
      expect(asked.length, asked.join('\n')).to.be.at.most(most)
    })
  }

  it('what was read is not asked again: user-get 0, user-list-request 1', async () => {
    const id = await made('user-create', user())
    // A node that has not heard all of the last two seconds asks the database: a busy machine may have to catch up.
    await until('a row is known', async () => (await cost('user-get', () => ({ id }))).length === 0)
    await until('a total is known', async () => (await cost('user-list-request', () => ({ limit: 20 }))).length === 1)
    await until('a total outlives what others are made', async () => {
      await made('group-create', { name: unique('group') })
      statements.length = 0
      await client.ask('user-list-request', { limit: 20 })
      return statements.length === 1
    })
  })
})
