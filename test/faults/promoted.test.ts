// A standby is promoted that lacks what the primary had acknowledged: every client is told to read everything anew, wherever it was.
import { expect } from 'chai'
import pg from 'pg'
import { app } from '../../app.ts'
import { startServer, type Server } from '../../core/boot/server.ts'
import { open, type Client } from '../kit/client.ts'
import { onPostgres } from '../kit/databases.ts'
import { cleanUp, temporaryDirectory } from '../kit/place.ts'
import { administrator, commonEnvironment } from '../kit/ready.ts'
import { row, text } from '../kit/replies.ts'
import { recordingLog } from '../kit/server.ts'
import { eventually } from '../kit/wait.ts'
import { lacking, startCluster, type Cluster } from './cluster.ts'
import { startProxy, type Proxy } from './proxy.ts'

const feedOf = (client: Client): { readonly epoch: unknown; readonly pos: number } => {
  const { epoch, pos } = row(client.session['feed'])
  return { epoch, pos: Number(pos) }
}

onPostgres('A promoted standby', () => {
  if (lacking !== undefined) return void it(`skipped: ${lacking}`)

  const parts: { primary?: Cluster; standby?: Cluster; proxy?: Proxy; server?: Server } = {}
  const clients: Client[] = []
  let token = ''
  let known: { readonly epoch: unknown; readonly pos: number }
  const server = (): Server => parts.server as Server

  const connect = async (since?: object): Promise<Client> => {
    const auth = { token, ...(since ? { since } : {}) }
    const client = await open(server().url, { auth, reconnectionDelay: 50, reconnectionDelayMax: 200 })
    clients.push(client)
    await client.hear('session')
    return client
  }
  const on = async <R extends object>(cluster: Cluster, sql: string): Promise<R[]> => {
    const client = new pg.Client({ connectionString: `postgres://root@127.0.0.1:${cluster.port}/postgres` })
    await client.connect()
    try {
      return (await client.query<R>(sql)).rows
    } finally {
      await client.end()
    }
  }

  before(async function () {
    this.timeout(180_000)
    parts.primary = await startCluster()
    parts.proxy = await startProxy(parts.primary.port)
    parts.server = await startServer(app, {
      environment: {
        ...commonEnvironment(), DATA_DIR: await temporaryDirectory(), JOB_SCHEDULES: 'none',
        DATABASE_URL: `postgres://root@127.0.0.1:${parts.proxy.port}/postgres`, DATABASE_ACQUIRE_TIMEOUT: '1000',
      },
      log: recordingLog(), print: () => undefined, interactive: false,
    })
    parts.standby = await parts.primary.standby()
    const response = await fetch(`${server().url}/api/auth-login`, { method: 'POST', body: JSON.stringify(administrator) })
    token = text(row(await response.json())['accessToken'])
  })

  after(async function () {
    this.timeout(60_000)
    for (const client of clients) client.close()
    await parts.server?.stop()
    await parts.proxy?.close()
    await cleanUp()
  })

  it('clients that stay, and those that come back with a cursor, hear feed-resync with another epoch', async function () {
    this.timeout(120_000)
    const { primary, standby, proxy } = parts as Required<typeof parts>
    const staying = await connect()
    await staying.ok('site-create', { id: 'kept', label: 'Kept' })
    await staying.hear('site-changed')
    known = feedOf(staying)
    const [{ lsn } = { lsn: '' }] = await on<{ lsn: string }>(primary, 'select pg_current_wal_lsn()::text as lsn')
    const isThere = `select pg_last_wal_replay_lsn() >= '${lsn}' as there`
    await eventually(async () => (await on<{ there: boolean }>(standby, isThere))[0]?.there === true, 'the standby has it')

    // Acknowledged, told, and lost.
    await standby.stop()
    for (const label of ['One', 'Two', 'Three']) await staying.ok('site-create', { id: `lost-${label}`, label })
    const cursor = { epoch: known.epoch, pos: Number(row((await staying.hear(({ event, args }) =>
      event === 'site-changed' && row(args[0])['id'] === 'lost-Three')).args[0])['pos']) }
    proxy.cut()
    await primary.stop()
    await standby.start()
    await standby.promote()
    const told = staying.heard.length
    proxy.turn(standby.port)
    proxy.heal()

    const resync = row((await staying.hear('feed-resync', told)).args[0])
    expect(resync['epoch'], 'another epoch').to.be.a('string').and.not.equal(known.epoch)
    expect(Number(resync['pos'])).to.be.lessThan(cursor.pos)
    expect(row(await staying.ask('site-get', { id: 'lost-One' }))['error'], 'no cache keeps what is lost').to.include({ code: 'not_found' })
    await staying.ok('site-get', { id: 'kept' })

    // The new history has these positions too, with other changes: without an epoch of its own a cursor would be believed.
    for (const label of ['Four', 'Five', 'Six', 'Seven']) await staying.ok('site-create', { label })
    for (const since of [cursor, { epoch: known.epoch, pos: known.pos }]) {
      const back = await connect(since)
      expect(row((await back.hear('feed-resync')).args[0])['epoch']).to.equal(resync['epoch'])
    }
  })

  it('changes follow, and a cursor of the new epoch resumes', async () => {
    const [staying] = clients as [Client]
    const watching = await connect()
    const here = feedOf(watching)
    const created = await staying.ok('site-create', { label: 'After' })
    await watching.hear(({ event, args }) => event === 'site-changed' && row(args[0])['id'] === created['id'])
    const back = await connect(here)
    await back.hear(({ event, args }) => event === 'site-changed' && row(args[0])['id'] === created['id'])
    expect(back.heard.filter(({ event }) => event === 'feed-resync')).to.deep.equal([])
  })
})
