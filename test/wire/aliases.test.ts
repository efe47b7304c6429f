// docs/protocol.md §3.4: "`<resource>Id` is accepted for `id` in relation events; both, and different, is invalid_payload".

import { expect } from 'chai'
import { onAnyDatabase } from './support/databases.ts'
import { refusal, success } from '../kit/replies.ts'
import type { Row } from '../kit/replies.ts'
import type { Wire } from './support/wire.ts'

type Owner = 'department' | 'group' | 'role' | 'user'

/** Each relation event with what it needs beside its owner's id. */
const events: Readonly<Record<Owner, Readonly<Record<string, (wire: Wire) => Promise<Row> | Row>>>> = {
  department: {
    'department-children-request': () => ({}),
    'department-users-request': () => ({}),
    'department-ancestors-request': () => ({}),
    'department-manager-get': () => ({}),
    'department-manager-set': async (wire) => ({ userId: await wire.make('user') }),
    'department-manager-remove': () => ({}),
    'department-parent-get': () => ({}),
    'department-parent-set': async (wire) => ({ parentId: await wire.make('department') }),
    'department-parent-remove': () => ({}),
    'department-add-child': async (wire) => ({ childId: await wire.make('department') }),
    'department-remove-child': async (wire) => ({ childId: await wire.make('department') }),
    'department-add-user': async (wire) => ({ userId: await wire.make('user') }),
    'department-remove-user': async (wire) => ({ userId: await wire.make('user') }),
  },
  group: {
    'group-members-request': () => ({}),
    'group-responsibles-request': () => ({}),
    'group-add-user': async (wire) => ({ userId: await wire.make('user') }),
    'group-remove-user': async (wire) => ({ userId: await wire.make('user') }),
    'group-add-responsible': async (wire) => ({ userId: await wire.make('user') }),
    'group-remove-responsible': async (wire) => ({ userId: await wire.make('user') }),
  },
  role: {
    'role-permissions-request': () => ({}),
    'role-add-permission': () => ({ permissionId: 'read-sites' }),
    'role-remove-permission': () => ({ permissionId: 'read-sites' }),
  },
  user: {
    'user-roles-request': () => ({}),
    'user-permissions-request': () => ({}),
    'user-add-role': async (wire) => ({ roleId: await wire.make('role') }),
    'user-remove-role': async (wire) => ({ roleId: await wire.make('role') }),
    'user-add-permission': () => ({ permissionId: 'read-sites' }),
    'user-remove-permission': () => ({ permissionId: 'read-sites' }),
  },
}

onAnyDatabase('<resource>Id for id', (wire) => {
  for (const [owner, named] of Object.entries(events) as [Owner, (typeof events)[Owner]][]) {
    const alias = `${owner}Id`
    for (const [event, rest] of Object.entries(named)) {
      it(`${event} takes ${alias}, both when equal, and neither other nor none`, async () => {
        const id = await wire.make(owner)
        const payload = await rest(wire)
        const byAlias = success(await wire.admin.ask(event, { ...payload, [alias]: id }), event)
        if ('id' in byAlias) expect(byAlias['id']).to.equal(id)
        success(await wire.admin.ask(event, { ...payload, id, [alias]: id }), event)
        refusal(await wire.admin.ask(event, { ...payload, id, [alias]: await wire.make(owner) }), 'invalid_payload')
        refusal(await wire.admin.ask(event, payload), 'invalid_payload')
      })
    }
  }

  it('department-manager-set takes managerId for userId, both when equal, and neither other nor none', async () => {
    const [id, managerId] = [await wire.make('department'), await wire.make('user')]
    const set = (payload: Row): Promise<unknown> => wire.admin.ask('department-manager-set', payload)
    expect(success(await set({ id, managerId }), 'by the field')).to.include({ id, managerId })
    success(await set({ departmentId: id, managerId, userId: managerId }), 'by both')
    refusal(await set({ id, managerId, userId: await wire.make('user') }), 'invalid_payload')
    refusal(await set({ id }), 'invalid_payload')
    refusal(await set({ id, managerId: null }), 'invalid_payload')
    refusal(await set({ id, managerId: 'no-such-user' }), 'not_found')
    // Where nothing is named, there is no other name either.
    refusal(await wire.admin.ask('department-manager-remove', { id, managerId }), 'invalid_payload')
  })
})
