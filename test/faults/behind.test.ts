// A client comes, with what it was told elsewhere, to a node that has not heard of it yet: it is answered nothing older. The node hears
// nothing of PostgreSQL's NOTIFY, as over a half-open connection, and finds out by its polls, a second apart.
import { expect } from 'chai'
import { io } from 'socket.io-client'
import { app } from '../../app.ts'
import { startServer, type Server } from '../../core/boot/server.ts'
import { onPostgres } from '../kit/databases.ts'
import { cleanUp, freshEnvironment, undoLater } from '../kit/place.ts'
import { administrator } from '../kit/ready.ts'
import { recordingLog } from '../kit/server.ts'
import { eventually } from '../kit/wait.ts'
import { openClient, post, type Fields } from '../races/client.ts'
import { startProxyTo, type Proxy } from './proxy.ts'

const rounds = 10

onPostgres('A client who has heard more than the node that it comes to', () => {
  const parts: { heard?: Server; deaf?: Server; proxy?: Proxy; token?: string } = {}

  const start = async (environment: Readonly<Record<string, string>>): Promise<Server> => {
    const server = await startServer(app, { environment, log: recordingLog(), print: () => undefined, interactive: false })
    undoLater(() => server.stop())
    return server
  }
  const must = async (server: Server | undefined, event: string, payload: Fields): Promise<Fields> => {
    const reply = await post(server?.url ?? '', event, payload, parts.token)
    if (!reply.ok) throw new Error(`${event}: ${reply.code}`)
    return reply.data
  }

  before(async function () {
    this.timeout(120_000)
    const environment = await freshEnvironment('postgres')
    const { proxy, through } = await startProxyTo(environment['DATABASE_URL'])
    undoLater(() => proxy.close())
    parts.proxy = proxy
    parts.heard = await start(environment)
    parts.deaf = await start({ ...environment, DATABASE_URL: through })
    parts.token = String((await must(parts.heard, 'auth-login', administrator))['accessToken'])
  })

  after(async function () {
    this.timeout(60_000)
    await cleanUp()
  })

  const deafen = async (): Promise<void> => {
    const found = await parts.heard?.database.knex('pg_stat_activity').where({ application_name: 'sovrane listener' }).select('client_port')
    for (const { client_port: port } of found as { client_port: number }[]) parts.proxy?.deafen(port)
  }

  /** The first answer on a new connection, asked for as soon as there is one. */
  const firstAnswer = (id: string, since: object): Promise<Fields> => new Promise((resolve, reject) => {
    const socket = io(parts.deaf?.url ?? '', { auth: { token: parts.token, since }, forceNew: true, transports: ['websocket'] })
    socket.once('connect_error', reject)
    socket.once('connect', () => socket.emit('site-get', { id }, (reply: Fields) => {
      socket.disconnect()
      resolve(reply)
    }))
  })

  it('is answered nothing older than what it was told', async function () {
    this.timeout(120_000)
    const watcher = await openClient(parts.heard?.url ?? '', { token: parts.token })
    for (let round = 0; round < rounds; round += 1) {
      const [changed, gone] = [`changed-${round}`, `gone-${round}`]
      for (const id of [changed, gone]) {
        await must(parts.heard, 'site-create', { id, label: 'Before' })
        // It has them in memory.
        await eventually(async () => (await post(parts.deaf?.url ?? '', 'site-get', { id }, parts.token)).ok, 'it has it')
      }
      await deafen()
      await must(parts.heard, 'site-update', { id: changed, label: 'After' })
      await must(parts.heard, 'site-delete', { id: gone })
      await eventually(() => watcher.changes.some(({ id, action }) => id === gone && action === 'delete'), 'it is told')
      const { cursor } = watcher
      const [first, other] = await Promise.all([firstAnswer(changed, cursor), firstAnswer(gone, cursor)])
      expect(first).to.include({ label: 'After' })
      expect(other).to.have.nested.property('error.code', 'not_found')
    }
    watcher.close()
  })
})
