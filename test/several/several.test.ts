// Many rows at once: as large as a message may be, all or none, with what else follows from each.
import { expect } from 'chai'
import { onEachHouse, onPostgres } from '../auth/on-house.ts'
import { longTest } from '../kit/extent.ts'
import { otherPassword, unique, type TestServer } from '../kit/test-server.ts'
import { row, rows, text, type Row } from '../kit/replies.ts'

const times = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => make(index))
const ids = (reply: Row): unknown[] => rows(reply['items']).map(({ id }) => id)
const made = async (house: TestServer, count: number): Promise<Row[]> =>
  rows((await house.ok('site-create-many', { items: times(count, () => ({ label: unique('site') })) }, house.admin))['items'])

/** The audit entries that the work leaves: what was done to what. */
const entriesOf = async (house: TestServer, work: () => Promise<unknown>): Promise<string[]> => {
  const [last] = await house.sql<{ id: string }>('select id from audit_entries order by at desc, id desc limit 1')
  const known = new Set((await house.sql<{ id: string }>('select id from audit_entries')).map(({ id }) => id))
  expect(last, 'the work of before has left some').to.not.equal(undefined)
  await work()
  const all = await house.sql('select id, action, target_type, target_id, level from audit_entries order by at, id')
  return all.filter(({ id }) => !known.has(text(id))).map((entry) =>
    `${text(entry['action'])} ${text(entry['target_type'])} ${String(entry['target_id'])} ${text(entry['level'])}`).toSorted()
}

onEachHouse('many rows at once', (house, kind) => {
  // The embedded database takes five times as long for the same.
  const atMost = kind === 'embedded' ? longTest : it
  atMost('are 500 at most, whatever the limit of keys and items; which holds for each of them', async function () {
    this.timeout(120_000)
    const all = await made(house, 500)
    expect(all).to.have.length(500)
    const changes = all.map(({ id }) => ({ id, label: 'Changed' }))
    const changed = await house.ok('site-update-many', { items: changes, requestId: unique('r') }, house.admin)
    expect(ids(changed)).to.deep.equal(all.map(({ id }) => id))
    const gone = await house.ok('site-delete-many', { items: all.map(({ id }) => ({ id, ifVersion: 2 })) }, house.admin)
    expect(ids(gone)).to.deep.equal(all.map(({ id }) => id))
    const large = { label: 'x', permissions: times(1000, () => 'read-user') }
    const refused = async (event: string, payload: Row): Promise<unknown> =>
      ((await house.no('invalid_payload', event, payload, house.admin)).details as Row[])[0]
    const message = 'must not hold more than 1000 keys and items'
    expect(await refused('role-create-many', { items: [{ label: 'y' }, large] })).to.deep.equal({ path: '', message })
    expect(await refused('role-create', large)).to.deep.equal({ path: '', message })
    expect(await refused('role-create', { items: times(1001, () => ({})) })).to.deep.equal({ path: '', message })
  })

  it('leave one audit entry each, and none of their own', async () => {
    const names = times(3, () => unique('s'))
    const items = names.map((id) => ({ id, label: id }))
    await house.ok('site-create', { label: 'Before' }, house.admin)
    const each = (action: string): string[] => names.map((id) => `${action} site ${id} info`).toSorted()
    expect(await entriesOf(house, () => house.ok('site-create-many', { items }, house.admin))).to.deep.equal(each('site-create'))
    expect(await entriesOf(house, () => house.ok('site-update-many', { items: [
      { id: names[0], label: 'Other' }, { id: names[1], label: names[1] },
    ] }, house.admin)), 'the second changes nothing').to.deep.equal([`site-update site ${String(names[0])} info`])
    const deletion = { items: names.map((id) => ({ id })), requestId: unique('r') }
    expect(await entriesOf(house, () => house.ok('site-delete-many', deletion, house.admin))).to.deep.equal(each('site-delete'))
    expect(await entriesOf(house, () => house.ok('site-delete-many', deletion, house.admin)), 'a repetition').to.deep.equal([])
  })

  it('leave one entry where one of them is refused for lack of rights, for that one', async () => {
    const [here, there] = await made(house, 2)
    const by = await house.enter({ can: ['read-site', { permissionId: 'manage-sites', scopeId: here?.['id'] }] })
    const items = [here, there].map((site) => ({ id: site?.['id'], label: 'Changed' }))
    const left = await entriesOf(house, async () => {
      const { details } = await house.no('forbidden', 'site-update-many', { items }, by)
      expect(details).to.deep.equal({ permission: 'manage-sites', index: 1 })
    })
    expect(left).to.deep.equal([`site-update site ${String(there?.['id'])} warning`])
    expect(await house.ok('site-get', { id: here?.['id'] }, house.admin), 'nothing is left of the first').to.deep.equal(here)
  })

  it('are users who can log in, whose passwords are hashed before; a weak one is told with its place', async () => {
    const people = times(2, () =>
      ({ firstName: 'Some', lastName: 'Body', email: `${unique('many')}@example.com`, password: otherPassword }))
    const weak = [people[0], { ...people[1], password: 'short' }]
    const faults = (await house.no('invalid_payload', 'user-create-many', { items: weak }, house.admin)).details as Row[]
    expect([...new Set(faults.map(({ path }) => path))]).to.deep.equal(['items.1.password'])
    expect(await house.ok('user-list-request', { filter: { email: people[0]?.email } }, house.admin)).to.include({ total: 0 })
    const created = await house.ok('user-create-many', { items: people }, house.admin)
    for (const [index, { email, password }] of people.entries())
      expect(row((await house.ok('auth-login', { email, password }))['user'])['id']).to.equal(ids(created)[index])
    expect(JSON.stringify(created)).to.not.include(otherPassword)
  })

  it('obey the rules of each: what one does not hold is not given, those who hold more are left alone', async () => {
    const by = await house.enter({ can: ['create-user', 'update-user', 'delete-user', 'read-user', 'read-role'] })
    const role = text((await house.ok('role-create', { label: unique('role'), permissions: ['read-groups'] }, house.admin))['id'])
    const user = (more: Row = {}): Row => ({ firstName: 'Some', lastName: 'Body', email: `${unique('many')}@example.com`, ...more })
    const { details } = await house.no('forbidden', 'user-create-many', { items: [user(), user({ roles: [role] })] }, by)
    expect(details).to.deep.equal({ permission: 'read-groups', index: 1 })
    const [less, more] = [(await house.person()).id, (await house.person({ can: ['read-groups'] })).id]
    const over = await house.no('forbidden', 'user-delete-many', { items: [{ id: less }, { id: more }] }, by)
    expect(over.details).to.deep.equal({ permission: 'read-groups', index: 1 })
    await house.ok('user-get', { id: less }, house.admin)
    await house.ok('user-delete-many', { items: [{ id: less }] }, by)
  })

  it('see what those before them have done: a circle that they close together is refused', async () => {
    const [a, b] = times(2, () => unique('d'))
    await house.ok('department-create-many', { items: [{ id: a, label: 'A' }, { id: b, label: 'B', parentId: a }] }, house.admin)
    expect(await house.ok('department-get', { id: b }, house.admin)).to.include({ parentId: a })
    const items = [{ id: b, parentId: null }, { id: a, parentId: b }, { id: b, parentId: a }]
    const { details } = await house.no('conflict', 'department-update-many', { items }, house.admin)
    expect(details).to.have.property('index', 2)
    expect(row(details)['cycle']).to.have.members([a, b])
    expect(await house.ok('department-get', { id: b }, house.admin)).to.include({ parentId: a, version: 1 })
    await house.ok('department-update-many', { items: items.slice(0, 2) }, house.admin)
  })

  it('are told to those who listen with the id of their request, and need a session', async () => {
    const client = await house.socket(house.admin)
    const requestId = unique('r')
    const created = await house.ok('site-create-many', { items: [{ label: 'A' }, { label: 'B' }], requestId }, house.admin)
    for (const id of ids(created)) {
      const { args } = await client.hear(({ event, args: [change] }) => event === 'site-changed' && row(change)['id'] === id)
      expect(row(args[0])).to.include({ action: 'create', requestId })
    }
    await house.no('unauthenticated', 'site-create-many', { items: [{ label: 'A' }] })
    const wrong = await house.no('invalid_payload', 'site-create-many', { items: [{ label: 'A', requestId }] }, house.admin)
    const faults = wrong.details as Row[]
    expect(faults.map(({ path }) => path)).to.deep.equal(['items.0.requestId'])
  })

  it('are decided one after the other, by the rights that those before have left', async () => {
    const roleOf = async (...permissions: readonly string[]): Promise<string> =>
      text((await house.ok('role-create', { label: unique('Role'), permissions }, house.admin))['id'])
    const giver = await roleOf('read-config')
    const max = await house.enter({ direct: ['update-user', 'delete-user', 'read-user', 'read-role'] })
    await house.ok('user-add-role', { id: max.id, roleId: giver }, house.admin)
    const [nil, gone] = [(await house.person()).id, (await house.person()).id]
    const own = max.id
    const give = { id: nil, roles: [giver] }
    const refused = await house.no('forbidden', 'user-update-many', { items: [{ id: own, roles: [] }, give] }, max)
    expect(refused.details).to.include({ index: 1 })
    await house.ok('user-update-many', { items: [give, { id: nil, roles: [] }] }, max)
    const clerk = await house.enter({ can: ['update-role', 'read-role'] })
    const [role] = rows((await house.ok('user-roles-request', { id: clerk.id }, house.admin))['items'])
    const other = await roleOf('update-role')
    const items = [{ id: role?.['id'], permissions: ['read-role'] }, { id: other, label: unique('Renamed') }]
    expect((await house.no('forbidden', 'role-update-many', { items }, clerk)).details).to.include({ index: 1 })
    await house.ok('role-update-many', { items: items.toReversed() }, clerk)
    await house.no('unauthenticated', 'user-delete-many', { items: [{ id: own }, { id: gone }] }, max)
    expect(await house.ok('user-get', { id: gone }, house.admin)).to.include({ id: gone })
  })

  it('are explained by the key of the single event', async () => {
    const by = await house.enter({ can: ['read-user'] })
    const explained = await house.ok('permission-explain', { userId: by.id, event: 'site-update-many' }, house.admin)
    expect(explained).to.include({ allowed: false, missing: 'manage-sites', code: 'forbidden' })
    const own = await house.ok('permission-explain', { userId: house.admin.id, event: 'site-update-many' }, house.admin)
    expect(own).to.deep.include({ allowed: true, depends: [{ when: 'row', keys: ['manage-sites'], missing: [] }] })
  })
})

onPostgres('many rows that several change at once', (house) => {
  it('are all changed, in whichever order they are named', async function () {
    this.timeout(60_000)
    // They wait for each other: more of them, with more rows, would take a slow machine longer than a statement may.
    const sites = await made(house, 20)
    const work = times(6, (index) => {
      const items = sites.map(({ id }) => ({ id, label: `Round ${index}` }))
      return house.ask('site-update-many', { items: index % 2 === 0 ? items : items.toReversed() }, house.admin)
    })
    for (const reply of await Promise.all(work)) expect(reply, JSON.stringify(reply)).to.not.have.property('error')
    const labels = new Set((await Promise.all(sites.map(({ id }) => house.ok('site-get', { id }, house.admin)))).map(({ label }) => label))
    expect([...labels], 'each request as a whole').to.have.length(1)
  })
})
