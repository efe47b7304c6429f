// docs/protocol.md §6: `rights-changed {}` "goes to the sockets of a user whose effective rights have changed, after which he reads anew
// what he shows; the next request sees the new rights".

import { expect } from 'chai'
import { onAnyDatabase } from './support/databases.ts'
import type { Client } from '../kit/client.ts'
import type { Actor, Wire } from './support/wire.ts'

const told = (client: Client): number => client.heard.filter(({ event }) => event === 'rights-changed').length

interface Scene {
  readonly wire: Wire
  readonly actor: Actor
  readonly spare: string
}

/** Each changes what the actor may do: `site-list-request` is answered with this code afterwards. */
const effective: Readonly<Record<string, {
  readonly start?: readonly string[]; readonly change: (scene: Scene) => Promise<unknown>; readonly answer: 'ok' | 'forbidden'
}>> = {
  'a role given': {
    change: async ({ wire, actor, spare }) => wire.admin.ok('user-add-role', { id: actor.id, roleId: spare }), answer: 'ok',
  },
  'a role taken': {
    start: ['read-sites'], change: async ({ wire, actor }) => wire.admin.ok('user-remove-role', { id: actor.id, roleId: actor.roleId }),
    answer: 'forbidden',
  },
  'roles replaced': {
    change: async ({ wire, actor, spare }) => wire.admin.ok('user-update', { id: actor.id, roles: [spare] }), answer: 'ok',
  },
  'a permission put into a role': {
    change: async ({ wire, actor }) => wire.admin.ok('role-add-permission', { id: actor.roleId, permissionId: 'read-sites' }), answer: 'ok',
  },
  'a permission taken out of a role': {
    start: ['read-sites'],
    change: async ({ wire, actor }) => wire.admin.ok('role-remove-permission', { id: actor.roleId, permissionId: 'read-sites' }),
    answer: 'forbidden',
  },
  'the permissions of a role replaced': {
    change: async ({ wire, actor }) => wire.admin.ok('role-update', { id: actor.roleId, permissions: ['read-sites'] }), answer: 'ok',
  },
  'a direct grant': {
    change: async ({ wire, actor }) => wire.admin.ok('user-add-permission', { id: actor.id, permissionId: 'read-sites' }), answer: 'ok',
  },
  'a deny': {
    start: ['read-sites'],
    change: async ({ wire, actor }) => wire.admin.ok('user-add-permission', { id: actor.id, permissionId: 'read-sites', deny: true }),
    answer: 'forbidden',
  },
}

/** Each changes rows that rights come from, and nothing that the actor may do. */
const idle: Readonly<Record<string, (scene: Scene) => Promise<unknown>>> = {
  'another name': async ({ wire, actor }) => wire.admin.ok('user-update', { id: actor.id, firstName: 'Other' }),
  'another label of the role': async ({ wire, actor }) => wire.admin.ok('role-update', { id: actor.roleId, label: 'Other' }),
  'a second role with the same permissions': async ({ wire, actor }) => {
    const roleId = await wire.make('role', { permissions: ['read-groups'] })
    await wire.admin.ok('user-add-role', { id: actor.id, roleId })
  },
  'a grant within a scope of what is granted everywhere': async ({ wire, actor }) =>
    wire.admin.ok('user-add-permission', { id: actor.id, permissionId: 'read-groups', scopeId: await wire.make('site') }),
  'a deny of what is not granted': async ({ wire, actor }) => wire.admin.ok('user-add-permission', {
    id: actor.id, permissionId: 'delete-role', deny: true,
  }),
  'another\'s rights': async ({ wire, spare }) => {
    const other = await wire.actor()
    await wire.admin.ok('user-add-role', { id: other.id, roleId: spare })
    await other.client.hear('rights-changed')
  },
  'a role that the actor does not hold': async ({ wire, spare }) => wire.admin.ok('role-add-permission', {
    id: spare, permissionId: 'read-users',
  }),
}

onAnyDatabase('rights-changed', (wire) => {
  const scene = async (can: readonly string[] = []): Promise<Scene> => {
    const spare = await wire.make('role', { permissions: ['read-sites'] })
    const actor = await wire.actor({ can: [...can, 'read-groups'] })
    await wire.settle(actor.client)
    return { wire, actor, spare }
  }

  for (const [what, { start, change, answer }] of Object.entries(effective)) {
    it(`${what}: told once on each socket, with {}, and the next request sees it`, async () => {
      const all = await scene(start)
      const second = await wire.connect(all.actor.token)
      await change(all)
      for (const client of [all.actor.client, second]) {
        const { args } = await client.hear('rights-changed')
        expect(args).to.deep.equal([{}])
        if (answer === 'ok') await client.ok('site-list-request')
        else await client.no('site-list-request', {}, 'forbidden')
      }
      await wire.settle(all.actor.client, second)
      expect([told(all.actor.client), told(second)]).to.deep.equal([1, 1])
    })
  }

  it('a responsibility for a group, given and taken', async () => {
    const { actor } = await scene()
    const id = await wire.make('group')
    await wire.admin.ok('group-add-responsible', { id, userId: actor.id })
    await actor.client.hear('rights-changed')
    await actor.client.ok('group-get', { id })
    const from = actor.client.heard.length
    await wire.admin.ok('group-remove-responsible', { id, userId: actor.id })
    await actor.client.hear('rights-changed', from)
    expect(told(actor.client)).to.equal(2)
  })

  for (const [what, change] of Object.entries(idle)) {
    it(`${what}: not told`, async () => {
      const all = await scene()
      await change(all)
      // What is told later stands behind what would have been told of it.
      await wire.admin.ok('user-add-permission', { id: all.actor.id, permissionId: 'read-sites' })
      await all.actor.client.hear('rights-changed')
      await all.actor.client.ok('site-list-request')
      expect(told(all.actor.client)).to.equal(1)
    })
  }
})
