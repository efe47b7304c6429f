// Every event of sites, by its literal name and payload: docs/protocol.md §3.3 and §3.4.

import { expect } from 'chai'
import { describeRows } from './support/rows.ts'

describeRows('sites', [
  {
    event: 'site-list-request', response: 'site-list-response',
    payload: () => ({ page: 1, limit: 20 }),
    reply: (reply) => {
      expect(reply).to.include({ page: 1, limit: 20 })
      expect(reply['items']).to.be.an('array')
      expect(reply['total']).to.be.a('number')
    },
  },
  {
    event: 'site-get', response: 'site-get-response',
    payload: async (wire) => ({ id: await wire.make('site') }),
    reply: (reply, { id }) => expect(reply).to.include({ id, label: id }),
  },
  {
    event: 'site-create', response: 'site-create-response',
    payload: () => ({ label: 'Lyon' }),
    reply: (reply) => {
      expect(reply['id']).to.be.a('string')
      expect(reply).to.include({ label: 'Lyon' })
    },
  },
  {
    event: 'site-update', response: 'site-update-response',
    payload: async (wire) => ({ id: await wire.make('site'), label: 'Lille' }),
    reply: (reply, { id }) => expect(reply).to.include({ id, label: 'Lille' }),
  },
  {
    event: 'site-delete', response: 'site-delete-response',
    payload: async (wire) => ({ id: await wire.make('site') }),
    reply: (reply, { id }) => expect(reply).to.deep.equal({ id }),
  },
])
