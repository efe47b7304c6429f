// Every event of departments, by its literal name and payload: docs/protocol.md §3.3 and §3.4.

import { expect } from 'chai'
import { ids, row } from '../kit/replies.ts'
import { describeRows } from './support/rows.ts'

describeRows('departments', [
  {
    event: 'department-list-request', response: 'department-list-response',
    payload: () => ({ page: 1, limit: 20 }),
    reply: (reply) => {
      expect(reply).to.include({ page: 1, limit: 20 })
      expect(reply['items']).to.be.an('array')
      expect(reply['total']).to.be.a('number')
    },
  },
  {
    event: 'department-get', response: 'department-get-response',
    payload: async (wire) => ({ id: await wire.make('department') }),
    reply: (reply, { id }) => expect(reply).to.include({ id, label: id, siteId: null, parentId: null, managerId: null }),
  },
  {
    event: 'department-create', response: 'department-create-response',
    payload: async (wire) => ({
      label: 'Sales', siteId: await wire.make('site'), parentId: await wire.make('department'), managerId: await wire.make('user'),
    }),
    reply: (reply, payload) => {
      expect(reply['id']).to.be.a('string')
      expect(reply).to.include({ ...payload })
    },
  },
  {
    event: 'department-update', response: 'department-update-response',
    payload: async (wire) => ({ id: await wire.make('department'), label: 'Support' }),
    reply: (reply, { id }) => expect(reply).to.include({ id, label: 'Support' }),
  },
  {
    event: 'department-delete', response: 'department-delete-response',
    payload: async (wire) => ({ id: await wire.make('department') }),
    reply: (reply, { id }) => expect(reply).to.deep.equal({ id }),
  },
  {
    event: 'department-children-request', response: 'department-children-response',
    payload: async (wire) => {
      const id = await wire.make('department')
      await wire.make('department', { parentId: id })
      return { id, page: 1, limit: 20 }
    },
    reply: (reply, { id }) => {
      expect(reply).to.include({ page: 1, limit: 20, total: 1 })
      expect(ids(reply)).to.have.lengthOf(1).and.not.include(id)
    },
  },
  {
    event: 'department-users-request', response: 'department-users-response',
    payload: async (wire) => {
      const id = await wire.make('department')
      await wire.make('user', { departmentId: id })
      return { id, page: 1, limit: 20 }
    },
    reply: (reply) => {
      expect(reply).to.include({ page: 1, limit: 20, total: 1 })
      expect(ids(reply)).to.have.lengthOf(1)
    },
  },
  {
    event: 'department-manager-get', response: 'department-manager-response',
    payload: async (wire) => ({ id: await wire.make('department', { managerId: await wire.make('user', { firstName: 'Maud' }) }) }),
    reply: (reply) => expect(row(reply['manager'])).to.include({ firstName: 'Maud' }),
  },
  {
    event: 'department-manager-set', response: 'department-manager-set-response',
    payload: async (wire) => ({ id: await wire.make('department'), userId: await wire.make('user') }),
    reply: (reply, { id, userId }) => expect(reply).to.include({ id, managerId: userId }),
  },
  {
    event: 'department-manager-remove', response: 'department-manager-remove-response',
    payload: async (wire) => ({ id: await wire.make('department', { managerId: await wire.make('user') }) }),
    reply: (reply, { id }) => expect(reply).to.include({ id, managerId: null }),
  },
  {
    event: 'department-parent-get', response: 'department-parent-response',
    payload: async (wire) => ({ id: await wire.make('department', { parentId: await wire.make('department', { label: 'Above' }) }) }),
    reply: (reply) => expect(row(reply['parent'])).to.include({ label: 'Above' }),
  },
  {
    event: 'department-parent-set', response: 'department-parent-set-response',
    payload: async (wire) => ({ id: await wire.make('department'), parentId: await wire.make('department') }),
    reply: (reply, { id, parentId }) => expect(reply).to.include({ id, parentId }),
  },
  {
    event: 'department-parent-remove', response: 'department-parent-remove-response',
    payload: async (wire) => ({ id: await wire.make('department', { parentId: await wire.make('department') }) }),
    reply: (reply, { id }) => expect(reply).to.include({ id, parentId: null }),
  },
  {
    event: 'department-add-child', response: 'department-add-child-response',
    payload: async (wire) => ({ id: await wire.make('department'), childId: await wire.make('department') }),
    reply: (reply, { id }) => expect(reply).to.include({ id, label: id }),
  },
  {
    event: 'department-remove-child', response: 'department-remove-child-response',
    payload: async (wire) => {
      const id = await wire.make('department')
      return { id, childId: await wire.make('department', { parentId: id }) }
    },
    reply: (reply, { id }) => expect(reply).to.include({ id, label: id }),
  },
  {
    event: 'department-add-user', response: 'department-add-user-response',
    payload: async (wire) => ({ id: await wire.make('department'), userId: await wire.make('user') }),
    reply: (reply, { id }) => expect(reply).to.include({ id, label: id }),
  },
  {
    event: 'department-remove-user', response: 'department-remove-user-response',
    payload: async (wire) => {
      const id = await wire.make('department')
      return { id, userId: await wire.make('user', { departmentId: id }) }
    },
    reply: (reply, { id }) => expect(reply).to.include({ id, label: id }),
  },
  {
    event: 'department-ancestors-request', response: 'department-ancestors-response',
    payload: async (wire) => ({ id: await wire.make('department', { parentId: await wire.make('department') }) }),
    reply: (reply, { id }) => expect(ids(reply)).to.have.lengthOf(1).and.not.include(id),
  },
])
