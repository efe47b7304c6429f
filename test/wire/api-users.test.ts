// Every event of users, by its literal name and payload: docs/protocol.md §3.3 and §3.4.

import { expect } from 'chai'
import { describeRows } from './support/rows.ts'
import type { Wire } from './support/wire.ts'

const alice = { id: 'u1', firstName: 'Alice', lastName: 'Doe', email: 'alice@example.com' }
const withAlice = async (wire: Wire): Promise<unknown> => wire.admin.ok('user-create', alice)
/** The literal row is taken away again, where the request has not refused or removed it. */
const withoutAlice = async (wire: Wire): Promise<unknown> => wire.admin.ask('user-delete', { id: 'u1' })

describeRows('users', [
  {
    event: 'user-list-request', response: 'user-list-response',
    payload: () => ({ page: 1, limit: 20 }),
    reply: (reply) => {
      expect(reply).to.include({ page: 1, limit: 20 })
      expect(reply['items']).to.be.an('array')
      expect(reply['total']).to.be.a('number').that.is.at.least(1)
    },
  },
  {
    event: 'user-get', response: 'user-get-response',
    payload: async (wire) => {
      await withAlice(wire)
      return { id: 'u1' }
    },
    reply: (reply) => expect(reply).to.include({ id: 'u1', firstName: 'Alice' }),
    undo: withoutAlice,
  },
  {
    event: 'user-create', response: 'user-create-response',
    payload: () => alice,
    reply: (reply) => expect(reply).to.include({ id: 'u1' }),
    undo: withoutAlice,
  },
  {
    event: 'user-update', response: 'user-update-response',
    payload: async (wire) => {
      await withAlice(wire)
      return { id: 'u1', firstName: 'Alice' }
    },
    reply: (reply) => expect(reply).to.include({ id: 'u1' }),
    undo: withoutAlice,
  },
  {
    event: 'user-delete', response: 'user-delete-response',
    payload: async (wire) => {
      await withAlice(wire)
      return { id: 'u1' }
    },
    reply: (reply) => expect(reply).to.deep.equal({ id: 'u1' }),
    undo: withoutAlice,
  },
  {
    event: 'user-roles-request', response: 'user-roles-response',
    payload: async (wire) => ({ id: await wire.make('user', { roles: [await wire.make('role')] }), page: 1, limit: 20 }),
    reply: (reply) => {
      expect(reply).to.include({ page: 1, limit: 20, total: 1 })
      expect(reply['items']).to.be.an('array').with.lengthOf(1)
    },
  },
  {
    event: 'user-add-role', response: 'user-add-role-response',
    payload: async (wire) => ({ id: await wire.make('user'), roleId: await wire.make('role') }),
    reply: (reply, { id, roleId }) => {
      expect(reply).to.include({ id })
      expect(reply['roles']).to.deep.equal([roleId])
    },
  },
  {
    event: 'user-remove-role', response: 'user-remove-role-response',
    payload: async (wire) => {
      const roleId = await wire.make('role')
      return { id: await wire.make('user', { roles: [roleId] }), roleId }
    },
    reply: (reply, { id }) => {
      expect(reply).to.include({ id })
      expect(reply['roles']).to.deep.equal([])
    },
  },
  {
    event: 'user-permissions-request', response: 'user-permissions-response',
    payload: async (wire) => {
      const id = await wire.make('user')
      await wire.admin.ok('user-add-permission', { id, permissionId: 'read-sites' })
      return { id, page: 1, limit: 20 }
    },
    reply: (reply) => {
      expect(reply).to.include({ page: 1, limit: 20, total: 1 })
      expect(JSON.stringify(reply['items'])).to.include('read-sites')
    },
  },
  {
    event: 'user-add-permission', response: 'user-add-permission-response',
    payload: async (wire) => ({ id: await wire.make('user'), permissionId: 'read-sites' }),
    reply: (reply, { id }) => expect(reply).to.include({ id }),
  },
  {
    event: 'user-remove-permission', response: 'user-remove-permission-response',
    payload: async (wire) => {
      const id = await wire.make('user')
      await wire.admin.ok('user-add-permission', { id, permissionId: 'read-sites' })
      return { id, permissionId: 'read-sites' }
    },
    reply: (reply, { id }) => expect(reply).to.include({ id }),
  },
])
