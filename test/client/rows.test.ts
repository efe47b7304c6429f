// Rows that a client keeps: read together where they are asked for at once, answered as a single get would be, dropped by what is told.
import { expect } from 'chai'
import { SovraneError } from '../../client/index.ts'
import { onAnyDatabase } from '../kit/databases.ts'
import { openServer, type Session, type Wanted } from '../kit/test-server.ts'
import { eventually } from '../kit/wait.ts'
import { closeClients, enter, type Client } from './people.ts'

onAnyDatabase('client: rows', (kind) => {
  const server = openServer(kind)
  afterEach(closeClients)

  /** Events that the server was asked by this client, but for what a client asks by itself. */
  const counting = async (client: Client, work: () => Promise<unknown>): Promise<string[]> => {
    const before = server.log.lines.length
    await work()
    await client.ping()
    return server.log.lines.slice(before).flatMap(({ level, details }) => {
      const { event } = details as { readonly event?: unknown }
      return level === 'debug' && typeof event === 'string' && !['ping', 'feed-about'].includes(event) ? [event] : []
    })
  }
  const person = async (wanted: Wanted): Promise<{ readonly session: Session; readonly client: Client }> => {
    const session = await server.enter(wanted)
    return { session, client: await enter(server.url, session) }
  }
  const departments = async (count: number): Promise<string[]> => {
    const made = Array.from({ length: count }, () => server.ok('department-create', { label: 'One of many' }, server.admin))
    return (await Promise.all(made)).map(({ id }) => String(id))
  }
  const codeOf = (error: unknown): string => (error instanceof SovraneError ? error.code : String(error))

  it('asked for within a tick are one list; what is known is not asked again', async () => {
    const client = await enter(server.url, server.admin)
    const ids = await departments(30)
    const get = () => Promise.all(ids.map((id) => client.department.get({ id })))
    const events = await counting(client, async () => {
      expect((await get()).map(({ id }) => id)).to.deep.equal(ids)
    })
    expect(events).to.deep.equal(['department-list-request'])
    // Once it has heard of them.
    await eventually(async () => (await counting(client, get)).length === 0, 'they are kept')
    const [id = ''] = ids
    expect(await counting(client, () => client.department.get({ id, include: ['parent'] }))).to.deep.equal(['department-get'])
    expect(await counting(client, () => client.call('department-get', { id }))).to.deep.equal(['department-get'])
  })

  it('more than a list may hold are several', async () => {
    const client = await enter(server.url, server.admin)
    const ids = await departments(101)
    const events = await counting(client, () => Promise.all(ids.map((id) => client.department.get({ id }))))
    expect(events).to.deep.equal(['department-list-request', 'department-list-request'])
  })

  it('are what a single get answers, each with its own error', async () => {
    const [mine = '', other = ''] = await departments(2)
    const { client } = await person({
      direct: ['read-departments', 'read-department'].map((permissionId) => ({ permissionId, scopeId: mine })),
    })
    const answers = await Promise.allSettled([mine, other, 'nowhere', 'no id!'].map((id) => client.department.get({ id })))
    const single = await Promise.allSettled([mine, other, 'nowhere', 'no id!'].map((id) => client.call('department-get', { id })))
    const told = (all: typeof answers): unknown[] =>
      all.map((one) => (one.status === 'fulfilled' ? one.value : codeOf(one.reason)))
    expect(told(answers)).to.deep.equal(told(single))
    expect(told(answers).slice(1)).to.deep.equal(['not_found', 'not_found', 'invalid_payload'])
  })

  it('are asked for one by one where one may list what one may not get', async () => {
    const ids = await departments(3)
    const { client } = await person({ direct: ['read-departments'] })
    const answers = await Promise.allSettled(ids.map((id) => client.department.get({ id })))
    expect(answers.map((one) => one.status === 'rejected' && codeOf(one.reason))).to.deep.equal(['forbidden', 'forbidden', 'forbidden'])
  })

  it('are true after changes of others, of this client, and of rights', async () => {
    const [id = '', other = ''] = await departments(2)
    const { client, session } = await person({ direct: ['read-departments', 'read-department', 'update-department'] })
    const both = () => Promise.all([client.department.get({ id }), client.department.get({ id: other })])
    await both()
    // Its own: what the reply has, and nothing is read.
    const { version } = await client.department.update({ id, label: 'Mine' })
    expect(await counting(client, async () => expect((await client.department.get({ id })).label).to.equal('Mine'))).to.deep.equal([])
    const heard = new Promise<number>((resolve) => {
      client.department.onChanged((change) => void (change.id === id && change.version > version && resolve(change.version)))
    })
    await server.ok('department-update', { id, label: 'Theirs' }, server.admin)
    await heard
    expect((await client.department.get({ id })).label).to.equal('Theirs')
    // Its echo has dropped nothing that is newer. What was told once more while it was read is read once more.
    await eventually(async () => (await counting(client, both)).length === 0, 'both are kept')
    const changed = new Promise<void>((resolve) => {
      client.onRightsChanged(resolve)
    })
    await server.ok('user-remove-permission', { id: session.id, permissionId: 'read-department' }, server.admin)
    await changed
    expect(await client.department.get({ id }).catch(codeOf)).to.equal('forbidden')
  })

  it('are what this client was answered of many at once', async () => {
    const client = await enter(server.url, server.admin)
    const [first = ''] = await departments(1)
    await eventually(async () => (await counting(client, () => client.department.get({ id: first }))).length === 0, 'rows are kept')
    const { items: made } = await client.department.createMany({ items: [{ label: 'A' }, { label: 'B' }] })
    const ids = made.map(({ id }) => id)
    const labels = async () => (await Promise.all(ids.map((id) => client.department.get({ id })))).map(({ label }) => label)
    expect(await counting(client, async () => expect(await labels()).to.deep.equal(['A', 'B']))).to.deep.equal([])
    await client.department.updateMany({ items: ids.map((id) => ({ id, label: 'C' })) })
    expect(await counting(client, async () => expect(await labels()).to.deep.equal(['C', 'C']))).to.deep.equal([])
    await client.department.deleteMany({ items: ids.map((id) => ({ id })) })
    expect(await labels().catch(codeOf)).to.equal('not_found')
  })

  it('go when a row that they lie in moves', async () => {
    const [outside = '', inside = '', moving = ''] = await departments(3)
    await server.ok('department-parent-set', { id: moving, parentId: inside }, server.admin)
    const user = await server.person({ departmentId: moving })
    const { client } = await person({ direct: ['read-users', 'read-user'].map((permissionId) => ({ permissionId, scopeId: inside })) })
    await eventually(async () => (await counting(client, () => client.user.get({ id: user.id }))).length === 0, 'it is kept')
    await server.ok('department-parent-set', { id: moving, parentId: outside }, server.admin)
    await eventually(async () => (await client.user.get({ id: user.id }).catch(codeOf)) === 'not_found', 'it is gone')
  })

  it('end one caller\'s waiting by their signal, and no one else\'s', async () => {
    const client = await enter(server.url, server.admin)
    const [id = ''] = await departments(1)
    const stop = new AbortController()
    const [one, other] = [client.department.get({ id }, { signal: stop.signal }), client.department.get({ id })]
    stop.abort()
    expect(await one.catch(codeOf)).to.equal('aborted')
    expect((await other).id).to.equal(id)
  })
})
