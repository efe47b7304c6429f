// Calls of a client: before a log-in and after it, typed errors, ends, and repetitions that are done once.
import { expect } from 'chai'
import { SovraneError } from '../../client/index.ts'
import { onAnyDatabase, onEachDatabase } from '../kit/databases.ts'
import { openServer, TestServer } from '../kit/test-server.ts'
import { eventually } from '../kit/wait.ts'
import { startProxy } from '../faults/proxy.ts'
import { clientOf, closeClients, enter, isLive } from './people.ts'

/** The error of a call that must fail. */
const failed = async (call: Promise<unknown>): Promise<SovraneError> => {
  const thrown: unknown = await call.then(() => undefined, (error: unknown) => error)
  if (!(thrown instanceof SovraneError)) throw new Error(`expected a SovraneError, got ${String(thrown)}`)
  return thrown
}

onEachDatabase('client: calls', (kind) => {
  const server = openServer(kind)
  afterEach(closeClients)

  it('asks public events without a session, others are unauthenticated; a log-in opens it, a log-out ends it', async () => {
    const client = clientOf(server.url)
    expect(client.state.current).to.include({ status: 'signed-out' })
    expect(await client.auth.passwordPolicy()).to.include({ minLength: 8 })
    expect(await failed(client.site.list())).to.include({ code: 'unauthenticated', event: 'site-list-request' })
    await client.auth.login({ email: server.admin.email, password: server.admin.password })
    const { user } = await client.call('auth-me') as { user: { id: string } }
    expect(client.state.current).to.include({ status: 'live', userId: user.id })
    await client.auth.logout()
    expect((await failed(client.site.list())).code).to.equal('unauthenticated')
    await eventually(() => client.state.current.status === 'signed-out', 'signed out')
  })

  it('works with a row and its links, and replies nothing of its own requestId', async () => {
    const client = await enter(server.url, server.admin)
    const site = await client.site.create({ label: 'Harbour' })
    expect(site).to.have.all.keys('id', 'version', 'createdAt', 'updatedAt', 'createdBy', 'updatedBy', 'label')
    const { id } = await client.department.create({ label: 'Stores', siteId: site.id })
    const inside = await client.department.create({ label: 'Paint', parentId: id })
    expect((await client.department.get({ id, include: ['site'] })).site?.label).to.equal('Harbour')
    expect((await client.department.children.list({ id })).items.map((child) => child.id)).to.deep.equal([inside.id])
    await client.department.manager.set({ id, userId: server.admin.id })
    expect((await client.department.manager.get({ id })).manager?.id).to.equal(server.admin.id)
    const requestId = `own-${id}`
    expect(await client.department.update({ id, label: 'Store', requestId })).to.include({ label: 'Store', requestId })
  })

  it('tells errors by code, reason, details and fields', async () => {
    const client = await enter(server.url, server.admin)
    const invalid = await failed(client.site.create({ label: '' }))
    expect(invalid).to.include({ code: 'invalid_payload', event: 'site-create' })
    expect(invalid.fields).to.have.all.keys('label')
    const { id, version } = await client.site.create({ label: 'Quay' })
    expect((await failed(client.site.update({ id, label: 'X', ifVersion: version + 1 }))).details).to.deep.equal({ version })
    expect((await failed(client.site.get({ id: 'nowhere' }))).code).to.equal('not_found')
    const taken = { firstName: 'A', lastName: 'B', email: server.admin.email }
    expect((await failed(client.user.create(taken))).fields).to.deep.equal({ email: 'is taken' })
  })

  it('ends by its signal and by its time, and does nothing more', async () => {
    const client = await enter(server.url, server.admin)
    const stop = new AbortController()
    const call = failed(client.site.list({}, { signal: stop.signal }))
    stop.abort()
    expect((await call).code).to.equal('aborted')
    expect((await failed(client.site.list({}, { signal: AbortSignal.abort() }))).code).to.equal('aborted')
    client.close()
    expect((await failed(client.site.list())).code).to.equal('closed')
    expect(client.state.current.status).to.equal('closed')
  })
})

onAnyDatabase('client: calls over a line that breaks', (kind) => {
  const server = openServer(kind)
  afterEach(closeClients)

  it('sends what was lost again, and it is done once', async () => {
    const proxy = await startProxy(Number(new URL(server.url).port))
    try {
      const client = await enter(`http://127.0.0.1:${proxy.port}`, server.admin)
      // The request arrives, its reply is held back, and the line ends.
      proxy.stall('down')
      const label = `once-${kind}`
      const made = client.site.create({ label })
      const count = async (): Promise<number> => (await server.sql('select 1 from sites where label = ?', [label])).length
      await eventually(async () => (await count()) === 1, 'the site is there')
      proxy.cut()
      proxy.heal()
      const { id } = await made
      expect(await server.sql('select id from sites where label = ?', [label])).to.deep.equal([{ id }])
      await isLive(client)
    } finally {
      await proxy.close()
    }
  })

  it('says that there is no connection, or no answer, when the time of a call is over', async () => {
    const proxy = await startProxy(Number(new URL(server.url).port))
    try {
      const client = await enter(`http://127.0.0.1:${proxy.port}`, server.admin)
      proxy.blackhole()
      expect((await failed(client.site.list({}, { timeout: 200 }))).code).to.equal('timeout')
      proxy.cut()
      await eventually(() => client.state.current.status === 'waiting', 'waiting')
      expect((await failed(client.site.list({}, { timeout: 200 }))).code).to.equal('offline')
      proxy.heal()
      client.retry()
      await client.site.list()
    } finally {
      await proxy.close()
    }
  })

  it('waits as long as a server asks that has too many requests', async () => {
    const busy = new TestServer(kind, { environment: { RATE_LIMIT_EVENTS: '5', RATE_LIMIT_LOGINS: '50' } })
    await busy.open()
    try {
      const client = await enter(busy.url, busy.admin)
      const all = await Promise.all(Array.from({ length: 20 }, async () => client.site.list({ limit: 1 })))
      expect(all).to.have.length(20)
      expect(busy.log.lines.filter(({ level }) => level === 'error')).to.deep.equal([])
    } finally {
      await busy.close()
    }
  })
})
