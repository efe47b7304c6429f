// More is asked than the database can do: what is beyond the bound is answered `unavailable` at once and what waits in vain soon,
// instead of queueing; what needs no database is served; and every refusal that was answered is in the audit log.
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import pg from 'pg'
import { untilLocked } from '../kit/locks.ts'
import { TestServer } from '../kit/test-server.ts'
import { onPostgres } from '../kit/databases.ts'
import { refusal, served, success } from '../kit/replies.ts'
import { parallel, together } from '../kit/wait.ts'

const [pool, queue] = [2, 5]

const codeOf = (reply: unknown): string => (reply as { error?: { code?: string } }).error?.code ?? 'ok'

onPostgres('A database of which too much is asked', () => {
  const house = new TestServer('postgres', {
    environment: {
      DATABASE_POOL_SIZE: String(pool), DATABASE_QUEUE_SIZE: String(queue),
      DATABASE_ACQUIRE_TIMEOUT: '60000', DATABASE_STATEMENT_TIMEOUT: '60000',
    },
  })
  const parts: { sql?: pg.Client } = {}

  before(async function () {
    this.timeout(60_000)
    await house.open()
    parts.sql = new pg.Client({ connectionString: house.environment['DATABASE_URL'] })
    await parts.sql.connect()
    await house.ok('site-create', { id: 'locked', label: 'Locked' }, house.admin)
  })

  after(async function () {
    this.timeout(60_000)
    await parts.sql?.end()
    await house.close()
  })

  /** While both connections wait for a row. */
  const stuck = async (url: string, work: (blocked: Promise<unknown>[]) => Promise<void>): Promise<void> => {
    await parts.sql?.query("begin; select 1 from sites where id = 'locked' for update")
    // On a busy machine what the server does for itself may hold a connection for as long as a request waits for one.
    const block = (): Promise<unknown> => served(() => house.ask('site-update', { id: 'locked', label: 'Mine' }, house.admin, url))
    const blocked = Array.from({ length: pool }, block)
    await untilLocked(house.environment['DATABASE_URL'], pool)
    try {
      await work(blocked)
    } finally {
      await parts.sql?.query('rollback')
    }
    for (const reply of await together(blocked)) success(reply)
  }

  it('beyond the bound is unavailable at once, with the time to come back; what waits is done; ping is answered', async function () {
    this.timeout(60_000)
    const client = await house.socket(house.admin)
    const asked: Promise<unknown>[] = []
    const refused: unknown[] = []
    let isOver = false
    const ask = (): void => {
      const reply = house.ask('site-update', { id: 'locked', label: 'Mine' }, house.admin)
      asked.push(reply)
      void reply.then((known) => isOver || refused.push(known))
    }
    await stuck(house.url, async () => {
      for (let more = 0; more < queue; more += 1) ask()
      // Those before may be on their way yet.
      while (refused.length === 0) {
        ask()
        await sleep(100)
      }
      for (const reply of refused) {
        refusal(reply, 'unavailable')
        expect(reply).to.have.nested.property('error.retryAfter', 1)
      }
      refusal(await client.ask('site-update', { id: 'locked', label: 'Mine' }), 'unavailable')
      success(await client.ask('ping', {}))
      success(await house.ask('ping'))
      isOver = true
    })
    const waited = (await together(asked)).filter((reply) => !refused.includes(reply))
    // What the server does for itself may wait in the same queue.
    expect(waited.length).to.be.within(1, queue)
    for (const reply of waited) success(reply)
  })

  it('what waits in vain is unavailable before the connections are free', async function () {
    this.timeout(60_000)
    const impatient = await house.start({ DATABASE_ACQUIRE_TIMEOUT: '1000' })
    await stuck(impatient.url, async () => {
      const reply = await house.ask('site-update', { id: 'locked', label: 'Mine' }, house.admin, impatient.url)
      refusal(reply, 'unavailable')
      expect(reply).to.have.nested.property('error.retryAfter', 1)
    })
    // What came too late was given back.
    for (const reply of await parallel(pool * 2, () => house.ask('site-get', { id: 'locked' }, house.admin, impatient.url))) success(reply)
  })

  it('every refusal that is answered is in the audit log', async function () {
    this.timeout(60_000)
    const impatient = await house.start({ DATABASE_ACQUIRE_TIMEOUT: '200' })
    const codes: string[] = []
    const refresh = (): Promise<unknown> => house.ask('auth-refresh', { refreshToken: 'y'.repeat(43) }, undefined, impatient.url)
    for (let round = 0; round < 5; round += 1) {
      codes.push(...(await parallel(100, refresh)).map(codeOf))
    }
    expect(codes).to.include('unavailable', 'it was too much')
    const refused = codes.filter((code) => code === 'unauthenticated').length
    expect(refused).to.be.greaterThan(0)
    const [row] = await house.sql<{ count: string }>("select count(*) as count from audit_entries where action = 'auth-refresh'")
    expect(Number(row?.count)).to.be.at.least(refused)
  })
})
