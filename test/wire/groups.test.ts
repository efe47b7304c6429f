// docs/protocol.md §3.4: members and responsibles of groups.

import { expect } from 'chai'
import { onAnyDatabase } from './support/databases.ts'
import { expectExactly, ids, refusal } from '../kit/replies.ts'
import { unique } from './support/wire.ts'

const kinds = [
  { list: 'group-members-request', add: 'group-add-user', remove: 'group-remove-user', other: 'group-responsibles-request' },
  { list: 'group-responsibles-request', add: 'group-add-responsible', remove: 'group-remove-responsible', other: 'group-members-request' },
] as const

onAnyDatabase('Groups', (wire) => {
  for (const { list, add, remove, other } of kinds) {
    it(`${add}, ${list}, ${remove}`, async () => {
      const id = await wire.make('group')
      const [one, two] = [await wire.make('user'), await wire.make('user')]
      expectExactly(await wire.admin.ok(list, { id }), [])
      await wire.admin.ok(add, { id, userId: one })
      await wire.admin.ok(add, { id, userId: two })
      expectExactly(await wire.admin.ok(list, { id }), [one, two])
      expectExactly(await wire.admin.ok(other, { id }), [])
      await wire.admin.ok(remove, { id, userId: one })
      expectExactly(await wire.admin.ok(list, { id }), [two])
    })

    it(`${list} is a page with the options of a list`, async () => {
      const id = await wire.make('group')
      const mark = unique('Zelda')
      const found = await wire.make('user', { firstName: mark })
      await wire.admin.ok(add, { id, userId: found })
      for (let index = 0; index < 2; index += 1) await wire.admin.ok(add, { id, userId: await wire.make('user') })
      await wire.make('user', { firstName: mark })
      expectExactly(await wire.admin.ok(list, { id, search: mark }), [found])
      const page = await wire.admin.ok(list, { id, limit: 2 })
      expect(page).to.include({ page: 1, limit: 2, total: 3 })
      expect(ids(page)).to.have.lengthOf(2)
      expect(page).to.have.property('next')
      refusal(await wire.admin.ask(list, { id, page: 0 }), 'invalid_payload')
    })

    it(`${add} twice adds once; ${remove} of one who is not there succeeds: "change nothing"`, async () => {
      const id = await wire.make('group')
      const userId = await wire.make('user')
      expect(await wire.admin.ok(remove, { id, userId })).to.include({ id, version: 1 })
      expect(await wire.admin.ok(add, { id, userId })).to.include({ version: 2 })
      expect(await wire.admin.ok(add, { id, userId })).to.include({ version: 2 })
      expectExactly(await wire.admin.ok(list, { id }), [userId])
    })

    it(`${add}: ten at once add once`, async () => {
      const id = await wire.make('group')
      const userId = await wire.make('user')
      const replies = await Promise.all(Array.from({ length: 10 }, async () => wire.admin.ok(add, { id, userId })))
      for (const reply of replies) expect(reply).to.include({ id })
      expectExactly(await wire.admin.ok(list, { id }), [userId])
      expect(await wire.admin.ok('group-get', { id })).to.include({ version: 2 })
    })

    it(`${add} and ${remove}: a group or user that does not exist is refused`, async () => {
      const id = await wire.make('group')
      const userId = await wire.make('user')
      for (const event of [add, remove]) refusal(await wire.admin.ask(event, { id: 'nothing-here', userId }), 'not_found')
      refusal(await wire.admin.ask(add, { id, userId: 'nobody' }), 'not_found')
      refusal(await wire.admin.ask(list, { id: 'nothing-here' }), 'not_found')
      expect(await wire.admin.ok('group-get', { id })).to.include({ version: 1 })
    })
  }

  it('a user may be member and responsible of one group, each ended by itself', async () => {
    const id = await wire.make('group')
    const userId = await wire.make('user')
    await wire.admin.ok('group-add-user', { id, userId })
    await wire.admin.ok('group-add-responsible', { id, userId })
    await wire.admin.ok('group-remove-user', { id, userId })
    expectExactly(await wire.admin.ok('group-members-request', { id }), [])
    expectExactly(await wire.admin.ok('group-responsibles-request', { id }), [userId])
  })

  it('the group is deleted with its links, the users stay', async () => {
    const id = await wire.make('group')
    const userId = await wire.make('user')
    await wire.admin.ok('group-add-user', { id, userId })
    await wire.admin.ok('group-delete', { id })
    expect(await wire.admin.ok('user-get', { id: userId })).to.include({ id: userId })
    await wire.make('group', { id })
    expectExactly(await wire.admin.ok('group-members-request', { id }), [])
  })
})
