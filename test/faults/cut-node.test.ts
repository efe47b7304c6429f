// A node that the network cuts off in the middle of its work, or that is paused, holds nobody's feed up: its database sessions stay open
// behind a proxy that swallows everything, in whatever statement they were.
import { expect } from 'chai'
import { setTimeout as sleep } from 'node:timers/promises'
import { io, type Socket } from 'socket.io-client'
import { app } from '../../app.ts'
import { startServer, type Server } from '../../core/boot/server.ts'
import { recordingLog } from '../kit/server.ts'
import { onPostgres } from '../kit/databases.ts'
import { cleanUp, freshEnvironment } from '../kit/place.ts'
import { administrator } from '../kit/ready.ts'
import { startProxyTo, type Proxy } from './proxy.ts'

const rounds = 8
const writers = 8

interface Answer {
  readonly error?: { readonly code: string }
  readonly [field: string]: unknown
}

onPostgres('A node that is cut off while it relays', () => {
  const parts: { cut?: Server; healthy?: Server; proxy?: Proxy; socket?: Socket; token?: string } = {}

  const post = async (server: Server | undefined, event: string, payload: object): Promise<Answer> => {
    const headers = { 'content-type': 'application/json', ...(parts.token === undefined ? {} : { authorization: `Bearer ${parts.token}` }) }
    const response = await fetch(`${server?.url ?? ''}/api/${event}`, { method: 'POST', body: JSON.stringify(payload), headers })
    return response.json() as Promise<Answer>
  }

  const start = (environment: Readonly<Record<string, string>>): Promise<Server> =>
    startServer(app, { environment, log: recordingLog(), print: () => undefined, interactive: false })

  before(async function () {
    this.timeout(120_000)
    const environment = await freshEnvironment('postgres')
    const { proxy, through } = await startProxyTo(environment['DATABASE_URL'])
    parts.proxy = proxy
    parts.healthy = await start(environment)
    parts.cut = await start({
      ...environment, DATABASE_URL: through, DATABASE_STATEMENT_TIMEOUT: '1000', DATABASE_ACQUIRE_TIMEOUT: '1000',
    })
    parts.token = String((await post(parts.healthy, 'auth-login', administrator))['accessToken'])
    parts.socket = io(parts.healthy.url, { auth: { token: parts.token }, forceNew: true, transports: ['websocket'] })
    await new Promise((resolve) => parts.socket?.once('session', resolve))
  })

  after(async function () {
    this.timeout(60_000)
    parts.socket?.close()
    await parts.cut?.stop()
    await parts.healthy?.stop()
    await parts.proxy?.close()
    await cleanUp()
  })

  it('the other node tells of its own changes meanwhile, and of the cut one\'s that were committed', async function () {
    this.timeout(120_000)
    const heard = new Set<string>()
    parts.socket?.on('site-changed', ({ id }: { id: string }) => heard.add(id))
    const hears = async (id: unknown): Promise<void> => {
      for (const deadline = Date.now() + 30_000; Date.now() < deadline; await sleep(10)) if (heard.has(String(id))) return
      throw new Error(`the feed of the healthy node stands: ${String(id)} was not heard of`)
    }
    for (let round = 0; round < rounds; round += 1) {
      const state = { going: true }
      const acknowledged: unknown[] = []
      const work = Array.from({ length: writers }, async () => {
        while (state.going) {
          const made = await post(parts.cut, 'site-create', { label: 'Busy' })
          if (made.error === undefined) acknowledged.push(made['id'])
        }
      })
      await sleep(100 + Math.random() * 200)
      parts.proxy?.blackhole()
      state.going = false
      const made = await post(parts.healthy, 'site-create', { label: 'Healthy' })
      expect(made.error).to.equal(undefined)
      await hears(made['id'])
      for (const id of acknowledged) await hears(id)
      parts.proxy?.heal()
      await Promise.all(work)
    }
  })
})
