// docs/protocol.md §5: scoped grants, by site and by department.

import { expect } from 'chai'
import { onAnyDatabase } from './support/databases.ts'
import { expectExactly, refusal } from '../kit/replies.ts'
import { eventually, unique } from './support/wire.ts'
import type { Grant } from './support/wire.ts'

const reads = ['read-sites', 'read-site', 'read-departments', 'read-department', 'read-users', 'read-user']
const within = (scopeId: string, ...permissions: readonly string[]): Grant[] =>
  permissions.map((permissionId) => ({ permissionId, scopeId }))

onAnyDatabase('"A row is in a site\'s scope when it is that site or its siteId is that site"', (wire) => {
  it('site, departments and users of the site, and no others', async () => {
    const [mine, other] = [await wire.make('site'), await wire.make('site')]
    const department = await wire.make('department', { siteId: mine })
    // Neither a child of a department of the site nor its user is in the site's scope by that alone.
    const below = await wire.make('department', { parentId: department })
    const elsewhere = await wire.make('department', { siteId: other })
    const user = await wire.make('user', { siteId: mine })
    const userBelow = await wire.make('user', { departmentId: department })
    const stranger = await wire.make('user', { siteId: other })
    const actor = await wire.actor({ can: within(mine, ...reads), user: { siteId: mine } })
    const { client } = actor

    expectExactly(await client.ok('site-list-request'), [mine])
    expectExactly(await client.ok('department-list-request'), [department])
    expectExactly(await client.ok('user-list-request'), [user, actor.id])
    for (const [event, ids] of [['site-get', [mine]], ['department-get', [department]], ['user-get', [user]]] as const) {
      for (const id of ids) expect(await client.ok(event, { id })).to.include({ id })
    }
    for (const [event, ids] of [
      ['site-get', [other]], ['department-get', [below, elsewhere]], ['user-get', [userBelow, stranger]],
    ] as const) {
      for (const id of ids) refusal(await client.ask(event, { id }), 'not_found')
    }
  })

  it('several scopes add up, from roles and from direct grants', async () => {
    const [one, two, three] = [await wire.make('site'), await wire.make('site'), await wire.make('site')]
    await wire.make('site')
    const { id, client } = await wire.actor({
      can: [...within(one, 'read-sites'), ...within(two, 'read-sites')],
      direct: [{ permissionId: 'read-sites', scopeId: three }, { permissionId: 'read-sites', scopeId: one }],
    })
    expect(id).to.be.a('string')
    expectExactly(await client.ok('site-list-request'), [one, two, three])
  })

  it('a row follows its siteId', async () => {
    const [mine, other] = [await wire.make('site'), await wire.make('site')]
    const id = await wire.make('department', { siteId: other })
    const { client } = await wire.actor({ can: within(mine, 'read-department', 'read-departments') })
    refusal(await client.ask('department-get', { id }), 'not_found')
    await wire.admin.ok('department-update', { id, siteId: mine })
    await eventually(async () => client.ok('department-get', { id }))
    await wire.admin.ok('department-update', { id, siteId: null })
    await eventually(async () => client.no('department-get', { id }, 'not_found'))
    expectExactly(await client.ok('department-list-request'), [])
  })
})

onAnyDatabase('"in a department\'s scope when it is that department or one below it, or its departmentId is"', (wire) => {
  it('the whole subtree and its users, and no others', async () => {
    const above = await wire.make('department')
    const siteId = await wire.make('site')
    const own = await wire.make('department', { parentId: above, siteId })
    const [child, second] = [await wire.make('department', { parentId: own }), await wire.make('department', { parentId: own })]
    const grandchild = await wire.make('department', { parentId: child })
    const deep = await wire.make('department', { parentId: grandchild })
    const sibling = await wire.make('department', { parentId: above })
    const [inOwn, inDeep, inSibling] = [
      await wire.make('user', { departmentId: own }), await wire.make('user', { departmentId: deep }),
      await wire.make('user', { departmentId: sibling }),
    ]
    const actor = await wire.actor({ can: within(own, ...reads), user: { departmentId: own } })
    const { client } = actor

    expectExactly(await client.ok('department-list-request'), [own, child, second, grandchild, deep])
    expectExactly(await client.ok('user-list-request'), [inOwn, inDeep, actor.id])
    for (const id of [own, child, second, grandchild, deep]) await client.ok('department-get', { id })
    for (const id of [above, sibling]) refusal(await client.ask('department-get', { id }), 'not_found')
    for (const id of [inOwn, inDeep]) await client.ok('user-get', { id })
    refusal(await client.ask('user-get', { id: inSibling }), 'not_found')
    // A site is in no department's scope.
    expectExactly(await client.ok('site-list-request'), [])
    refusal(await client.ask('site-get', { id: siteId }), 'not_found')
  })

  it('"and follows it when it moves": what is moved below is gained, what is moved away is lost, with all below it', async () => {
    const [own, other] = [await wire.make('department'), await wire.make('department')]
    const branch = await wire.make('department', { parentId: other })
    const leaf = await wire.make('department', { parentId: branch })
    const user = await wire.make('user', { departmentId: leaf })
    const { client } = await wire.actor({ can: within(own, ...reads), user: { departmentId: own } })
    refusal(await client.ask('department-get', { id: leaf }), 'not_found')

    await wire.admin.ok('department-parent-set', { id: branch, parentId: own })
    await eventually(async () => client.ok('user-get', { id: user }))
    expectExactly(await client.ok('department-list-request'), [own, branch, leaf])

    await wire.admin.ok('department-add-child', { id: other, childId: branch })
    await eventually(async () => client.no('user-get', { id: user }, 'not_found'))
    expectExactly(await client.ok('department-list-request'), [own])
  })

  it('the scope keeps covering the subtree when the department itself moves', async () => {
    const [above, own] = [await wire.make('department'), await wire.make('department')]
    const child = await wire.make('department', { parentId: own })
    const { client } = await wire.actor({ can: within(own, 'read-departments') })
    await wire.admin.ok('department-parent-set', { id: own, parentId: above })
    await wire.settle(client)
    expectExactly(await client.ok('department-list-request'), [own, child])
  })

  it('a department made below later is covered', async () => {
    const own = await wire.make('department')
    const child = await wire.make('department', { parentId: own })
    const { client } = await wire.actor({ can: within(own, 'read-department') })
    const late = await wire.make('department', { parentId: child })
    await eventually(async () => client.ok('department-get', { id: late }))
  })
})

onAnyDatabase('"A resource with neither is reached by unscoped grants only"', (wire) => {
  for (const resource of ['group', 'role', 'permission'] as const) {
    it(`${resource}: a scoped grant shows nothing`, async () => {
      const scopeId = await wire.make('site')
      const id = await wire.make(resource)
      const { client } = await wire.actor({ can: within(scopeId, `read-${resource}s`, `read-${resource}`, `delete-${resource}`) })
      expectExactly(await client.ok(`${resource}-list-request`), [])
      refusal(await client.ask(`${resource}-get`, { id }), 'not_found')
      refusal(await client.ask(`${resource}-delete`, { id }), 'not_found')
    })
  }

  it('a create of it needs the unscoped grant', async () => {
    const scopeId = await wire.make('site')
    const { client } = await wire.actor({ can: within(scopeId, 'create-group') })
    const id = unique('unscoped')
    refusal(await client.ask('group-create', { id, name: 'No' }), 'forbidden')
    refusal(await wire.admin.ask('group-get', { id }), 'not_found')
  })
})

onAnyDatabase('A scoped root', (wire) => {
  it('"grants all" within its scope and nothing outside', async () => {
    const [scopeId, other] = [await wire.make('site'), await wire.make('site')]
    const department = await wire.make('department', { siteId: scopeId })
    const stranger = await wire.make('department', { siteId: other })
    const { client } = await wire.actor({ can: within(scopeId, 'root') })
    expectExactly(await client.ok('site-list-request'), [scopeId])
    expectExactly(await client.ok('department-list-request'), [department])
    await client.ok('site-update', { id: scopeId, label: 'Mine' })
    await client.ok('department-update', { id: department, label: 'Mine' })
    refusal(await client.ask('site-update', { id: other, label: 'No' }), 'not_found')
    refusal(await client.ask('department-delete', { id: stranger }), 'not_found')
    expectExactly(await client.ok('group-list-request'), [])
  })
})
