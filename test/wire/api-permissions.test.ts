// Every event of permissions, by its literal name and payload: docs/protocol.md §3.3 and §3.4.

import { expect } from 'chai'
import { describeRows } from './support/rows.ts'
import { unique } from './support/wire.ts'

describeRows('permissions', [
  {
    event: 'permission-list-request', response: 'permission-list-response',
    payload: () => ({ page: 1, limit: 20 }),
    reply: (reply) => {
      expect(reply).to.include({ page: 1, limit: 20 })
      expect(reply['items']).to.be.an('array')
      expect(reply['total']).to.be.a('number')
    },
  },
  {
    event: 'permission-get', response: 'permission-get-response',
    payload: async (wire) => ({ id: await wire.make('permission') }),
    reply: (reply, { id }) => expect(reply).to.include({ id, permissionKey: id }),
  },
  {
    event: 'permission-create', response: 'permission-create-response',
    payload: () => ({ permissionKey: unique('open_door'), description: 'Opens the door' }),
    reply: (reply, { permissionKey }) => {
      expect(reply['id']).to.be.a('string')
      expect(reply).to.include({ permissionKey, description: 'Opens the door' })
    },
  },
  {
    event: 'permission-update', response: 'permission-update-response',
    payload: async (wire) => ({ id: await wire.make('permission'), description: 'Changed' }),
    reply: (reply, { id }) => expect(reply).to.include({ id, permissionKey: id, description: 'Changed' }),
  },
  {
    event: 'permission-delete', response: 'permission-delete-response',
    payload: async (wire) => ({ id: await wire.make('permission') }),
    reply: (reply, { id }) => expect(reply).to.deep.equal({ id }),
  },
])
