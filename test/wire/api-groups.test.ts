// Every event of groups, by its literal name and payload: docs/protocol.md §3.3 and §3.4.

import { expect } from 'chai'
import { ids } from '../kit/replies.ts'
import { describeRows } from './support/rows.ts'
import type { Row } from '../kit/replies.ts'
import type { Wire } from './support/wire.ts'

async function groupWith(wire: Wire, adding: string): Promise<Row> {
  const id = await wire.make('group')
  const userId = await wire.make('user')
  await wire.admin.ok(adding, { id, userId })
  return { id, userId }
}

describeRows('groups', [
  {
    event: 'group-list-request', response: 'group-list-response',
    payload: () => ({ page: 1, limit: 20 }),
    reply: (reply) => {
      expect(reply).to.include({ page: 1, limit: 20 })
      expect(reply['items']).to.be.an('array')
      expect(reply['total']).to.be.a('number')
    },
  },
  {
    event: 'group-get', response: 'group-get-response',
    payload: async (wire) => ({ id: await wire.make('group') }),
    reply: (reply, { id }) => expect(reply).to.include({ id, name: id }),
  },
  {
    event: 'group-members-request', response: 'group-members-response',
    payload: async (wire) => ({ id: (await groupWith(wire, 'group-add-user'))['id'], page: 1, limit: 20 }),
    reply: (reply) => {
      expect(reply).to.include({ page: 1, limit: 20, total: 1 })
      expect(ids(reply)).to.have.lengthOf(1)
    },
  },
  {
    event: 'group-responsibles-request', response: 'group-responsibles-response',
    payload: async (wire) => ({ id: (await groupWith(wire, 'group-add-responsible'))['id'], page: 1, limit: 20 }),
    reply: (reply) => {
      expect(reply).to.include({ page: 1, limit: 20, total: 1 })
      expect(ids(reply)).to.have.lengthOf(1)
    },
  },
  {
    event: 'group-create', response: 'group-create-response',
    payload: () => ({ name: 'Readers', description: 'Who reads' }),
    reply: (reply) => {
      expect(reply['id']).to.be.a('string')
      expect(reply).to.include({ name: 'Readers', description: 'Who reads' })
    },
  },
  {
    event: 'group-update', response: 'group-update-response',
    payload: async (wire) => ({ id: await wire.make('group'), name: 'Writers' }),
    reply: (reply, { id }) => expect(reply).to.include({ id, name: 'Writers' }),
  },
  {
    event: 'group-delete', response: 'group-delete-response',
    payload: async (wire) => ({ id: await wire.make('group') }),
    reply: (reply, { id }) => expect(reply).to.deep.equal({ id }),
  },
  {
    event: 'group-add-user', response: 'group-add-user-response',
    payload: async (wire) => ({ id: await wire.make('group'), userId: await wire.make('user') }),
    reply: (reply, { id }) => expect(reply).to.include({ id, name: id }),
  },
  {
    event: 'group-remove-user', response: 'group-remove-user-response',
    payload: async (wire) => groupWith(wire, 'group-add-user'),
    reply: (reply, { id }) => expect(reply).to.include({ id, name: id }),
  },
  {
    event: 'group-add-responsible', response: 'group-add-responsible-response',
    payload: async (wire) => ({ id: await wire.make('group'), userId: await wire.make('user') }),
    reply: (reply, { id }) => expect(reply).to.include({ id, name: id }),
  },
  {
    event: 'group-remove-responsible', response: 'group-remove-responsible-response',
    payload: async (wire) => groupWith(wire, 'group-add-responsible'),
    reply: (reply, { id }) => expect(reply).to.include({ id, name: id }),
  },
])
