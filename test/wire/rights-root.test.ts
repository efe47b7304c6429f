// docs/protocol.md §5: "The last active holder of unscoped root cannot lose it by any path: role, grant, deny, status, deletion
// (conflict), also under concurrency".

import { expect } from 'chai'
import { onOwnServer } from './support/databases.ts'
import { refusal, refusalOfRace, row, success } from '../kit/replies.ts'
import type { Row } from '../kit/replies.ts'
import { eventually } from './support/wire.ts'
import type { Wire } from './support/wire.ts'

async function administrators(wire: Wire): Promise<string> {
  const [role] = (await wire.admin.ok('user-get', { id: wire.adminId }))['roles'] as readonly string[]
  if (role === undefined) throw new Error('the administrator has no role')
  return role
}

/** Each path by which a holder of root through a role may lose it. */
const paths: Readonly<Record<string, (id: string, role: string) => readonly [string, Row]>> = {
  'role, by user-remove-role': (id, roleId) => ['user-remove-role', { id, roleId }],
  'role, by user-update': (id) => ['user-update', { id, roles: [] }],
  'role, by role-remove-permission': (_, id) => ['role-remove-permission', { id, permissionId: 'root' }],
  'role, by role-update': (_, id) => ['role-update', { id, permissions: [] }],
  'role, by replacing its grant': (_, id) => ['role-update', { id, permissions: ['read-sites'] }],
  'role, by role-delete': (_, id) => ['role-delete', { id }],
  'deny': (id) => ['user-add-permission', { id, permissionId: 'root', deny: true }],
  'status suspended': (id) => ['user-update', { id, status: 'suspended' }],
  'status archived': (id) => ['user-update', { id, status: 'archived' }],
  'deletion': (id) => ['user-delete', { id }],
}

onOwnServer('The last holder of root', {}, (wire) => {
  const expectConflict = async (event: string, payload: Row): Promise<void> => {
    const before = await wire.admin.ok('user-get', { id: wire.adminId })
    refusal(await wire.admin.ask(event, payload), 'conflict')
    expect(await wire.admin.ok('user-get', { id: wire.adminId })).to.deep.equal(before)
    await wire.admin.ok('role-get', { id: await administrators(wire) })
  }

  for (const [title, path] of Object.entries(paths)) {
    it(`does not lose it by ${title}`, async () => {
      await expectConflict(...path(wire.adminId, await administrators(wire)))
    })
  }

  it('"active": one who is suspended or archived does not count', async () => {
    for (const status of ['suspended', 'archived']) {
      await wire.person({ can: ['root'], user: { status } })
      await expectConflict('user-update', { id: wire.adminId, status: 'suspended' })
    }
  })

  it('"unscoped": one within a scope does not count', async () => {
    await wire.person({ can: [{ permissionId: 'root', scopeId: await wire.make('site') }] })
    await expectConflict('user-delete', { id: wire.adminId })
  })

  it('one to whom root is denied does not count', async () => {
    await wire.person({ can: ['root'], direct: [{ permissionId: 'root', deny: true }] })
    await expectConflict('user-remove-role', { id: wire.adminId, roleId: await administrators(wire) })
  })

  it('a direct grant is guarded like a role', async () => {
    const { id, client } = await wire.actor({ direct: [{ permissionId: 'root' }] })
    const role = await administrators(wire)
    await client.ok('user-remove-role', { id: wire.adminId, roleId: role })
    refusal(await client.ask('user-remove-permission', { id, permissionId: 'root' }), 'conflict')
    refusal(await client.ask('user-add-permission', { id, permissionId: 'root', deny: true }), 'conflict')
    refusal(await client.ask('user-update', { id, status: 'suspended' }), 'conflict')
    refusal(await client.ask('user-delete', { id }), 'conflict')
    await client.ok('user-add-role', { id: wire.adminId, roleId: role })
    await eventually(async () => wire.admin.ok('user-delete', { id }))
  })

  for (const [title, path] of Object.entries(paths).filter(([title]) => title !== 'role, by role-delete')) {
    it(`while another holds it, it may be lost by ${title}`, async () => {
      const { id, roleId } = await wire.person({ can: ['root'] })
      await wire.admin.ok(...path(id, roleId))
      if (title !== 'deletion') await wire.admin.ok('user-delete', { id })
    })
  }

  it('"also under concurrency": two holders who each take it from the other leave one', async () => {
    const admins = await administrators(wire)
    for (let round = 0; round < 6; round += 1) {
      const one = await wire.actor({ direct: [{ permissionId: 'root' }] })
      const two = await wire.actor({ direct: [{ permissionId: 'root' }] })
      await one.client.ok('user-remove-role', { id: wire.adminId, roleId: admins })
      const replies = await Promise.all([
        one.client.ask('user-remove-permission', { id: two.id, permissionId: 'root' }),
        two.client.ask('user-remove-permission', { id: one.id, permissionId: 'root' }),
      ])
      const won = replies.findIndex((reply) => !('error' in row(reply)))
      expect(replies.filter((reply) => !('error' in row(reply))), 'one wins').to.have.lengthOf(1)
      refusalOfRace(replies[1 - won], 'conflict', 'forbidden')
      const holder = won === 0 ? one : two
      const loser = won === 0 ? two : one
      success(await holder.client.ask('user-add-role', { id: wire.adminId, roleId: admins }))
      for (const { id } of [holder, loser]) await eventually(async () => wire.admin.ok('user-delete', { id }))
    }
  })

  it('"also under concurrency": two holders who each give it up at the same time leave one', async () => {
    const admins = await administrators(wire)
    for (let round = 0; round < 6; round += 1) {
      const one = await wire.actor({ direct: [{ permissionId: 'root' }] })
      const two = await wire.actor({ direct: [{ permissionId: 'root' }] })
      await one.client.ok('user-remove-role', { id: wire.adminId, roleId: admins })
      const replies = await Promise.all([one, two].map(async ({ id, client }) =>
        client.ask('user-remove-permission', { id, permissionId: 'root' })))
      const kept = replies.findIndex((reply) => 'error' in row(reply))
      expect(replies.filter((reply) => 'error' in row(reply)), 'one stays').to.have.lengthOf(1)
      refusal(replies[kept], 'conflict')
      const holder = kept === 0 ? one : two
      success(await holder.client.ask('user-add-role', { id: wire.adminId, roleId: admins }))
      for (const { id } of [one, two]) await eventually(async () => wire.admin.ok('user-delete', { id }))
    }
  })
})
