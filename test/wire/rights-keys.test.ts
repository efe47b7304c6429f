// docs/protocol.md §5: what each permission key grants, and that nothing else grants it.

import { expect } from 'chai'
import { onAnyDatabase } from './support/databases.ts'
import { keys } from './support/keys.ts'
import { refusal, success } from '../kit/replies.ts'
import type { Row } from '../kit/replies.ts'
import { unique } from './support/wire.ts'
import type { Actor, Wire } from './support/wire.ts'

type Request = readonly [event: string, payload: (wire: Wire) => Promise<Row> | Row]

/** What an event names must be readable: docs/protocol.md §3.4. The key to get it is given beside the one that is tried. */
const named: Readonly<Record<string, string>> = {
  'department-parent-set': 'read-department', 'department-add-child': 'read-department', 'department-remove-child': 'read-department',
  'department-manager-set': 'read-user', 'department-add-user': 'read-user', 'department-remove-user': 'read-user',
  'group-add-user': 'read-user', 'group-remove-user': 'read-user', 'group-add-responsible': 'read-user', 'group-remove-responsible': 'read-user',
  'role-add-permission': 'read-permission', 'role-remove-permission': 'read-permission',
  'user-add-role': 'read-role', 'user-remove-role': 'read-role', 'user-add-permission': 'read-permission', 'user-remove-permission': 'read-permission',
}

const department = async (wire: Wire): Promise<Row> => ({ id: await wire.make('department') })
const group = async (wire: Wire): Promise<Row> => ({ id: await wire.make('group') })
const user = async (wire: Wire): Promise<Row> => ({ id: await wire.make('user') })
const role = async (wire: Wire): Promise<Row> => ({ id: await wire.make('role') })
const withUser = async (wire: Wire, of: 'department' | 'group'): Promise<Row> =>
  ({ id: await wire.make(of), userId: await wire.make('user') })
const withChild = async (wire: Wire): Promise<Row> => ({ id: await wire.make('department'), childId: await wire.make('department') })
const withRole = async (wire: Wire): Promise<Row> => ({ id: await wire.make('user'), roleId: await wire.make('role') })

/** The table of docs/protocol.md §5, and §3.4's "It is changed with the owner's `update-` key unless the table names another". */
const table: Readonly<Record<string, readonly Request[]>> = {
  'read-sites': [['site-list-request', () => ({})]],
  'read-site': [['site-get', async (wire) => ({ id: await wire.make('site') })]],
  'manage-sites': [
    ['site-create', () => ({ label: 'Made' })],
    ['site-update', async (wire) => ({ id: await wire.make('site'), label: 'Changed' })],
    ['site-delete', async (wire) => ({ id: await wire.make('site') })],
  ],
  'read-departments': [['department-list-request', () => ({})]],
  'read-department': [
    'department-get', 'department-children-request', 'department-users-request', 'department-manager-get',
    'department-parent-get', 'department-ancestors-request',
  ].map((event): Request => [event, department]),
  'create-department': [['department-create', () => ({ label: 'Made' })]],
  'update-department': [['department-update', async (wire) => ({ ...await department(wire), label: 'Changed' })]],
  'delete-department': [['department-delete', department]],
  'manage-department-hierarchy': [
    ['department-parent-set', async (wire) => ({ id: await wire.make('department'), parentId: await wire.make('department') })],
    ['department-parent-remove', async (wire) => ({ id: await wire.make('department', { parentId: await wire.make('department') }) })],
    ['department-add-child', withChild],
    ['department-remove-child', withChild],
  ],
  'manage-department-users': [
    ['department-manager-set', async (wire) => withUser(wire, 'department')],
    ['department-manager-remove', department],
    ['department-add-user', async (wire) => withUser(wire, 'department')],
    ['department-remove-user', async (wire) => withUser(wire, 'department')],
  ],
  'read-groups': [['group-list-request', () => ({})]],
  'read-group': ['group-get', 'group-members-request', 'group-responsibles-request'].map((event): Request => [event, group]),
  'create-group': [['group-create', () => ({ name: 'Made' })]],
  'update-group': [['group-update', async (wire) => ({ ...await group(wire), name: 'Changed' })]],
  'delete-group': [['group-delete', group]],
  'manage-group-members': ['group-add-user', 'group-remove-user'].map((event): Request => [event, async (wire) => withUser(wire, 'group')]),
  'manage-group-responsibles': ['group-add-responsible', 'group-remove-responsible'].map(
    (event): Request => [event, async (wire) => withUser(wire, 'group')],
  ),
  'read-roles': [['role-list-request', () => ({})]],
  'read-role': ['role-get', 'role-permissions-request'].map((event): Request => [event, role]),
  'create-role': [['role-create', () => ({ label: 'Made' })]],
  'update-role': [
    ['role-update', async (wire) => ({ ...await role(wire), label: 'Changed' })],
    ['role-add-permission', async (wire) => ({ ...await role(wire), permissionId: 'update-role' })],
    ['role-remove-permission', async (wire) => ({ ...await role(wire), permissionId: 'update-role' })],
  ],
  'delete-role': [['role-delete', role]],
  'read-permissions': [['permission-list-request', () => ({})]],
  'read-permission': [['permission-get', async (wire) => ({ id: await wire.make('permission') })]],
  'create-permission': [['permission-create', () => ({ permissionKey: unique('made') })]],
  'update-permission': [['permission-update', async (wire) => ({ id: await wire.make('permission'), description: 'Changed' })]],
  'delete-permission': [['permission-delete', async (wire) => ({ id: await wire.make('permission') })]],
  'read-users': [['user-list-request', () => ({})]],
  'read-user': ['user-get', 'user-roles-request', 'user-permissions-request'].map((event): Request => [event, user]),
  'create-user': [['user-create', () => ({ firstName: 'A', lastName: 'B', email: `${unique('made')}@example.com` })]],
  'update-user': [
    ['user-update', async (wire) => ({ ...await user(wire), firstName: 'Changed' })],
    ['user-add-role', withRole],
    ['user-remove-role', withRole],
    ['user-add-permission', async (wire) => ({ ...await user(wire), permissionId: 'update-user' })],
    ['user-remove-permission', async (wire) => ({ ...await user(wire), permissionId: 'update-user' })],
  ],
  'delete-user': [['user-delete', user]],
}

onAnyDatabase('The table of keys', (wire) => {
  it('this suite goes through every key', () => {
    expect(Object.keys(table)).to.have.members([...keys])
  })

  for (const [key, requests] of Object.entries(table)) {
    describe(key, () => {
      let holder: Actor
      let others: Actor

      before(async () => {
        holder = await wire.actor({ can: [key] })
        others = await wire.actor({ can: keys.filter((other) => other !== key) })
      })

      for (const [event, payload] of requests) {
        const reader = named[event]

        it(`${reader === undefined ? 'alone' : `with ${reader} for the target`} grants ${event}`, async () => {
          const { client } = reader === undefined ? holder : await wire.actor({ can: [key, reader] })
          success(await client.ask(event, await payload(wire)), event)
        })

        if (reader !== undefined) {
          it(`alone does not find the target of ${event}`, async () => {
            refusal(await holder.client.ask(event, await payload(wire)), 'not_found')
          })
        }

        it(`is needed for ${event}: who holds all other keys gets forbidden, which names it`, async () => {
          const request = await payload(wire)
          expect(refusal(await others.client.ask(event, request), 'forbidden').details).to.deep.equal({ permission: key })
          expect(refusal((await wire.http(event, request, others.token)).body, 'forbidden').details).to.deep.equal({ permission: key })
        })
      }
    })
  }

  it('"root grants all"', async () => {
    const { client } = await wire.actor({ can: ['root'] })
    for (const requests of Object.values(table)) {
      for (const [event, payload] of requests) success(await client.ask(event, await payload(wire)), event)
    }
  })

  it('a key granted to the user himself counts as one from a role', async () => {
    const { client } = await wire.actor({ direct: [{ permissionId: 'read-sites' }] })
    success(await client.ask('site-list-request', {}))
  })

  it('a permission made by an administrator grants nothing by its name being like a key', async () => {
    const permission = await wire.make('permission', { permissionKey: unique('read-sites') })
    const { client } = await wire.actor({ can: [permission] })
    refusal(await client.ask('site-list-request', {}), 'forbidden')
  })
})
