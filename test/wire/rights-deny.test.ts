// docs/protocol.md §5: "deny: true on a user takes the key away (in that scope, if it has one), wins over every grant, and
// binds a holder of root too".

import { expect } from 'chai'
import { onAnyDatabase } from './support/databases.ts'
import { expectExactly, refusal } from '../kit/replies.ts'
import { eventually, unique } from './support/wire.ts'
import type { Wanted } from './support/wire.ts'

onAnyDatabase('An unscoped deny', (wire) => {
  const deny = { permissionId: 'read-sites', deny: true }
  const grants: Readonly<Record<string, () => Promise<Wanted> | Wanted>> = {
    'a grant of a role': () => ({ can: ['read-sites'], direct: [deny] }),
    'a direct grant': () => ({ direct: [{ permissionId: 'read-sites' }, deny] }),
    'a scoped grant': async () => ({ can: [{ permissionId: 'read-sites', scopeId: await wire.make('site') }], direct: [deny] }),
    'a direct scoped grant': async () => ({ direct: [deny, { permissionId: 'read-sites', scopeId: await wire.make('site') }] }),
    'root of a role': () => ({ can: ['root'], direct: [deny] }),
    'a direct root': () => ({ direct: [{ permissionId: 'root' }, deny] }),
  }
  for (const [title, wanted] of Object.entries(grants)) {
    it(`wins over ${title}`, async () => {
      const { client } = await wire.actor(await wanted())
      expect(refusal(await client.ask('site-list-request', {}), 'forbidden').details).to.deep.equal({ permission: 'read-sites' })
    })
  }

  it('takes only its own key away', async () => {
    const { client } = await wire.actor({ can: ['root'], direct: [{ permissionId: 'manage-sites', deny: true }] })
    const id = await wire.make('site')
    refusal(await client.ask('site-create', { label: 'No' }), 'forbidden')
    refusal(await client.ask('site-update', { id, label: 'No' }), 'forbidden')
    refusal(await client.ask('site-delete', { id }), 'forbidden')
    await client.ok('site-get', { id })
    await client.ok('site-list-request')
    await client.ok('group-create', { name: 'Yes' })
  })

  it('binds only the user who has it', async () => {
    const one = await wire.person({ can: ['read-sites'], direct: [deny] })
    const two = await wire.actor({ user: { roles: [one.roleId] } })
    await two.client.ok('site-list-request')
  })

  it('removed, the key is back', async () => {
    const { id, client } = await wire.actor({ can: ['read-sites'], direct: [deny] })
    refusal(await client.ask('site-list-request', {}), 'forbidden')
    await wire.admin.ok('user-remove-permission', { id, ...deny })
    await eventually(async () => client.ok('site-list-request'))
  })
})

onAnyDatabase('A scoped deny', (wire) => {
  for (const can of [['read-sites', 'read-site'], ['root']]) {
    it(`by site, over ${can.join(' and ')}: the row is hidden, from lists and totals too; the others stay`, async () => {
      const mark = unique('denied')
      const [hidden, shown] = [await wire.make('site', { label: `${mark} a` }), await wire.make('site', { label: `${mark} b` })]
      const { client } = await wire.actor({
        can, direct: ['read-sites', 'read-site'].map((permissionId) => ({ permissionId, scopeId: hidden, deny: true })),
      })
      expectExactly(await client.ok('site-list-request', { search: mark }), [shown])
      refusal(await client.ask('site-get', { id: hidden }), 'not_found')
      await client.ok('site-get', { id: shown })
    })
  }

  it('by department: it covers the subtree and its users, and follows it when it moves', async () => {
    const mark = unique('denied')
    const make = async (parentId: string | null): Promise<string> => wire.make('department', { parentId, label: `${mark} ${unique()}` })
    const top = await make(null)
    const denied = await make(top)
    const below = await make(denied)
    const beside = await make(top)
    const [hidden, shown] = [
      await wire.make('user', { departmentId: below, firstName: mark }), await wire.make('user', { departmentId: beside, firstName: mark }),
    ]
    const reads = ['read-departments', 'read-department', 'read-users', 'read-user']
    const { client } = await wire.actor({
      can: reads, direct: reads.map((permissionId) => ({ permissionId, scopeId: denied, deny: true })),
    })
    expectExactly(await client.ok('department-list-request', { search: mark }), [top, beside])
    expectExactly(await client.ok('user-list-request', { search: mark }), [shown])
    refusal(await client.ask('user-get', { id: hidden }), 'not_found')
    await wire.admin.ok('department-parent-set', { id: below, parentId: beside })
    await eventually(async () => client.ok('user-get', { id: hidden }))
    expectExactly(await client.ok('department-list-request', { search: mark }), [top, beside, below])
    await wire.admin.ok('department-parent-set', { id: beside, parentId: denied })
    await eventually(async () => client.no('user-get', { id: shown }, 'not_found'))
    expectExactly(await client.ok('department-list-request', { search: mark }), [top])
  })

  for (const key of ['read-users', 'root']) {
    it(`above all scopes of a key leaves it held nowhere, also by ${key}, until the tree changes`, async () => {
      const [top, other] = [await wire.make('department'), await wire.make('department')]
      const above = await wire.make('department', { parentId: top })
      const own = await wire.make('department', { parentId: above })
      const { client } = await wire.actor({
        can: [{ permissionId: key, scopeId: own }], direct: [{ permissionId: 'read-users', scopeId: top, deny: true }],
      })
      const held = async (): Promise<unknown> => client.ok('user-list-request', { limit: 1 })
      const heldNowhere = async (): Promise<void> => {
        expect(refusal(await client.ask('user-list-request', { limit: 1 }), 'forbidden').details).to.deep.equal({
          permission: 'read-users',
        })
      }
      await heldNowhere()
      await wire.admin.ok('department-parent-set', { id: above, parentId: other })
      await eventually(held)
      await wire.admin.ok('department-update', { id: above, parentId: top })
      await eventually(heldNowhere)
      await wire.admin.ok('department-parent-remove', { id: own })
      await eventually(held)
    })
  }

  it('wins over a grant in a narrower scope', async () => {
    const above = await wire.make('department')
    const own = await wire.make('department', { parentId: above })
    const { client } = await wire.actor({
      can: [{ permissionId: 'read-department', scopeId: own }],
      direct: [{ permissionId: 'read-department', scopeId: above, deny: true }],
    })
    refusal(await client.ask('department-get', { id: own }), 'forbidden')
  })

  it('within a wider grant it takes away only its own part', async () => {
    const above = await wire.make('department')
    const [open, closed] = [await wire.make('department', { parentId: above }), await wire.make('department', { parentId: above })]
    const { client } = await wire.actor({
      can: [{ permissionId: 'read-departments', scopeId: above }],
      direct: [{ permissionId: 'read-departments', scopeId: closed, deny: true }],
    })
    expectExactly(await client.ok('department-list-request'), [above, open])
  })

  it('of a change key: "forbidden for rows that he can read but not change"', async () => {
    const [closed, open] = [await wire.make('site'), await wire.make('site')]
    const { client } = await wire.actor({ can: ['root'], direct: [{ permissionId: 'manage-sites', scopeId: closed, deny: true }] })
    expect(refusal(await client.ask('site-update', { id: closed, label: 'No' }), 'forbidden').details).to.deep.equal({
      permission: 'manage-sites',
    })
    await client.ok('site-update', { id: open, label: 'Yes' })
    await client.ok('site-create', { label: 'Yes' })
  })

  it('holds for the new row of a create and of a move', async () => {
    const closed = await wire.make('site')
    const { client } = await wire.actor({
      can: ['root'],
      direct: ['create-department', 'update-department'].map((permissionId) => ({ permissionId, scopeId: closed, deny: true })),
    })
    const id = await wire.make('department')
    refusal(await client.ask('department-create', { label: 'No', siteId: closed }), 'forbidden')
    refusal(await client.ask('department-update', { id, siteId: closed }), 'forbidden')
    await client.ok('department-create', { label: 'Yes' })
    await client.ok('department-update', { id, label: 'Yes' })
  })

  it('reaches through a relation: denied users are not shown in their department', async () => {
    const [id, siteId] = [await wire.make('department'), await wire.make('site')]
    const [shown, hidden] = [await wire.make('user', { departmentId: id }), await wire.make('user', { departmentId: id, siteId })]
    expect(hidden).to.not.equal(shown)
    const { client } = await wire.actor({ can: ['root'], direct: [{ permissionId: 'read-users', scopeId: siteId, deny: true }] })
    expectExactly(await client.ok('department-users-request', { id }), [shown])
  })
})
