// A database that takes no writes for a while, as providers make it when the disk is full: reads go on, writes are `unavailable`,
// and all is well again by itself.
import { expect } from 'chai'
import { onPostgres } from '../kit/databases.ts'
import { administer } from '../kit/ready.ts'
import { row } from '../kit/replies.ts'
import { TestServer, until } from '../kit/test-server.ts'
import { parallel } from '../kit/wait.ts'

onPostgres('A read-only database', () => {
  const house = new TestServer('postgres', { environment: { DATABASE_POOL_SIZE: '2', CACHE_ROWS: '0' } })
  before(() => house.open())
  after(() => house.close())

  const name = (): string => new URL(house.environment['DATABASE_URL'] ?? '').pathname.slice(1)
  /** New connections have it; the old ones are ended, as after a fail-over. */
  const setDefault = async (sql: string): Promise<void> => {
    await administer(`alter database ${name()} ${sql}`)
    await administer(`select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name()}'`)
  }

  it('writes are unavailable with a time to wait, reads go on; then it recovers without a restart', async function () {
    this.timeout(60_000)
    const client = await house.socket(house.admin)
    const { id } = await client.ok('site-create', { label: 'Before' })
    // Told with it, the change that follows would be a part of the create.
    await client.hear('site-changed')
    await setDefault('set default_transaction_read_only = on')
    await until('the connections are new', async () => row(await client.ask('site-list-request', {}))['error'] === undefined)
    const refused = row(row(await client.ask('site-update', { id, label: 'During' }))['error'])
    expect(refused['code']).to.equal('unavailable')
    expect(refused['retryAfter']).to.be.a('number').and.be.at.least(1)
    expect(JSON.stringify(refused)).to.not.match(/read-only|update|transaction/i)
    expect(await client.ok('site-get', { id })).to.include({ label: 'Before', version: 1 })

    // What is open now, all that may be open, would stay read-only: the server must not keep it.
    await parallel(8, () => client.ok('site-list-request', { search: 'Before' }))
    await administer(`alter database ${name()} reset default_transaction_read_only`)
    await until('writing again', async () => row(await client.ask('site-update', { id, label: 'After' }))['error'] === undefined)
    await client.hear(({ event, args }) => event === 'site-changed' && row(args[0])['action'] === 'update')
    await until('being ready', async () => (await fetch(`${house.url}/health/ready`)).status === 200)
  })
})
