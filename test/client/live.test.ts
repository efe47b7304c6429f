// Live lists as they are used: how often they are read, what they show before it is answered, and the ways to wait for them.
import { expect } from 'chai'
import { SovraneError, type LiveState } from '../../client/index.ts'
import { onAnyDatabase } from '../kit/databases.ts'
import { openServer } from '../kit/test-server.ts'
import { eventually } from '../kit/wait.ts'
import { closeClients, enter, type Client } from './people.ts'

const codeOf = (error: unknown): string => (error instanceof SovraneError ? error.code : String(error))

onAnyDatabase('client: live lists', (kind) => {
  const server = openServer(kind)
  afterEach(closeClients)

  /** How often lists were asked for so far. */
  const readings = (event: string): number =>
    server.log.lines.filter(({ details }) => (details as { event?: unknown }).event === event).length
  /** How often a list is read because of some work, once a change that is made after it has been heard, and the lists are at rest. */
  const readFor = async (
    client: Client, lists: readonly { settled(): Promise<unknown> }[], work: () => Promise<unknown>, event = 'site-list-request',
  ): Promise<number> => {
    const before = readings(event)
    await work()
    const mark = await server.ok('group-create', { name: 'Mark' }, server.admin)
    const heard = new Promise<void>((resolve) => {
      client.group.onChanged(({ id }) => void (id === mark['id'] && resolve()))
    })
    // Told again: the first may have been heard before anyone listened.
    await server.ok('group-update', { id: mark['id'], name: 'Marked' }, server.admin)
    await heard
    await Promise.all(lists.map((list) => list.settled()))
    return readings(event) - before
  }
  /** A list of sites, that knows whose changes are about it. */
  const sites = async (client: Client, query = {}) => {
    const list = client.site.live({ sort: 'label', ...query })
    await list.settled()
    const other = () => server.ok('role-create', { label: 'Other' }, server.admin)
    await eventually(async () => (await readFor(client, [list], other)) === 0, 'it is known what is about sites')
    return list
  }
  const labels = ({ items }: { readonly items: readonly { readonly label: string }[] }): string[] => items.map(({ label }) => label)

  it('are read once for a change of others, once for one\'s own, not for its echo, and not for what is about other rows', async () => {
    const client = await enter(server.url, server.admin)
    const list = await sites(client)
    const { id } = await client.site.create({ label: 'One' })
    await list.settled()
    expect(await readFor(client, [list], () => server.ok('site-update', { id, label: 'By others' }, server.admin))).to.equal(1)
    expect(await readFor(client, [list], () => client.site.update({ id, label: 'By me' }))).to.equal(1)
    expect(await readFor(client, [list], () => list.update({ id, label: 'By my list' }))).to.equal(1)
    expect(await readFor(client, [list], () => client.department.create({ label: 'Else' }))).to.equal(0)
    expect(await readFor(client, [list], () => client.site.list(), 'site-get')).to.equal(0)
    // Many at once are one reading under way, and one that waits.
    const many = await readFor(client, [list], () =>
      Promise.all(Array.from({ length: 30 }, (_, index) => client.site.update({ id, label: `Quick ${index}` }))))
    expect(many).to.be.within(1, 30)
    expect(labels(list.current)).to.include.oneOf(Array.from({ length: 30 }, (_, index) => `Quick ${index}`))
  })

  it('a mutation whose links lie in several rows costs a list one reading', async () => {
    const client = await enter(server.url, server.admin)
    const list = client.department.live({ limit: 100, include: ['manager'] })
    await list.settled()
    const [from, to] = [await client.department.create({ label: 'From' }), await client.department.create({ label: 'To' })]
    const user = await client.user.create({ firstName: 'A', lastName: 'B', email: `${kind}-links@example.com`, departmentId: from.id })
    await eventually(async () =>
      (await readFor(client, [list], () => client.site.create({ label: 'Other' }), 'department-list-request')) === 0, 'known')
    const work = () => client.department.addUser({ id: to.id, userId: user.id })
    expect(await readFor(client, [list], work, 'department-list-request')).to.equal(1)
  })

  it('an update is shown at once, stays through its answer, and is taken back when it is refused', async () => {
    const client = await enter(server.url, server.admin)
    const { id, version } = await client.site.create({ label: 'Before' })
    const list = client.site.live({ filter: { id } })
    await list.settled()
    const states: string[][] = []
    list.subscribe((state) => states.push(labels(state)))
    const update = list.update({ id, label: 'After' })
    expect(labels(list.current)).to.deep.equal(['After'])
    expect((await update).label).to.equal('After')
    expect(labels(await list.settled())).to.deep.equal(['After'])
    // Never what it was before.
    expect(states.filter(([label]) => label !== 'After')).to.deep.equal([])

    const refused = list.update({ id, label: 'Too late', ifVersion: version })
    expect(labels(list.current)).to.deep.equal(['Too late'])
    expect(await refused.then(() => '', codeOf)).to.equal('conflict')
    expect(labels(list.current)).to.deep.equal(['After'])
  })

  it('of two updates of one row the last is shown, and a refusal takes back its own', async () => {
    const client = await enter(server.url, server.admin)
    const { id } = await client.site.create({ label: 'Before' })
    const list = client.site.live({ filter: { id } })
    await list.settled()
    const first = list.update({ id, label: 'First' })
    const second = list.update({ id, label: '' }).then(() => '', codeOf)
    expect(labels(list.current)).to.deep.equal([''])
    expect(await second).to.equal('invalid_payload')
    await first
    expect(labels(await list.settled())).to.deep.equal(['First'])
  })

  it('are waited for, subscribed to and gone through, and end', async () => {
    const client = await enter(server.url, server.admin)
    const { id } = await client.site.create({ label: 'A' })
    const list = client.site.live({ filter: { id } })
    expect(list.current.status).to.equal('loading')
    expect(labels(await list.next())).to.deep.equal(['A'])
    const next = list.next()
    await server.ok('site-update', { id, label: 'B' }, server.admin)
    expect(labels(await next)).to.deep.equal(['B'])
    expect(await list.next({ timeout: 50 }).then(() => '', codeOf)).to.equal('timeout')
    expect(await list.next({ signal: AbortSignal.abort() }).then(() => '', codeOf)).to.equal('aborted')

    const seen: string[] = []
    for await (const state of list) {
      seen.push(...labels(state))
      if (seen.length === 1) await server.ok('site-update', { id, label: 'C' }, server.admin)
      else break
    }
    expect(seen).to.deep.equal(['B', 'C'])
    list.close()
    expect(list.current.status).to.equal('closed')
    const ended: unknown[] = []
    for await (const state of list) ended.push(state)
    expect(ended).to.deep.equal([])
    expect(await readFor(client, [], () => server.ok('site-update', { id, label: 'D' }, server.admin))).to.equal(0)
  })

  it('rows that are the same stay the same objects, and nothing is told when nothing has changed', async () => {
    const client = await enter(server.url, server.admin)
    const made = await Promise.all(['X 1', 'X 2'].map((label) => client.site.create({ label })))
    const list = client.site.live({ search: 'X ', sort: 'label' })
    const [first, second] = (await list.settled()).items
    let told = 0
    list.subscribe(() => { told += 1 })
    list.refresh()
    await list.settled()
    expect(told).to.equal(0)
    await client.site.update({ id: made[1]?.id ?? '', label: 'X 3' })
    const { items } = await list.settled()
    expect(items[0]).to.equal(first)
    expect(items[1]).to.not.equal(second)
    expect(items[1]?.label).to.equal('X 3')
  })

  it('that no one looks at are not read, and are fresh when someone does again', async () => {
    const client = await enter(server.url, server.admin)
    const list = client.site.live({ sort: 'label', limit: 100 })
    const states: LiveState<unknown>[] = []
    const stop = list.subscribe((state) => states.push(state))
    await eventually(() => list.current.status === 'live', 'read')
    stop()
    await eventually(async () => (await readFor(client, [], () => client.site.create({ label: 'Unseen' }))) === 0, 'it sleeps')
    const again = list.subscribe((state) => states.push(state))
    await eventually(() => labels(list.current).includes('Unseen'), 'fresh again')
    again()
  })

  it('are read again when what their rows lie in moves', async () => {
    const make = async (parentId?: string): Promise<string> =>
      String((await server.ok('department-create', { label: 'Tree', ...(parentId === undefined ? {} : { parentId }) }, server.admin))['id'])
    const [inside, outside] = [await make(), await make()]
    const moving = await make(inside)
    const user = await server.person({ departmentId: moving })
    const person = await server.enter({ direct: [{ permissionId: 'read-users', scopeId: inside }] })
    const client = await enter(server.url, person)
    const list = client.user.live()
    expect((await list.settled()).items.map(({ id }) => id)).to.deep.equal([user.id])
    // No row of a user changes.
    await server.ok('department-parent-set', { id: moving, parentId: outside }, server.admin)
    await eventually(() => list.current.total === 0, 'they have left')
    await server.ok('department-parent-set', { id: moving, parentId: inside }, server.admin)
    await eventually(() => list.current.total === 1, 'they are back')
  })

  it('are refused as a list is, and shown when the right is there', async () => {
    const person = await server.enter({})
    const client = await enter(server.url, person)
    const list = client.site.live()
    const refused = await list.next()
    expect(refused).to.include({ status: 'error', total: 0 })
    expect(refused.error).to.include({ code: 'forbidden' })
    await server.ok('user-add-permission', { id: person.id, permissionId: 'read-sites' }, server.admin)
    await eventually(() => list.current.status === 'live' && list.current.total > 0, 'shown')
    await server.ok('user-remove-permission', { id: person.id, permissionId: 'read-sites' }, server.admin)
    await eventually(() => list.current.status === 'error', 'refused again')
    expect(list.current.items).to.deep.equal([])
  })

  it('show no rows of a session that has ended, and those of the next', async () => {
    const client = await enter(server.url, server.admin)
    const list = client.site.live({ limit: 100 })
    await list.settled()
    await client.auth.logout()
    await eventually(() => list.current.status === 'error', 'signed out')
    expect(list.current).to.deep.include({ items: [], total: 0 })
    expect(list.current.error?.code).to.equal('unauthenticated')
    await client.auth.login({ email: server.admin.email, password: server.admin.password })
    expect((await list.settled()).status).to.equal('live')
  })
})
