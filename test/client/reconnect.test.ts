// A client comes back: over a line that is cut, from a server that stops, is killed or paused, to another history. It misses nothing.
import { expect } from 'chai'
import { freePort } from '../kit/port.ts'
import { startProxy, type Proxy } from '../faults/proxy.ts'
import { createNode, type Node } from '../faults/storm/node.ts'
import { onAnyDatabase, onEachDatabase, onPostgres } from '../kit/databases.ts'
import { cleanUp, freshEnvironment } from '../kit/place.ts'
import { administrator } from '../kit/ready.ts'
import { post } from '../kit/http.ts'
import { row, success, text } from '../kit/replies.ts'
import { TestServer } from '../kit/test-server.ts'
import { eventually } from '../kit/wait.ts'
import { becomes, clientOf, closeClients, enter, isLive, type Client } from './people.ts'

/** The ids of the rows of which a client hears, each as often as it does. */
const hearing = (client: Client): string[] => {
  const heard: string[] = []
  client.site.onChanged(({ id }) => heard.push(id))
  return heard
}
const has = (heard: readonly string[], ids: readonly string[]): Promise<void> =>
  eventually(() => ids.every((id) => heard.includes(id)), `heard ${heard.join(', ')} of ${ids.join(', ')}`)

onEachDatabase('client: comes back', (kind) => {
  const server = new TestServer(kind)
  const parts: { proxy?: Proxy } = {}
  const proxy = (): Proxy => parts.proxy as Proxy
  const makeSite = async (): Promise<string> => text((await server.ok('site-create', { label: 'Missed' }, server.admin))['id'])

  before(async function () {
    this.timeout(60_000)
    await server.open()
  })
  beforeEach(async () => {
    parts.proxy = await startProxy(Number(new URL(server.url).port))
  })
  afterEach(async () => {
    closeClients()
    await parts.proxy?.close()
  })
  after(() => server.close())

  it('over a line that is cut: what was missed is heard, in order, and live lists are fresh', async () => {
    const client = await enter(`http://127.0.0.1:${proxy().port}`, server.admin)
    const heard = hearing(client)
    const resyncs: unknown[] = []
    client.onResync(() => resyncs.push(1))
    const list = client.site.live({ limit: 100 })
    await list.settled()
    for (let round = 0; round < 3; round += 1) {
      proxy().cut()
      await eventually(() => client.state.current.status === 'waiting', 'it is cut')
      expect(list.current.status).to.equal('offline')
      const missed = [await makeSite(), await makeSite()]
      proxy().heal()
      client.retry()
      await isLive(client)
      const live = await makeSite()
      await has(heard, [...missed, live])
      expect(heard.filter((id) => missed.includes(id) || id === live)).to.deep.equal([...missed, live])
      const { items, status } = await list.settled()
      expect(status).to.equal('live')
      expect(items.map(({ id }) => id)).to.include.members([...missed, live])
    }
    expect(resyncs).to.deep.equal([])
  })

  it('from a line that carries nothing any longer, which no one has said', async function () {
    this.timeout(120_000)
    const client = await enter(`http://127.0.0.1:${proxy().port}`, server.admin)
    const heard = hearing(client)
    proxy().blackhole()
    const call = client.site.list({}, { timeout: 60_000 })
    const missed = await makeSite()
    await becomes(client, 'waiting')
    proxy().heal()
    expect((await call).items.map(({ id }) => id)).to.include(missed)
    await has(heard, [missed])
  })

  it('to another history: it is told to read everything anew', async () => {
    const client = await enter(server.url, server.admin)
    let resyncs = 0
    client.onResync(() => { resyncs += 1 })
    const list = client.site.live({ limit: 100 })
    await list.settled()
    await server.sql("update feed_state set epoch = 'another'")
    await eventually(() => resyncs === 1, 'resync')
    await list.settled()
    // It resumes by the new epoch.
    const heard = hearing(client)
    client.retry()
    const id = await makeSite()
    await has(heard, [id])
    expect(resyncs).to.equal(1)
  })
})

onPostgres('client: is led from one node to another', () => {
  const server = new TestServer('postgres')
  before(async function () {
    this.timeout(60_000)
    await server.open()
    await server.start()
  })
  afterEach(closeClients)
  after(() => server.close())

  it('never reads what is older than its own mutation has answered; lists and changes go on', async function () {
    this.timeout(120_000)
    const ports = server.servers.map(({ url }) => Number(new URL(url).port))
    const proxy = await startProxy(ports[0] ?? 0)
    try {
      const client = await enter(`http://127.0.0.1:${proxy.port}`, server.admin)
      const { id } = await client.site.create({ label: 'Round' })
      const list = client.site.live({ filter: { id } })
      await list.settled()
      const heard: number[] = []
      client.site.onChanged((change) => void (change.id === id && heard.push(change.version)))
      let version = 0
      for (let round = 0; round < 20; round += 1) {
        const label = `Round ${round}`
        version = (await client.site.update({ id, label })).version
        proxy.turn(ports[round % 2] ?? 0)
        // A connection that never holds is given time: no one waits for it here.
        await becomes(client, 'waiting')
        client.retry()
        const got = await client.site.get({ id })
        expect(got).to.include({ label, version })
      }
      await eventually(() => heard.at(-1) === version, 'the last is heard')
      // One order, nothing twice as an older one.
      expect(heard).to.deep.equal(heard.toSorted((a, b) => a - b))
      expect((await list.settled()).items[0]).to.include({ version })
    } finally {
      await proxy.close()
    }
  })
})

onAnyDatabase('client: comes back to a server', (kind) => {
  const nodes: Node[] = []
  const make = async (environment: Record<string, string>): Promise<Node> => {
    const node = createNode({ ...environment, PORT: String(await freePort()), LOG_LEVEL: 'error' })
    nodes.push(node)
    await node.start()
    return node
  }
  const makeSite = async ({ url }: Node): Promise<string> => {
    const { body } = await post(url, 'auth-login', JSON.stringify(administrator))
    const token = text(success(body)['accessToken'])
    return text(row((await post(url, 'site-create', JSON.stringify({ label: 'Missed' }), token)).body)['id'])
  }

  afterEach(async function () {
    this.timeout(60_000)
    closeClients()
    for (const node of nodes.splice(0)) {
      await node.signal('SIGCONT')
      await node.signal('SIGKILL')
    }
    await cleanUp()
  })

  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    it(`that was ended by ${signal} and started again: nothing is missed, and what was under way is done once`, async function () {
      this.timeout(300_000)
      const node = await make(await freshEnvironment(kind))
      const client = await enter(node.url, administrator)
      const heard = hearing(client)
      const list = client.site.live({ limit: 100 })
      await list.settled()
      const before = await makeSite(node)
      const calls = Array.from({ length: 20 }, (_, index) => client.site.create({ label: `under way ${index}` }, { timeout: 240_000 }))
      await node.signal(signal)
      await becomes(client, 'waiting')
      await node.start()
      const made = (await Promise.all(calls)).map(({ id }) => id)
      expect(new Set(made).size).to.equal(20)
      const after = await makeSite(node)
      await has(heard, [before, ...made, after])
      const { items, total } = await list.settled({ timeout: 60_000 })
      expect(items.map(({ id }) => id).toSorted((a, b) => (a < b ? -1 : 1)))
        .to.deep.equal([before, ...made, after].toSorted((a, b) => (a < b ? -1 : 1)))
      expect(total).to.equal(22)
    })
  }

  it('that was paused, and goes on', async function () {
    this.timeout(300_000)
    const node = await make(await freshEnvironment(kind))
    const client = await enter(node.url, administrator)
    const heard = hearing(client)
    await node.signal('SIGSTOP')
    const call = client.site.create({ label: 'paused' }, { timeout: 120_000 })
    await becomes(client, 'waiting')
    await node.signal('SIGCONT')
    const { id } = await call
    await has(heard, [id])
    expect((await client.site.list({ filter: { label: 'paused' } })).total).to.equal(1)
  })

  it('that starts only after its client', async function () {
    this.timeout(300_000)
    const environment = await freshEnvironment(kind)
    const port = await freePort()
    const client = clientOf(`http://127.0.0.1:${port}`, { timeout: 60_000 })
    expect(await client.auth.login(administrator).catch(({ code }: { code: string }) => code)).to.equal('offline')
    const node = createNode({ ...environment, PORT: String(port), LOG_LEVEL: 'error' })
    nodes.push(node)
    await node.start()
    await client.auth.login(administrator)
    await client.site.list()
  })
})
