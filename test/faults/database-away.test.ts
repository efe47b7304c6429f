// "With the database away: unavailable, and recovery by itself." A proxy stands between the server and PostgreSQL.
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { io, type Socket } from 'socket.io-client'
import { app } from '../../app.ts'
import { startServer, type Server } from '../../core/boot/server.ts'
import { recordingLog } from '../kit/server.ts'
import { onPostgres } from '../kit/databases.ts'
import { cleanUp, freshEnvironment } from '../kit/place.ts'
import { administrator } from '../kit/ready.ts'
import { startProxyTo, type Proxy } from './proxy.ts'


interface Answer {
  readonly error?: { readonly code: string; readonly message: string }
  readonly [field: string]: unknown
}

onPostgres('The database away', () => {
  const log = recordingLog()
  const parts: { server?: Server; proxy?: Proxy; socket?: Socket; token?: string } = {}
  const rejections: unknown[] = []
  const onRejection = (error: unknown): void => void rejections.push(error)

  const server = (): Server => parts.server as Server
  const proxy = (): Proxy => parts.proxy as Proxy
  const socket = (): Socket => parts.socket as Socket

  const post = async (event: string, payload: object): Promise<Answer> => {
    const headers = parts.token === undefined ? {} : { authorization: `Bearer ${parts.token}` }
    const response = await fetch(`${server().url}/api/${event}`, { method: 'POST', body: JSON.stringify(payload), headers })
    return response.json() as Promise<Answer>
  }
  const ask = (event: string, payload: object): Promise<Answer> => socket().timeout(30_000).emitWithAck(event, payload) as Promise<Answer>

  const until = async (what: string, holds: () => Promise<boolean>): Promise<void> => {
    for (const deadline = Date.now() + 30_000; Date.now() < deadline; await sleep(100)) if (await holds()) return
    throw new Error(`${what} did not happen within 30 s`)
  }

  const isReady = async (): Promise<boolean> => (await fetch(`${server().url}/health/ready`)).status === 200

  before(async function () {
    this.timeout(60_000)
    process.on('unhandledRejection', onRejection)
    const environment = await freshEnvironment('postgres')
    const opened = await startProxyTo(environment['DATABASE_URL'])
    parts.proxy = opened.proxy
    parts.server = await startServer(app, {
      environment: { ...environment, DATABASE_URL: opened.through, DATABASE_STATEMENT_TIMEOUT: '1000', DATABASE_ACQUIRE_TIMEOUT: '1000' },
      log, print: () => undefined, interactive: false,
    })
    const login = await post('auth-login', administrator)
    parts.token = String(login['accessToken'])
    parts.socket = io(server().url, { auth: { token: parts.token }, forceNew: true })
    await new Promise((resolve) => socket().once('session', resolve))
  })

  after(async () => {
    socket().close()
    await server().stop()
    await proxy().close()
    await cleanUp()
    process.off('unhandledRejection', onRejection)
  })

  const expectAway = async (): Promise<void> => {
    for (const answer of [
      await ask('site-create', { label: 'Away' }), await ask('site-list-request', {}), await post('site-create', { label: 'Away' }),
    ]) {
      expect(answer.error?.code).to.equal('unavailable')
      expect(JSON.stringify(answer)).to.not.match(/select|insert|ECONN|127\.0\.0\.1|pool/i)
    }
    await until('not being ready', async () => !(await isReady()))
    expect((await fetch(`${server().url}/health/live`)).status).to.equal(200)
  }

  const expectBack = async (label: string): Promise<void> => {
    await until('being ready', isReady)
    const heard = new Promise<{ id: string }>((resolve) => {
      socket().on('site-changed', function listen(change: { id: string }) {
        socket().off('site-changed', listen)
        resolve(change)
      })
    })
    const created = await ask('site-create', { label })
    expect(created.error).to.equal(undefined)
    expect((await heard).id).to.equal(created['id'])
  }

  it('cut: every request is answered with unavailable, then all is well again, changes included', async function () {
    this.timeout(90_000)
    proxy().cut()
    await expectAway()
    proxy().heal()
    await expectBack('After the cut')
  })

  it('half-open: what never answers is given up, then all is well again', async function () {
    this.timeout(90_000)
    proxy().blackhole()
    await expectAway()
    // No longer after a vain question: the server knows.
    const refused = { code: 'unavailable', message: 'The database does not answer; try again', retryAfter: 1 }
    expect((await post('site-list-request', {})).error).to.deep.include(refused)
    expect((await ask('site-create', { label: 'Away' })).error).to.deep.include(refused)
    expect((await post('ping', {})).error, 'what asks no database is served').to.equal(undefined)
    proxy().heal()
    await expectBack('After the silence')
  })

  it('what was written while the database was away from this node is heard when it is back', async function () {
    this.timeout(90_000)
    const heard: string[] = []
    socket().on('site-changed', ({ id }: { id: string }) => heard.push(id))
    const created = await ask('site-create', { label: 'Before' })
    proxy().cut()
    await until('not being ready', async () => !(await isReady()))
    proxy().heal()
    await until('being ready', isReady)
    const later = await ask('site-create', { label: 'Later' })
    await until('hearing both', () => Promise.resolve(heard.includes(String(created['id'])) && heard.includes(String(later['id']))))
  })

  it('half-open: it stops, though no connection can be ended in order', async function () {
    this.timeout(90_000)
    proxy().blackhole()
    await until('not being ready', async () => !(await isReady()))
    await server().stop().catch(() => undefined)
  })

  it('no rejected promise was left alone', () => {
    expect(rejections).to.deep.equal([])
  })
})
