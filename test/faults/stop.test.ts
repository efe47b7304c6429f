// A server that stops: nobody new is let in, what is under way is answered, its clients are told and go, its last changes are in the feed,
// whatever clients and plugins hold on to.
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import pg from 'pg'
import { object } from 'yup'
import { definePlugin, operation } from '../../core/define/index.ts'
import { TestServer, until } from '../kit/test-server.ts'
import { onAnyDatabase, onPostgres } from '../kit/databases.ts'
import { refusal, success } from '../kit/replies.ts'
import { together } from '../kit/wait.ts'
import { cleanUp, freshEnvironment, undoLater } from '../kit/place.ts'
import { freePort } from '../kit/port.ts'
import { administrator } from '../kit/ready.ts'
import { post } from '../races/client.ts'
import { startProxyTo } from './proxy.ts'
import { createNode, type Node } from './storm/node.ts'

/** Requests that are answered when the test says so. */
const held: (() => void)[] = []
const holding = definePlugin({
  name: 'holding',
  setup: () => ({
    operations: [operation({
      event: 'hold', kind: 'query', access: 'public', input: object({}), output: object({}),
      async handle() {
        await new Promise<void>((resolve) => void held.push(resolve))
        return {}
      },
    })],
  }),
})

/** A plugin that cannot end; set once it was asked to. */
const asked = { clinging: false }
const clinging = definePlugin({
  name: 'clinging',
  setup: () => ({
    stop() {
      asked.clinging = true
      return Promise.reject(new Error('it clings to its printer'))
    },
  }),
})

onAnyDatabase('A server that stops', (kind) => {
  const house = new TestServer(kind, { plugins: [holding], environment: { HTTP_REQUEST_TIMEOUT: '3600', HTTP_HEADERS_TIMEOUT: '3600' } })

  before(async function () {
    this.timeout(60_000)
    await house.open()
  })

  after(async function () {
    this.timeout(60_000)
    for (const release of held.splice(0)) release()
    await house.close()
  })

  it('lets nobody in, answers what is under way, tells its clients and closes them; what is half sent holds nothing up', async function () {
    // More than it may take.
    this.timeout(20_000)
    const { url, server } = house
    const { port } = new URL(url)
    const half = connect(Number(port), '127.0.0.1')
    half.on('error', () => undefined)
    half.write('POST /api/ping HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n{"a":"')
    const client = await house.socket(house.admin)
    const pending = [client.ask('hold', {}), house.ask('hold')]
    await until('both are under way', () => held.length === 2)
    const stopped = server.stop()
    await until('it listens no more', () => new Promise<boolean>((resolve) => {
      const socket = connect(Number(port), '127.0.0.1', () => resolve(false))
      socket.on('error', () => resolve(true)).on('connect', () => socket.destroy())
    }))
    const late = await client.ask('site-create', { label: 'Late' })
    refusal(late, 'unavailable')
    expect(late).to.have.nested.property('error.retryAfter', 1)
    expect(client.heard.map(({ event }) => event), 'it is told once all is answered').to.not.include('server-stopping')
    for (const release of held.splice(0)) release()
    for (const reply of await together(pending)) success(reply)
    expect(await client.ended()).to.not.equal('io server disconnect')
    expect(client.heard.map(({ event }) => event)).to.include('server-stopping')
    await stopped
    half.destroy()
  })
})

onPostgres('The last changes of a server that stops', () => {
  const house = new TestServer('postgres', { plugins: [clinging] })
  const parts: { sql?: pg.Client } = {}

  before(async function () {
    this.timeout(60_000)
    await house.open()
    parts.sql = new pg.Client({ connectionString: house.environment['DATABASE_URL'] })
    await parts.sql.connect()
  })

  after(async function () {
    this.timeout(60_000)
    await parts.sql?.end()
    house.servers.splice(0)
    await house.close()
  })

  it('are in the feed when it has ended, though it was kept from it until then, and a plugin could not end', async function () {
    this.timeout(20_000)
    const { sql } = parts
    if (!sql) throw new Error('the database is not open')
    const client = await house.socket(house.admin)
    await sql.query('begin')
    await sql.query("select pg_advisory_xact_lock(hashtext('sovrane:relay'))")
    const site = await house.ok('site-create', { label: 'The last one' }, house.admin)
    const stopped = house.server.stop().then(() => undefined, (error: unknown) => error)
    await client.ended()
    // What comes after the plugins is the feed's end: it has to wait for the other that has the relay.
    await until('the plugins were asked to end', () => asked.clinging)
    await sleep(400)
    expect((await sql.query('select 1 from feed where id = $1', [site['id']])).rowCount, 'it is not told yet').to.equal(0)
    await sql.query('commit')
    expect(String(await stopped)).to.include('it clings to its printer')
    expect((await sql.query('select 1 from feed where id = $1', [site['id']])).rowCount).to.equal(1)
    expect((await sql.query('select 1 from outbox')).rowCount).to.equal(0)
  })
})

onPostgres('A server that stops while its database does not answer', () => {
  after(async function () {
    this.timeout(60_000)
    await cleanUp()
  })

  /** The exit code of a server that is stopped while five log-ins are under way. Its own limit of ten seconds ends it with 1. */
  const codeOf = async (node: Node, begin: () => unknown): Promise<number | null | undefined> => {
    await node.start()
    const ask = async (): Promise<boolean> => (await post(node.url, 'auth-login', administrator)).ok
    expect(await ask()).to.equal(true)
    await begin()
    const pending = Promise.allSettled(Array.from({ length: 5 }, ask))
    const code = await node.signal('SIGTERM')
    await pending
    return code
  }

  for (const [trouble, direction] of [['blackhole', 'both'], ['stall', 'up'], ['stall', 'down']] as const) {
    it(`ends in order: ${trouble}, ${direction}`, async function () {
      this.timeout(120_000)
      const environment = await freshEnvironment('postgres')
      const { proxy, through } = await startProxyTo(environment['DATABASE_URL'])
      const node = createNode({ ...environment, PORT: String(await freePort()), DATABASE_URL: through })
      undoLater(async () => {
        await node.signal('SIGKILL')
        await proxy.close()
      })
      expect(await codeOf(node, () => proxy[trouble](direction)), node.words()).to.equal(0)
    })
  }

  for (const tables of ['audit_unsealed', 'jobs', 'outbox', 'sessions, audit_unsealed, jobs, outbox, feed']) {
    it(`ends in order: another has locked ${tables}`, async function () {
      this.timeout(120_000)
      const environment = await freshEnvironment('postgres')
      const node = createNode({ ...environment, PORT: String(await freePort()) })
      const sql = new pg.Client({ connectionString: environment['DATABASE_URL'] })
      undoLater(async () => {
        await node.signal('SIGKILL')
        await sql.end()
      })
      await sql.connect()
      const code = await codeOf(node, async () => {
        await sql.query('begin')
        await sql.query(`lock table ${tables} in access exclusive mode`)
      })
      expect(code, node.words()).to.equal(0)
      await sql.query('rollback')
    })
  }
})
