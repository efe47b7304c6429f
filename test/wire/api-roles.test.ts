// Every event of roles, by its literal name and payload: docs/protocol.md §3.3 and §3.4.

import { expect } from 'chai'
import { describeRows } from './support/rows.ts'

describeRows('roles', [
  {
    event: 'role-list-request', response: 'role-list-response',
    payload: () => ({ page: 1, limit: 20 }),
    reply: (reply) => {
      expect(reply).to.include({ page: 1, limit: 20 })
      expect(reply['items']).to.be.an('array')
      expect(reply['total']).to.be.a('number').that.is.at.least(1)
    },
  },
  {
    event: 'role-get', response: 'role-get-response',
    payload: async (wire) => ({ id: await wire.make('role', { permissions: ['read-sites'] }) }),
    reply: (reply, { id }) => {
      expect(reply).to.include({ id, label: id })
      expect(reply['permissions']).to.deep.equal(['read-sites'])
    },
  },
  {
    event: 'role-create', response: 'role-create-response',
    payload: () => ({ label: 'Reader', permissions: ['read-sites'] }),
    reply: (reply) => {
      expect(reply['id']).to.be.a('string')
      expect(reply).to.include({ label: 'Reader' })
    },
  },
  {
    event: 'role-update', response: 'role-update-response',
    payload: async (wire) => ({ id: await wire.make('role'), label: 'Writer' }),
    reply: (reply, { id }) => expect(reply).to.include({ id, label: 'Writer' }),
  },
  {
    event: 'role-delete', response: 'role-delete-response',
    payload: async (wire) => ({ id: await wire.make('role') }),
    reply: (reply, { id }) => expect(reply).to.deep.equal({ id }),
  },
  {
    event: 'role-permissions-request', response: 'role-permissions-response',
    payload: async (wire) => ({ id: await wire.make('role', { permissions: ['read-sites'] }), page: 1, limit: 20 }),
    reply: (reply) => {
      expect(reply).to.include({ page: 1, limit: 20, total: 1 })
      expect(reply['items']).to.be.an('array').with.lengthOf(1)
    },
  },
  {
    event: 'role-add-permission', response: 'role-add-permission-response',
    payload: async (wire) => ({ id: await wire.make('role'), permissionId: 'read-sites' }),
    reply: (reply, { id }) => {
      expect(reply).to.include({ id })
      expect(reply['permissions']).to.deep.equal(['read-sites'])
    },
  },
  {
    event: 'role-remove-permission', response: 'role-remove-permission-response',
    payload: async (wire) => ({ id: await wire.make('role', { permissions: ['read-sites'] }), permissionId: 'read-sites' }),
    reply: (reply, { id }) => {
      expect(reply).to.include({ id })
      expect(reply['permissions']).to.deep.equal([])
    },
  },
])
