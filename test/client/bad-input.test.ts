// What answers a client is not what it should be: one typed error each, patience in between, and no rejection that no one awaits.
import { createServer, type Server as HttpServer } from 'node:http'
import { createServer as createTcp, type AddressInfo, type Socket } from 'node:net'
import { expect } from 'chai'
import { Server } from 'socket.io'
import { memoryStorage, webStorage, SovraneError, type ClientState } from '../../client/index.ts'
import { eventually } from '../kit/wait.ts'
import { becomes, clientOf, closeClients, type Client } from './people.ts'

const codeOf = (error: unknown): string => (error instanceof SovraneError ? error.code : String(error))

const isAck = (value: unknown): value is (reply: unknown) => void => typeof value === 'function'

/** A storage in which someone is logged in. */
const loggedIn = () => {
  const storage = memoryStorage()
  const receivedAt = Date.now()
  storage.write({ family: 'f', accessToken: 'a', refreshToken: 'r', receivedAt, expiresAt: receivedAt + 900_000 })
  return storage
}

describe('client: bad input', () => {
  const closing: (() => unknown)[] = []
  const rejected: unknown[] = []
  const note = (reason: unknown): void => void rejected.push(reason)

  before(() => void process.on('unhandledRejection', note))
  after(() => void process.off('unhandledRejection', note))
  afterEach(async () => {
    closeClients()
    for (const close of closing.splice(0)) await close()
    expect(rejected.splice(0)).to.deep.equal([])
  })

  const listen = async (server: HttpServer | ReturnType<typeof createTcp>): Promise<string> => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    closing.push(() => {
      if ('closeAllConnections' in server) server.closeAllConnections()
      return new Promise((resolve) => server.close(resolve))
    })
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }
  const page = (status: number, body: string, type = 'text/html'): Promise<string> =>
    listen(createServer((_request, response) => void response.writeHead(status, { 'content-type': type, 'retry-after': '1' }).end(body)))

  /** A client that is logged in somewhere, and all that its state has been. */
  const observed = (url: string): { readonly client: Client; readonly states: ClientState[] } => {
    const client = clientOf(url, { storage: loggedIn() })
    const states: ClientState[] = []
    client.state.subscribe((state) => states.push(state))
    return { client, states }
  }
  const waits = (states: readonly ClientState[]): ClientState[] => states.filter(({ status }) => status === 'waiting')

  const servers: Readonly<Record<string, readonly [make: () => Promise<string>, public_: string, live: string]>> = {
    'HTML': [() => page(200, '<!doctype html><title>Hotel Wi-Fi</title>'), 'protocol', 'protocol'],
    'HTML for what is not found': [() => page(404, '<h1>404</h1>'), 'protocol', 'protocol'],
    'another server\'s JSON': [() => page(404, '{"message":"Not Found"}', 'application/json'), 'protocol', 'protocol'],
    'JSON that is not an object': [() => page(200, '"ok"', 'application/json'), 'protocol', 'protocol'],
    'a proxy whose server is away': [() => page(502, '<h1>Bad gateway</h1>'), 'unavailable', 'unavailable'],
    'nothing, and closes': [() => listen(createTcp((socket) => void socket.destroy())), 'offline', 'offline'],
  }
  for (const [title, [make, first, then]] of Object.entries(servers)) {
    it(`a server that answers ${title}: ${first} for a call, ${then} in the state, and patience`, async () => {
      const url = await make()
      expect(await clientOf(url).auth.login({ email: 'a@example.com', password: 'x' }).catch(codeOf)).to.equal(first)
      const { client, states } = observed(url)
      await eventually(() => {
        // What it would wait for is looked at below.
        if (client.state.current.status === 'waiting' && waits(states).length < 2) client.retry()
        return waits(states).length >= 2
      }, 'it has tried twice')
      expect(new Set(waits(states).map(({ error }) => error?.code))).to.deep.equal(new Set([then]))
      for (const { retryIn } of waits(states)) expect(retryIn).to.be.at.least(250)
      // Each attempt is later than the one before, but for chance.
      expect(waits(states).map(({ attempt }) => attempt)).to.deep.equal(waits(states).map((_each, index) => index + 1))
      expect(await client.site.list({}, { timeout: 50 }).catch(codeOf)).to.equal(then)
    })
  }

  it('a server that accepts and says nothing: the call ends by its time, the client goes on trying', async function () {
    this.timeout(60_000)
    const sockets = new Set<Socket>()
    const url = await listen(createTcp((socket) => void sockets.add(socket.on('error', () => undefined))))
    closing.unshift(() => sockets.forEach((socket) => socket.destroy()))
    const login = clientOf(url).auth.login({ email: 'a@example.com', password: 'x' }, { timeout: 300 })
    expect(await login.catch(codeOf)).to.equal('timeout')
    const { states, client } = observed(url)
    expect(await client.site.list({}, { timeout: 300 }).catch(codeOf)).to.equal('offline')
    await becomes(client, 'waiting')
    expect(waits(states)[0]?.error?.code).to.equal('offline')
  })

  const strange: Readonly<Record<string, (io: Server) => void>> = {
    'whose session is of another version': (io) => io.on('connection', (socket) => void socket.emit('session', { user: 1 })),
    'of Socket.IO that is not Sovrane\'s': () => undefined,
  }
  for (const [title, set] of Object.entries(strange)) {
    it(`a server ${title}: protocol`, async function () {
      this.timeout(60_000)
      const http = createServer((_request, response) => void response.writeHead(200, { 'content-type': 'application/json' }).end('{}'))
      const io = new Server(http)
      set(io)
      const url = await listen(http)
      closing.unshift(() => io.close())
      const { client, states } = observed(url)
      await becomes(client, 'waiting')
      expect(waits(states)[0]?.error?.code).to.equal('protocol')
      expect(waits(states)[0]?.retryIn).to.be.at.least(2500)
    })
  }

  it('replies and events that are no objects do no harm', async () => {
    const http = createServer()
    const io = new Server(http)
    io.on('connection', (socket) => {
      socket.emit('session', { userId: 'u', sessionId: 's', feed: { epoch: 'e', pos: 1 } })
      for (const payload of [null, 1, 'x', [], {}, { id: 1 }]) {
        for (const event of ['site-changed', 'feed-head', 'feed-resync', 'unheard-of']) socket.emit(event, payload)
      }
      socket.onAny((_event, _payload, reply: unknown) => { if (isAck(reply)) reply('<html>') })
    })
    const url = await listen(http)
    closing.unshift(() => io.close())
    const { client } = observed(url)
    const list = client.site.live()
    const heard: unknown[] = []
    client.site.onChanged((change) => heard.push(change))
    expect(await client.site.list().catch(codeOf)).to.equal('protocol')
    expect((await list.next()).error?.code).to.equal('protocol')
    expect(heard).to.deep.equal([])
    expect(client.state.current.status).to.equal('live')
  })

  it('a request that comes as the token ends is sent again once there is another', async () => {
    const asked: string[] = []
    const http = createServer((_request, response) => void response.writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ accessToken: 'new', refreshToken: 'r2', expiresIn: 900 })))
    const io = new Server(http)
    io.on('connection', (socket) => {
      const { token } = socket.handshake.auth as { token: string }
      socket.emit('session', { userId: 'u', sessionId: 's', feed: { epoch: 'e', pos: 1 } })
      socket.onAny((event: string, _payload, reply: unknown) => {
        if (!isAck(reply)) return
        asked.push(`${event} by ${token}`)
        if (token === 'new') return reply({ items: [], page: 1, limit: 20, total: 0 })
        reply({ error: { code: 'unauthenticated', message: 'No', requestId: 'r' } })
        socket.emit('session-expired', { reason: 'expired' })
        socket.disconnect()
      })
    })
    const url = await listen(http)
    closing.unshift(() => io.close())
    const { client } = observed(url)
    expect((await client.site.list()).total).to.equal(0)
    expect(asked).to.deep.equal(['site-list-request by a', 'site-list-request by new'])
  })

  it('a listener that throws is no one else\'s trouble', async () => {
    const thrown: unknown[] = []
    const [own, ...others] = [(error: unknown) => void thrown.push(error), ...process.listeners('uncaughtException')]
    process.removeAllListeners('uncaughtException').on('uncaughtException', own)
    try {
      const { client, states } = observed(await page(200, 'x'))
      const stop = client.state.subscribe(() => { throw new Error('mine') })
      client.state.subscribe((state) => states.push(state))
      await eventually(() => waits(states).length >= 2, 'the others are told')
      expect(String(thrown[0])).to.equal('Error: mine')
      stop()
    } finally {
      process.removeAllListeners('uncaughtException')
      for (const other of others) process.on('uncaughtException', other)
    }
  })

  it('what others keep under its name in the storage is no session', () => {
    for (const text of ['', 'x', '{}', '[]', 'null', '{"accessToken":1}']) {
      const storage = webStorage({ values: { getItem: () => text, setItem: () => undefined, removeItem: () => undefined } })
      expect(storage.read()).to.equal(undefined)
    }
  })

  it('a storage that cannot even be read is one error, and the session goes on', async () => {
    const broken = (): never => { throw new DOMException('denied', 'SecurityError') }
    const url = await page(200, JSON.stringify({ accessToken: 'a', refreshToken: 'r', expiresIn: 900 }), 'application/json')
    const values = { getItem: broken, setItem: broken, removeItem: broken }
    const client = clientOf(url, { storage: webStorage({ name: 'broken', values, locks: null }) })
    await client.auth.login({ email: 'a@example.com', password: 'x' })
    expect(client.state.current.storage?.code).to.equal('storage')
    expect(client.state.current.status).to.not.equal('signed-out')
  })
})
