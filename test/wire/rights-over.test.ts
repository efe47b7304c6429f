// docs/protocol.md §5: "Nobody acts over somebody who holds more".

import { expect } from 'chai'
import { onAnyDatabase } from './support/databases.ts'
import { refusal } from '../kit/replies.ts'
import type { Row } from '../kit/replies.ts'
import { unique } from './support/wire.ts'
import type { Grant, Wanted, Wire } from './support/wire.ts'

const clerk = ['update-user', 'delete-user', 'read-user', 'read-role', 'read-permission'] as const

/** "another user's email, password, status, roles, permissions … may be changed … and he be deleted". */
const acts: Readonly<Record<string, (wire: Wire, id: string) => Promise<readonly [string, Row]>>> = {
  'email': (_, id) => Promise.resolve(['user-update', { id, email: `${unique('over')}@example.com` }]),
  'password': (_, id) => Promise.resolve(['user-update', { id, password: 'Another-Sound-19-Pebble' }]),
  'status': (_, id) => Promise.resolve(['user-update', { id, status: 'suspended' }]),
  'roles, by update': (_, id) => Promise.resolve(['user-update', { id, roles: [] }]),
  'roles, by add': async (wire, id) => ['user-add-role', { id, roleId: await wire.make('role') }],
  'roles, by remove': async (wire, id) => {
    const roleId = await wire.make('role')
    await wire.admin.ok('user-add-role', { id, roleId })
    return ['user-remove-role', { id, roleId }]
  },
  'permissions, by add': (_, id) => Promise.resolve(['user-add-permission', { id, permissionId: 'read-user' }]),
  'permissions, by deny': (_, id) => Promise.resolve(['user-add-permission', { id, permissionId: 'read-user', deny: true }]),
  'permissions, by remove': async (wire, id) => {
    await wire.admin.ok('user-add-permission', { id, permissionId: 'read-user' })
    return ['user-remove-permission', { id, permissionId: 'read-user' }]
  },
  'deletion': (_, id) => Promise.resolve(['user-delete', { id }]),
}

onAnyDatabase('"Nobody acts over somebody who holds more"', (wire) => {
  for (const [title, act] of Object.entries(acts)) {
    const attempt = async (held: readonly Grant[], target: Wanted, allowed: boolean): Promise<void> => {
      const { client } = await wire.actor({ can: [...clerk, ...held] })
      // Nobody logs in as the target.
      const { id } = await wire.person({ ...target, user: { password: undefined } })
      const [event, payload] = await act(wire, id)
      const before = await wire.admin.ok('user-get', { id })
      if (allowed) {
        await client.ok(event, payload)
        return
      }
      refusal(await client.ask(event, payload), 'forbidden')
      expect(await wire.admin.ok('user-get', { id }), 'nothing has changed').to.deep.equal(before)
    }

    it(`${title}: of one who holds nothing`, async () => attempt([], {}, true))

    it(`${title}: of one who holds another key, by a role or directly`, async () => {
      await attempt([], { can: ['delete-role'] }, false)
      await attempt([], { direct: [{ permissionId: 'delete-role' }] }, false)
    })

    it(`${title}: of one who holds the same`, async () => attempt(['delete-role'], { can: ['delete-role'] }, true))

    it(`${title}: of one who holds more beside the same`, async () =>
      attempt(['delete-role'], { can: ['delete-role', 'delete-group'] }, false))

    it(`${title}: of a holder of root, by who holds much`, async () => attempt(['delete-role', 'create-user'], { can: ['root'] }, false))

    it(`${title}: of anybody, by a holder of root`, async () => attempt(['root'], { can: ['root', 'delete-role'] }, true))

    it(`${title}: "with the same or a wider scope"`, async () => {
      const scopeId = await wire.make('site')
      const scoped = { permissionId: 'delete-role', scopeId }
      await attempt([scoped], { can: ['delete-role'] }, false)
      await attempt([scoped], { can: [scoped] }, true)
      await attempt(['delete-role'], { can: [scoped] }, true)
    })
  }

  it('names and the like of one who holds more may be changed', async () => {
    const { client } = await wire.actor({ can: clerk })
    const { id } = await wire.person({ can: ['delete-role'] })
    expect(await client.ok('user-update', { id, firstName: 'Renamed', locale: 'fr' })).to.include({ firstName: 'Renamed' })
  })

  it('one\'s own site is not another\'s: update-user is enough', async () => {
    const { id, client } = await wire.actor({ can: [...clerk, 'read-site'] })
    const siteId = await wire.make('site')
    expect(await client.ok('user-update', { id, siteId })).to.include({ siteId })
  })

  it('one\'s own email and password need proof, whatever the keys: they go through auth-change-email and auth-change-password', async () => {
    const { id, email, client } = await wire.actor({ can: ['root'] })
    for (const fields of [{ email: `${unique('own')}@example.com` }, { password: 'Another-Sound-19-Pebble' }]) {
      refusal(await client.ask('user-update', { id, ...fields }), 'forbidden')
    }
    expect(await client.ok('user-update', { id, email, firstName: 'Same' }), 'an address that stays').to.include({
      email, firstName: 'Same',
    })
  })

  for (const status of ['suspended', 'archived'] as const) {
    it(`what a ${status} account was granted counts`, async () => {
      const { client } = await wire.actor({ can: clerk })
      const others = await wire.actor({ can: ['root'] })
      for (const target of [{ can: ['delete-role'] }, { direct: [{ permissionId: 'delete-role' }] }]) {
        const { id } = await wire.person(target)
        await others.client.ok('user-update', { id, status })
        for (const [title, act] of Object.entries(acts)) {
          if (title === 'roles, by update' && 'direct' in target) continue
          const [event, payload] = await act(wire, id)
          const sent = title === 'status' ? { ...payload, status: 'active' } : payload
          expect(refusal(await client.ask(event, sent), 'forbidden').details, title).to.deep.equal({ permission: 'delete-role' })
        }
      }
    })
  }

  it('what is denied to the actor he does not hold', async () => {
    const { client } = await wire.actor({ can: [...clerk, 'delete-role'], direct: [{ permissionId: 'delete-role', deny: true }] })
    const { id } = await wire.person({ can: ['delete-role'] })
    refusal(await client.ask('user-update', { id, status: 'suspended' }), 'forbidden')
  })

  it('the first administrator is over everybody with less', async () => {
    const { client } = await wire.actor({ can: clerk })
    for (const [event, payload] of [
      ['user-update', { id: wire.adminId, password: 'Another-Sound-19-Pebble' }],
      ['user-update', { id: wire.adminId, email: 'taken-over@example.com' }],
      ['user-update', { id: wire.adminId, status: 'suspended' }], ['user-delete', { id: wire.adminId }],
    ] as const) refusal(await client.ask(event, payload), 'forbidden')
  })
})
