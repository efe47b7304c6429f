// docs/protocol.md §3.4: "What one may not read, one cannot name": the answer to a hidden row is the answer to an unknown
// id, in every field and event.

import { expect } from 'chai'
import { onAnyDatabase } from './support/databases.ts'
import { refusal } from '../kit/replies.ts'
import type { Row } from '../kit/replies.ts'
import { unique } from './support/wire.ts'
import type { Actor, Wire } from './support/wire.ts'

/** All that changes anything, and nothing that reads. */
const writers = [
  'create-user', 'update-user', 'create-role', 'update-role', 'create-department', 'update-department', 'create-group', 'update-group',
  'manage-sites', 'manage-department-hierarchy', 'manage-department-users', 'manage-group-members', 'manage-group-responsibles', 'create-invitation',
] as const

type Target = 'user' | 'role' | 'site' | 'department' | 'permission'

/** Each place in which a row of a resource can be named, the answer to what is not there, and the row acted on. */
interface Place {
  readonly event: string
  readonly names: Target
  readonly on?: 'user' | 'role' | 'department' | 'group'
  readonly payload: (id: string) => Row
  readonly code: 'not_found' | 'invalid_payload'
}

const person = (): Row => ({ firstName: 'A', lastName: 'B', email: `${unique('naming')}@example.com` })
const field = (event: string, on: Place['on'], names: Target, payload: (id: string) => Row): Place =>
  ({ event, names, payload, code: 'invalid_payload', ...(on ? { on } : {}) })
const target = (event: string, on: NonNullable<Place['on']>, names: Target, name: string): Place =>
  ({ event, on, names, payload: (id) => ({ [name]: id }), code: 'not_found' })

const places: readonly Place[] = [
  ...(['site', 'department'] as const).flatMap((names) => [
    field('user-create', undefined, names, (id) => ({ ...person(), [`${names}Id`]: id })),
    field('user-update', 'user', names, (id) => ({ [`${names}Id`]: id })),
    field('invitation-create', undefined, names, (id) => ({ email: `${unique('naming')}@example.com`, [`${names}Id`]: id })),
  ]),
  field('user-create', undefined, 'role', (id) => ({ ...person(), roles: [id] })),
  field('user-update', 'user', 'role', (id) => ({ roles: [id] })),
  field('invitation-create', undefined, 'role', (id) => ({ email: `${unique('naming')}@example.com`, role: id })),
  field('role-create', undefined, 'permission', (id) => ({ label: 'No', permissions: [id] })),
  field('role-update', 'role', 'permission', (id) => ({ permissions: [id] })),
  field('department-create', undefined, 'site', (id) => ({ label: 'No', siteId: id })),
  field('department-create', undefined, 'department', (id) => ({ label: 'No', parentId: id })),
  field('department-create', undefined, 'user', (id) => ({ label: 'No', managerId: id })),
  field('department-update', 'department', 'site', (id) => ({ siteId: id })),
  field('department-update', 'department', 'department', (id) => ({ parentId: id })),
  field('department-update', 'department', 'user', (id) => ({ managerId: id })),
  target('department-manager-set', 'department', 'user', 'userId'),
  target('department-parent-set', 'department', 'department', 'parentId'),
  ...['department-add-child', 'department-remove-child'].map((event) => target(event, 'department', 'department', 'childId')),
  ...['department-add-user', 'department-remove-user'].map((event) => target(event, 'department', 'user', 'userId')),
  ...['group-add-user', 'group-remove-user', 'group-add-responsible', 'group-remove-responsible'].map(
    (event) => target(event, 'group', 'user', 'userId'),
  ),
  ...['user-add-role', 'user-remove-role'].map((event) => target(event, 'user', 'role', 'roleId')),
  ...['user-add-permission', 'user-remove-permission'].map((event) => target(event, 'user', 'permission', 'permissionId')),
  ...['role-add-permission', 'role-remove-permission'].map((event) => target(event, 'role', 'permission', 'permissionId')),
]

/** The answer without what names the request and the id. */
const plain = (answer: Row, id: string): string => JSON.stringify(answer).replaceAll(id, '<id>').replaceAll(/"requestId":"[^"]*"/g, '')

onAnyDatabase('"What one may not read, one cannot name"', (wire) => {
  let writer: Actor
  before(async () => {
    writer = await wire.actor({ can: writers })
  })

  const compare = async (client: Actor['client'], { event, on, payload, code }: Place, hidden: string): Promise<void> => {
    const unknown = unique('unknown')
    const own = on ? { id: await wire.make(on) } : {}
    const answers = await Promise.all([hidden, unknown].map(async (id) => {
      const answer = await client.ask(event, { ...own, ...payload(id) })
      refusal(answer, code)
      return plain(answer as Row, id)
    }))
    expect(answers[0], event).to.equal(answers[1])
    if (on) expect(await wire.admin.ok(`${on}-get`, own), 'nothing has changed').to.include({ version: 1 })
  }

  for (const place of places) {
    it(`${place.event}: a ${place.names} that is hidden, by ${Object.keys(place.payload('')).at(-1) ?? ''}`, async () => {
      await compare(writer.client, place, place.names === 'permission' ? 'delete-user' : await wire.make(place.names))
    })

    it(`${place.event}: the key to list a ${place.names} is not the right to name it`, async () => {
      const { client } = await wire.actor({ can: [...writers, `read-${place.names}s`] })
      await compare(client, place, place.names === 'permission' ? 'delete-user' : await wire.make(place.names))
    })
  }

  const scoped = ['user-add-permission', 'user-remove-permission', 'role-add-permission', 'role-remove-permission'] as const
  for (const event of scoped) {
    for (const kind of ['site', 'department'] as const) {
      it(`${event}: a ${kind} that is hidden, as the scope of a grant`, async () => {
        const { client } = await wire.actor({ can: [...writers, 'read-permission'] })
        const on = event.startsWith('user') ? 'user' : 'role'
        await compare(client, field(event, on, kind, (scopeId) => ({ permissionId: 'update-user', scopeId })), await wire.make(kind))
      })
    }
  }

  it('a responsible reads the members of their group, and still brings in no one whom they may not read', async () => {
    const group = await wire.make('group')
    const [member, stranger] = [await wire.make('user'), await wire.make('user')]
    await wire.admin.ok('group-add-user', { id: group, userId: member })
    const somebody = await wire.person()
    await wire.admin.ok('group-add-responsible', { id: group, userId: somebody.id })
    const { client } = await wire.enter(somebody)
    for (const event of ['group-add-user', 'group-add-responsible'])
      refusal(await client.ask(event, { id: group, userId: stranger }), 'not_found')
    expect(await client.ok('group-members-request', { id: group })).to.include({ total: 1 })
  })

  it('one\'s own row can always be named', async () => {
    await writer.client.ok('department-manager-set', { id: await wire.make('department'), userId: writer.id })
    await writer.client.ok('group-add-user', { id: await wire.make('group'), userId: writer.id })
  })

  it('"a value that does not change is not asked about"', async () => {
    const [managerId, siteId, roleId] = [await wire.make('user'), await wire.make('site'), await wire.make('role')]
    const id = await wire.make('department', { managerId, siteId })
    await writer.client.ok('department-update', { id, managerId, siteId, label: 'Same' })
    const user = await wire.make('user', { roles: [roleId], siteId })
    await writer.client.ok('user-update', { id: user, roles: [roleId], siteId, firstName: 'Same' })
  })

  it('who holds a key in no scope hears so, whatever is named', async () => {
    const { client } = await wire.actor({ can: ['update-department', 'create-department'] })
    for (const managerId of [await wire.make('user'), unique('unknown')]) {
      const refused = refusal(await client.ask('department-update', { id: await wire.make('department'), managerId }), 'forbidden')
      expect(refused.details).to.deep.equal({ permission: 'manage-department-users' })
    }
  })
})

const outside = async (wire: Wire): Promise<{
  north: string; south: string; payroll: string; yard: string; joe: string; client: Actor['client']
}> => {
  const [north, south] = [await wire.make('site'), await wire.make('site')]
  const [payroll, yard] = [await wire.make('department', { siteId: south }), await wire.make('department', { siteId: north })]
  const joe = await wire.make('user', { siteId: north })
  const keys = ['create-user', 'update-user', 'manage-department-users', 'create-department', 'update-department', 'manage-department-hierarchy']
  const { client } = await wire.actor({
    can: [...keys.map((permissionId) => ({ permissionId, scopeId: north })), 'read-user', 'read-department', 'read-site'],
  })
  return { north, south, payroll, yard, joe, client }
}

onAnyDatabase('"A link with a key on either end needs both", whichever event or field does it', (wire) => {
  it('a user into a department elsewhere', async () => {
    const { north, payroll, joe, client } = await outside(wire)
    for (const [event, payload] of [
      ['department-add-user', { id: payroll, userId: joe }],
      ['user-update', { id: joe, departmentId: payroll }],
      ['user-create', { ...person(), siteId: north, departmentId: payroll }],
    ] as const) {
      expect(refusal(await client.ask(event, payload), 'forbidden').details, event).to.deep.equal({ permission: 'manage-department-users' })
    }
    expect(await wire.admin.ok('department-get', { id: payroll })).to.include({ version: 1 })
  })

  it('a user out of a department elsewhere', async () => {
    const { payroll, yard, joe, client } = await outside(wire)
    await wire.admin.ok('department-add-user', { id: payroll, userId: joe })
    for (const [event, payload] of [
      ['department-remove-user', { id: payroll, userId: joe }],
      ['department-add-user', { id: yard, userId: joe }],
      ['user-update', { id: joe, departmentId: yard }],
      ['user-update', { id: joe, departmentId: null }],
    ] as const) {
      expect(refusal(await client.ask(event, payload), 'forbidden').details, event).to.deep.equal({ permission: 'manage-department-users' })
    }
    expect(await wire.admin.ok('user-get', { id: joe })).to.include({ departmentId: payroll })
  })

  it('a department below one elsewhere, and out of it', async () => {
    const { north, payroll, yard, client } = await outside(wire)
    const annex = await wire.make('department', { siteId: north, parentId: payroll })
    for (const [event, payload] of [
      ['department-parent-set', { id: yard, parentId: payroll }],
      ['department-update', { id: yard, parentId: payroll }],
      ['department-create', { label: 'No', siteId: north, parentId: payroll }],
      ['department-add-child', { id: payroll, childId: yard }],
      ['department-parent-set', { id: annex, parentId: yard }],
      ['department-add-child', { id: yard, childId: annex }],
      ['department-parent-remove', { id: annex }],
      ['department-update', { id: annex, parentId: null }],
      ['department-remove-child', { id: payroll, childId: annex }],
    ] as const) {
      expect(refusal(await client.ask(event, payload), 'forbidden').details, event).to.deep.equal({
        permission: 'manage-department-hierarchy',
      })
    }
    expect(await wire.admin.ok('department-get', { id: annex })).to.include({ parentId: payroll })
    expect(await wire.admin.ok('department-get', { id: yard })).to.include({ parentId: null, version: 1 })
  })

  it('within the scope it moves', async () => {
    const { north, yard, joe, client } = await outside(wire)
    const other = await wire.make('department', { siteId: north })
    await client.ok('user-update', { id: joe, departmentId: yard })
    await client.ok('department-add-user', { id: other, userId: joe })
    await client.ok('department-parent-set', { id: other, parentId: yard })
    expect(await wire.admin.ok('user-get', { id: joe })).to.include({ departmentId: other })
  })
})
