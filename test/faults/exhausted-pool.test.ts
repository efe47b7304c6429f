// Requests have taken every connection of the pool: the feed, the end of sessions and health do not need one of them.
import { expect } from 'chai'
import pg from 'pg'
import { app } from '../../app.ts'
import { startServer, type Server } from '../../core/boot/server.ts'
import { openClient, post, type Fields } from '../races/client.ts'
import { untilLocked } from '../kit/locks.ts'
import { eventually } from '../kit/wait.ts'
import { recordingLog } from '../kit/server.ts'
import { onPostgres } from '../kit/databases.ts'
import { cleanUp, freshEnvironment } from '../kit/place.ts'
import { administrator } from '../kit/ready.ts'

const size = 2

onPostgres('A pool that requests have taken whole', () => {
  const parts: { server?: Server; sql?: pg.Client; token?: string; database?: string } = {}

  const url = (): string => parts.server?.url ?? ''
  const sql = async (text: string): Promise<unknown[]> => ((await parts.sql?.query<Record<string, unknown>>(text))?.rows ?? [])
  const ok = async (event: string, payload: Fields): Promise<Fields> => {
    const reply = await post(url(), event, payload, parts.token)
    if (!reply.ok) throw new Error(`${event}: ${reply.code}`)
    return reply.data
  }

  before(async function () {
    this.timeout(120_000)
    const environment = await freshEnvironment('postgres')
    parts.server = await startServer(app, {
      environment: {
        ...environment, DATABASE_POOL_SIZE: String(size), DATABASE_STATEMENT_TIMEOUT: '30000', DATABASE_ACQUIRE_TIMEOUT: '30000',
      },
      log: recordingLog(), print: () => undefined, interactive: false,
    })
    parts.database = environment['DATABASE_URL'] ?? ''
    parts.sql = new pg.Client({ connectionString: parts.database })
    await parts.sql.connect()
    parts.token = String((await ok('auth-login', administrator))['accessToken'])
  })

  after(async function () {
    this.timeout(60_000)
    await parts.sql?.end()
    await parts.server?.stop()
    await cleanUp()
  })

  it('changes are heard, who is suspended is disconnected, and the node is ready', async function () {
    this.timeout(60_000)
    await ok('site-create', { id: 'locked', label: 'Locked' })
    await ok('user-create', { id: 'u', firstName: 'A', lastName: 'B', email: 'u@example.com', password: 'Quiet-River-52-Lantern' })
    const login = await post(url(), 'auth-login', { email: 'u@example.com', password: 'Quiet-River-52-Lantern' })
    const watcher = await openClient(url(), { token: parts.token })
    const other = await openClient(url(), { token: login.ok ? login.data['accessToken'] : '' })

    await sql("begin; select 1 from sites where id = 'locked' for update")
    const blocked = Array.from({ length: size * 10 }, () => post(url(), 'site-update', { id: 'locked', label: 'Mine' }, parts.token))
    await untilLocked(parts.database, size)

    const outside = new pg.Client({ connectionString: parts.database })
    await outside.connect()
    await outside.query("insert into sites (id, label) values ('outside', 'Outside'); update users set status = 'suspended' where id = 'u'")
    await eventually(async () => watcher.changes.some(({ id }) => id === 'outside'), 'the change')
    await other.end()
    expect(other.expired).to.equal('suspended')
    const ready = await fetch(`${url()}/health/ready`)
    expect(ready.status).to.equal(200)
    expect(
      (await outside.query("select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()")).rowCount,
      'the pool is taken still',
    ).to.be.at.least(size)
    await outside.end()
    await sql('rollback')
    for (const reply of await Promise.all(blocked)) expect(reply.ok).to.equal(true)
    watcher.close()
  })
})
