// docs/protocol.md §5: "Nobody can grant what he does not hold".

import { expect } from 'chai'
import { onAnyDatabase } from './support/databases.ts'
import { refusal } from '../kit/replies.ts'
import type { Row } from '../kit/replies.ts'
import { unique } from './support/wire.ts'
import type { Grant, Wire } from './support/wire.ts'

/** Everything that is needed to hand something out, beside the thing itself. */
const clerk = ['create-user', 'update-user', 'read-user', 'create-role', 'update-role', 'read-role', 'read-permission', 'read-site', 'read-department'] as const

const person = (): Row => ({ firstName: 'A', lastName: 'B', email: `${unique('given')}@example.com` })
const parts = (grant: Grant): Row => typeof grant === 'string' ? { permissionId: grant } : { ...grant }

/** Each way to hand out a grant: directly, in a role, or by a role that holds it. */
const ways: Readonly<Record<string, (wire: Wire, grant: Grant) => Promise<readonly [string, Row]>>> = {
  'user-add-permission': async (wire, grant) => ['user-add-permission', { id: await wire.make('user'), ...parts(grant) }],
  'role-add-permission': async (wire, grant) => ['role-add-permission', { id: await wire.make('role'), ...parts(grant) }],
  'role-create': (_, grant) => Promise.resolve(['role-create', { label: 'New', permissions: [grant] }]),
  'role-update': async (wire, grant) => ['role-update', { id: await wire.make('role'), permissions: [grant] }],
  'user-add-role': async (wire, grant) => [
    'user-add-role', { id: await wire.make('user'), roleId: await wire.make('role', { permissions: [grant] }) },
  ],
  'user-create': async (wire, grant) => ['user-create', { ...person(), roles: [await wire.make('role', { permissions: [grant] })] }],
  'user-update': async (wire, grant) => [
    'user-update', { id: await wire.make('user'), roles: [await wire.make('role', { permissions: [grant] })] },
  ],
}

onAnyDatabase('"Nobody can grant what he does not hold"', (wire) => {
  for (const [title, way] of Object.entries(ways)) {
    const attempt = async (held: readonly Grant[], wanted: Grant, allowed: boolean): Promise<void> => {
      const { client } = await wire.actor({ can: [...clerk, ...held] })
      const [event, payload] = await way(wire, wanted)
      if (allowed) {
        await client.ok(event, payload)
        return
      }
      refusal(await client.ask(event, payload), 'forbidden')
      if (typeof payload['id'] === 'string') {
        const resource = event.startsWith('role') ? 'role' : 'user'
        expect(await wire.admin.ok(`${resource}-get`, { id: payload['id'] }), 'nothing has changed').to.include({ version: 1 })
      }
    }

    it(`${title}: a key that he does not hold`, async () => attempt([], 'delete-user', false))

    it(`${title}: root`, async () => attempt(['delete-user'], 'root', false))

    it(`${title}: a key that he holds`, async () => attempt(['delete-user'], 'delete-user', true))

    it(`${title}: any key, by a holder of root`, async () => attempt(['root'], 'delete-user', true))

    it(`${title}: unscoped, held in a scope only`, async () => {
      const scopeId = await wire.make('site')
      await attempt([{ permissionId: 'delete-user', scopeId }], 'delete-user', false)
    })

    it(`${title}: in a scope, held without`, async () => {
      const scopeId = await wire.make('site')
      await attempt(['delete-user'], { permissionId: 'delete-user', scopeId }, true)
    })

    it(`${title}: in the same scope`, async () => {
      const grant = { permissionId: 'delete-user', scopeId: await wire.make('site') }
      await attempt([grant], grant, true)
    })

    it(`${title}: in another scope`, async () => {
      const [mine, other] = [await wire.make('site'), await wire.make('site')]
      await attempt([{ permissionId: 'delete-user', scopeId: mine }], { permissionId: 'delete-user', scopeId: other }, false)
    })

    it(`${title}: in a department below his: "a wider scope"; above it: not`, async () => {
      const above = await wire.make('department')
      const below = await wire.make('department', { parentId: above })
      await attempt([{ permissionId: 'delete-user', scopeId: above }], { permissionId: 'delete-user', scopeId: below }, true)
      await attempt([{ permissionId: 'delete-user', scopeId: below }], { permissionId: 'delete-user', scopeId: above }, false)
    })
  }

  it('"only by an actor who holds all of it": a role of two keys, one of them held', async () => {
    const { client } = await wire.actor({ can: [...clerk, 'delete-user'] })
    const roleId = await wire.make('role', { permissions: ['delete-user', 'delete-role'] })
    const id = await wire.make('user')
    refusal(await client.ask('user-add-role', { id, roleId }), 'forbidden')
    refusal(await client.ask('role-create', { label: 'No', permissions: ['delete-user', 'delete-role'] }), 'forbidden')
    expect((await wire.admin.ok('user-get', { id }))['roles']).to.deep.equal([])
  })

  it('what is denied to him he does not hold', async () => {
    const { client } = await wire.actor({ can: [...clerk, 'delete-user'], direct: [{ permissionId: 'delete-user', deny: true }] })
    refusal(await client.ask('user-add-permission', { id: await wire.make('user'), permissionId: 'delete-user' }), 'forbidden')
  })

  it('what is denied to him in a scope he does not hold without scope', async () => {
    const [closed, open] = [await wire.make('site'), await wire.make('site')]
    const { client } = await wire.actor({
      can: [...clerk, 'delete-user'], direct: [{ permissionId: 'delete-user', scopeId: closed, deny: true }],
    })
    const id = await wire.make('user')
    refusal(await client.ask('user-add-permission', { id, permissionId: 'delete-user' }), 'forbidden')
    refusal(await client.ask('user-add-permission', { id, permissionId: 'delete-user', scopeId: closed }), 'forbidden')
    await client.ok('user-add-permission', { id, permissionId: 'delete-user', scopeId: open })
  })

  it('nobody raises himself', async () => {
    const { id, roleId, client } = await wire.actor({ can: clerk })
    refusal(await client.ask('user-add-permission', { id, permissionId: 'root' }), 'forbidden')
    refusal(await client.ask('role-add-permission', { id: roleId, permissionId: 'root' }), 'forbidden')
    refusal(await client.ask('user-add-role', { id, roleId: await wire.make('role', { permissions: ['root'] }) }), 'forbidden')
    refusal(await client.ask('role-update', { id: roleId, permissions: [...clerk, 'delete-user'] }), 'forbidden')
  })
})

onAnyDatabase('"Lifting a deny counts as granting"', (wire) => {
  it('user-remove-permission of a deny needs the key', async () => {
    const deny = { permissionId: 'delete-user', deny: true }
    const id = await wire.make('user')
    await wire.admin.ok('user-add-permission', { id, ...deny })
    const without = await wire.actor({ can: clerk })
    refusal(await without.client.ask('user-remove-permission', { id, ...deny }), 'forbidden')
    expect(await wire.admin.ok('user-permissions-request', { id })).to.include({ total: 1 })
    const holder = await wire.actor({ can: [...clerk, 'delete-user'] })
    await holder.client.ok('user-remove-permission', { id, ...deny })
    expect(await wire.admin.ok('user-permissions-request', { id })).to.include({ total: 0 })
  })

  it('nobody lifts his own', async () => {
    const deny = { permissionId: 'delete-user', deny: true }
    const { id, client } = await wire.actor({ can: [...clerk, 'delete-user'], direct: [deny] })
    refusal(await client.ask('user-remove-permission', { id, ...deny }), 'forbidden')
    expect(await wire.admin.ok('user-permissions-request', { id })).to.include({ total: 1 })
  })
})
