// docs/protocol.md §8: connections that join nothing, send half a request, ask too much at once or are too many are closed or refused.
import { connect, type AddressInfo, type Socket as Tcp } from 'node:net'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { Manager } from 'socket.io-client'
import { object } from 'yup'
import { definePlugin, operation } from '../../core/define/index.ts'
import { guardDoor } from '../../core/transport/door.ts'
import { createListener } from '../../core/transport/listener.ts'
import { originCheck } from '../../core/transport/origin.ts'
import { open, type Client } from '../kit/client.ts'
import { onAnyDatabase } from '../kit/databases.ts'
import { post } from '../kit/http.ts'
import { administrator } from '../kit/ready.ts'
import { refusal, success } from '../kit/replies.ts'
import { appWith, recordingLog, startApp, type RunningApp } from '../kit/server.ts'
import { eventually } from '../kit/wait.ts'

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

const limits = {
  SOCKET_JOIN_TIMEOUT: '1', SOCKET_IDLE_TIMEOUT: '1', SOCKET_MAX_REQUESTS: '2', HTTP_HEADERS_TIMEOUT: '1', HTTP_REQUEST_TIMEOUT: '1',
}

onAnyDatabase('Connections of clients', (kind) => {
  const parts: { running?: RunningApp } = {}
  const clients: Client[] = []
  const url = (): string => parts.running?.server.url ?? ''

  const lobby = async (): Promise<Client> => {
    const client = await open(`${url()}/auth`, { transports: ['websocket'], reconnection: false })
    clients.push(client)
    return client
  }

  before(async function () {
    this.timeout(60_000)
    parts.running = await startApp(appWith(holding), kind, limits)
  })

  after(async function () {
    this.timeout(60_000)
    for (const release of held.splice(0)) release()
    for (const client of clients) client.close()
    await parts.running?.stop()
  })

  it('a WebSocket that joins no namespace is closed', async () => {
    const manager = new Manager(url(), { transports: ['websocket'], reconnection: false, autoConnect: false })
    const closed = new Promise<string>((resolve) => void manager.on('close', resolve))
    manager.open()
    expect(await closed).to.equal('transport close')
  })

  it('a polling transport that joins none and asks for nothing is forgotten', async function () {
    this.timeout(30_000)
    const place = `${url()}/socket.io/?EIO=4&transport=polling`
    const { sid } = JSON.parse((await (await fetch(place)).text()).slice(1)) as { sid: string }
    const pong = async (): Promise<number> => (await fetch(`${place}&sid=${sid}`, { method: 'POST', body: '3' })).status
    expect(await pong()).to.equal(200)
    await eventually(async () => (await pong()) === 400, 'its session is unknown')
  })

  it('one whose last namespace was left is closed too', async () => {
    const manager = new Manager(url(), { transports: ['websocket'], reconnection: false })
    const socket = manager.socket('/auth')
    await new Promise<void>((resolve) => void socket.on('connect', resolve))
    const closed = new Promise<string>((resolve) => void manager.on('close', resolve))
    // Not by `disconnect`, which closes the transport itself.
    ;(manager as unknown as { _packet(packet: object): void })._packet({ type: 1, nsp: '/auth' })
    expect(await closed).to.equal('transport close')
  })

  it('one with only /auth is closed once it is idle, one with / is not', async function () {
    this.timeout(30_000)
    const login = success((await post(url(), 'auth-login', JSON.stringify(administrator))).body)
    const manager = new Manager(url(), { transports: ['websocket'], reconnection: false })
    const both = [manager.socket('/', { auth: { token: login['accessToken'] } }), manager.socket('/auth')]
    await Promise.all(both.map((socket) => new Promise<void>((resolve) => void socket.on('connect', resolve))))
    const idle = await lobby()
    expect(await idle.ended()).to.equal('transport close')
    expect(both.map(({ connected }) => connected)).to.deep.equal([true, true])
    for (const socket of both) socket.disconnect()
  })

  it('too many requests under way on one are unavailable at once; those before are answered, others are served', async () => {
    const [client, other] = [await lobby(), await lobby()]
    const first = [client.ask('hold', {}), client.ask('hold', {})]
    await eventually(() => held.length === 2, 'two are under way')
    const reply = await client.ask('hold', {})
    refusal(reply, 'unavailable')
    expect(reply).to.have.nested.property('error.retryAfter', 1)
    success(await other.ask('ping', {}))
    for (const release of held.splice(0)) release()
    for (const reply of await Promise.all(first)) success(reply)
    success(await client.ask('ping', {}))
  })

  const slow = async (start: string): Promise<string> => {
    const { port } = new URL(url())
    const socket: Tcp = connect(Number(port), '127.0.0.1')
    let heard = ''
    socket.setEncoding('utf8').on('data', (text: string) => { heard += text })
    socket.on('error', () => undefined)
    socket.write(start)
    const drip = setInterval(() => socket.write('a'), 100)
    await once(socket, 'close')
    clearInterval(drip)
    return heard
  }

  it('a request whose headers never end is cut', async function () {
    this.timeout(30_000)
    expect(await slow('POST /api/ping HTTP/1.1\r\nHost: localhost\r\nX-Slow: ')).to.match(/^HTTP\/1\.1 408 /)
  })

  it('a request whose body never ends is cut', async function () {
    this.timeout(30_000)
    const headers = 'POST /api/ping HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n{"a":"'
    expect(await slow(headers)).to.match(/^HTTP\/1\.1 408 /)
  })

  it('one that waits between two requests is kept for its own time', async function () {
    this.timeout(30_000)
    const { port } = new URL(url())
    const socket = connect(Number(port), '127.0.0.1')
    let heard = ''
    socket.setEncoding('utf8').on('data', (text: string) => { heard += text })
    const live = 'GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n'
    socket.write(live)
    // In this time those of the tests above are cut.
    await slow('POST /api/ping HTTP/1.1\r\nHost: localhost\r\nX-Slow: ')
    socket.write(live)
    await eventually(() => heard.split('HTTP/1.1 200 ').length === 3, 'the second answer')
    socket.destroy()
  })
})

describe('transport: connections of a server', () => {
  it('have a time for the headers of a request that is not that of the whole', async function () {
    this.timeout(30_000)
    const { server, end } = createListener(10)
    const times = { keepAlive: 75, headers: 1, request: 3600 }
    guardDoor(server, { origins: originCheck({ list: '', host: '127.0.0.1' }), log: recordingLog(), times })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const socket = connect((server.address() as AddressInfo).port)
    let heard = ''
    socket.setEncoding('utf8').on('data', (text: string) => { heard += text })
    socket.write('GET /nothing HTTP/1.1\r\nHost: localhost\r\nX-Slow: ')
    const cut = once(socket, 'close').then(() => true)
    const isCut = await Promise.race([cut, sleep(10_000, false)])
    socket.destroy()
    await end()
    expect([isCut, heard.slice(0, 13)]).to.deep.equal([true, 'HTTP/1.1 408 '])
  })

  it('are so many at most; when one is closed another is let in', async () => {
    const { server, end } = createListener(2)
    const log = recordingLog()
    guardDoor(server, { origins: originCheck({ list: '', host: '127.0.0.1' }), log, times: { keepAlive: 75, headers: 15, request: 30 } })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const sockets = [connect(port), connect(port)]
    await Promise.all(sockets.map((socket) => once(socket, 'connect')))
    const third = connect(port)
    third.on('error', () => undefined)
    await once(third, 'close')
    sockets[0]?.destroy()
    const left = (): Promise<number> => new Promise((resolve) => server.getConnections((_error, count) => resolve(count)))
    await eventually(async () => (await left()) === 1, 'one is gone')
    const fourth = connect(port)
    fourth.write('GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n')
    server.on('request', (_request, response: { end(): void }) => response.end())
    sockets.push(fourth)
    await once(fourth, 'connect')
    for (const socket of sockets) socket.destroy()
    await end()
  })
})
