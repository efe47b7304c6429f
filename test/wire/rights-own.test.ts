// docs/protocol.md §5: what everybody may do with his own row, and a group's responsible with his own group.

import { expect } from 'chai'
import { onAnyDatabase } from './support/databases.ts'
import { expectExactly, refusal, row } from '../kit/replies.ts'
import { eventually } from './support/wire.ts'

onAnyDatabase('"Everyone may read his own user row, and update of it only firstName, lastName, picture, metadata and locale"', (wire) => {
  it('reads his own row, whole', async () => {
    const { id, email, client } = await wire.actor()
    expect(await client.ok('user-get', { id })).to.deep.equal(await wire.admin.ok('user-get', { id }))
    expect(await client.ok('user-get', { id })).to.include({ email, firstName: 'Test' })
  })

  for (const [field, value] of Object.entries({
    firstName: 'New', lastName: 'Name', picture: 'https://example.com/p.png', metadata: { theme: 'dark' }, locale: 'fr',
  })) {
    it(`updates ${field}`, async () => {
      const { id, client } = await wire.actor()
      expect((await client.ok('user-update', { id, [field]: value }))[field]).to.deep.equal(value)
      expect(await wire.admin.ok('user-get', { id })).to.deep.include({ [field]: value, updatedBy: id, version: 2 })
    })
  }

  for (const field of ['email', 'status', 'siteId', 'departmentId', 'password', 'roles'] as const) {
    it(`does not update ${field}, neither alone nor beside an allowed field`, async () => {
      const { id, client, token } = await wire.actor()
      const value = {
        email: `${id}-new@example.com`, status: 'archived', password: 'Another-Sound-19-Pebble',
        siteId: await wire.make('site'), departmentId: await wire.make('department'), roles: [await wire.make('role')],
      }[field]
      refusal(await client.ask('user-update', { id, [field]: value }), 'forbidden')
      refusal(await client.ask('user-update', { id, firstName: 'Not either', [field]: value }), 'forbidden')
      refusal((await wire.http('user-update', { id, [field]: value }, token)).body, 'forbidden')
      expect(await wire.admin.ok('user-get', { id })).to.include({ firstName: 'Test', version: 1 })
    })
  }

  it('does not delete himself, nor give himself roles or permissions', async () => {
    const { id, client } = await wire.actor()
    refusal(await client.ask('user-delete', { id }), 'forbidden')
    refusal(await client.ask('user-add-role', { id, roleId: await wire.make('role') }), 'forbidden')
    refusal(await client.ask('user-add-permission', { id, permissionId: 'root' }), 'forbidden')
    expect(await wire.admin.ok('user-get', { id })).to.include({ version: 1 })
  })

  it('another\'s row stays closed', async () => {
    const { client } = await wire.actor()
    const id = await wire.make('user')
    refusal(await client.ask('user-get', { id }), 'forbidden')
    refusal(await client.ask('user-update', { id, firstName: 'No' }), 'forbidden')
  })
})

onAnyDatabase('"a group\'s responsible holds both, read-group and update-group for his own group, and reads its members"', (wire) => {
  it('his own group', async () => {
    const id = await wire.make('group')
    const [member, candidate] = [await wire.make('user'), await wire.make('user')]
    await wire.admin.ok('group-add-user', { id, userId: member })
    const person = await wire.person({ can: ['read-user'] })
    await wire.admin.ok('group-add-responsible', { id, userId: person.id })
    const { client } = await wire.enter(person)

    expect(await client.ok('group-get', { id })).to.include({ id, name: id })
    expectExactly(await client.ok('group-members-request', { id }), [member])
    expect(await client.ok('group-update', { id, description: 'Ours' })).to.include({ description: 'Ours' })
    await client.ok('group-add-user', { id, userId: candidate })
    await client.ok('group-remove-user', { id, userId: member })
    await client.ok('group-add-responsible', { id, userId: candidate })
    await client.ok('group-remove-responsible', { id, userId: candidate })
    expectExactly(await client.ok('group-members-request', { id }), [candidate])
    expectExactly(await wire.admin.ok('group-responsibles-request', { id }), [person.id])
  })

  it('no other group, no deletion, no creation, no list', async () => {
    const [id, other] = [await wire.make('group'), await wire.make('group')]
    const userId = await wire.make('user')
    const person = await wire.person()
    await wire.admin.ok('group-add-responsible', { id, userId: person.id })
    const { client } = await wire.enter(person)
    for (const [event, payload] of [
      ['group-get', {}], ['group-update', { name: 'No' }], ['group-members-request', {}],
      ['group-add-user', { userId }], ['group-add-responsible', { userId: person.id }],
    ] as const) refusal(await client.ask(event, { id: other, ...payload }), 'not_found')
    refusal(await client.ask('group-delete', { id }), 'forbidden')
    refusal(await client.ask('group-create', { name: 'No' }), 'forbidden')
    refusal(await client.ask('group-list-request', {}), 'forbidden')
    expect(await wire.admin.ok('group-get', { id: other })).to.include({ version: 1 })
  })

  it('who may only appoint responsibles appoints others, and raises nobody by their own hand', async () => {
    const id = await wire.make('group')
    const appointer = await wire.actor({ can: ['manage-group-responsibles', 'read-user'] })
    expect(refusal(await appointer.client.ask('group-add-responsible', { id, userId: appointer.id }), 'forbidden').details)
      .to.have.property('permission')
    refusal(await appointer.client.ask('group-update', { id, name: 'No' }), 'forbidden')
    await appointer.client.ok('group-add-responsible', { id, userId: await wire.make('user') })
    const full = await wire.actor({ can: ['manage-group-responsibles', 'manage-group-members', 'read-group', 'update-group'] })
    await full.client.ok('group-add-responsible', { id, userId: full.id })
  })

  it('a mere member has none of it', async () => {
    const id = await wire.make('group')
    const person = await wire.person()
    await wire.admin.ok('group-add-user', { id, userId: person.id })
    const { client } = await wire.enter(person)
    for (const [event, payload] of [
      ['group-get', {}], ['group-update', { name: 'No' }], ['group-members-request', {}], ['group-add-user', { userId: person.id }],
    ] as const) {
      refusal(await client.ask(event, { id, ...payload }), 'forbidden')
    }
  })

  it('what he reads of members is what a list of users shows, without secrets', async () => {
    const id = await wire.make('group')
    const { id: member } = await wire.person()
    await wire.admin.ok('group-add-user', { id, userId: member })
    const person = await wire.person()
    await wire.admin.ok('group-add-responsible', { id, userId: person.id })
    const { client } = await wire.enter(person)
    const page = await client.ok('group-members-request', { id })
    expect(page).to.include({ total: 1 })
    expect(JSON.stringify(page)).to.not.match(/"password"|hash|\$2[aby]\$/i)
    expect(row((page['items'] as readonly unknown[])[0])).to.include({ id: member })
  })

  it('becoming and ceasing to be one reach the open socket', async () => {
    const id = await wire.make('group')
    const { id: userId, client } = await wire.actor()
    refusal(await client.ask('group-get', { id }), 'forbidden')
    await wire.admin.ok('group-add-responsible', { id, userId })
    await eventually(async () => client.ok('group-get', { id }))
    await wire.admin.ok('group-remove-responsible', { id, userId })
    await eventually(async () => client.no('group-get', { id }, 'forbidden'))
  })

  it('a deny takes it away from a responsible as well', async () => {
    const id = await wire.make('group')
    const person = await wire.person({ direct: [{ permissionId: 'update-group', deny: true }] })
    await wire.admin.ok('group-add-responsible', { id, userId: person.id })
    const { client } = await wire.enter(person)
    refusal(await client.ask('group-update', { id, name: 'No' }), 'forbidden')
    await client.ok('group-get', { id })
  })
})
