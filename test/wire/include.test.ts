// docs/protocol.md §3.2: `include` embeds relations, under the reading rules of the embedded row.

import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'chai'
import { onAnyDatabase } from './support/databases.ts'
import { refusal, row, rows, text } from '../kit/replies.ts'

onAnyDatabase('include', (wire) => {
  it('department-get with [\'site\', \'parent\', \'manager\'] embeds the rows', async () => {
    const siteId = await wire.make('site')
    const parentId = await wire.make('department')
    const managerId = await wire.make('user')
    const id = await wire.make('department', { siteId, parentId, managerId })
    const found = await wire.admin.ok('department-get', { id, include: ['site', 'parent', 'manager'] })
    expect(row(found['site'])).to.include({ id: siteId, label: siteId, version: 1 })
    expect(row(found['parent'])).to.include({ id: parentId, label: parentId })
    expect(row(found['manager'])).to.include({ id: managerId, firstName: 'Test' })
    expect(found).to.include({ id, siteId, parentId, managerId })
  })

  it('only what is asked for is embedded', async () => {
    const id = await wire.make('department', { siteId: await wire.make('site'), parentId: await wire.make('department') })
    const found = await wire.admin.ok('department-get', { id, include: ['site'] })
    expect(found).to.have.property('site')
    expect(found).to.not.have.property('parent')
    expect(await wire.admin.ok('department-get', { id })).to.not.have.any.keys('site', 'parent', 'manager')
    expect(await wire.admin.ok('department-get', { id, include: [] })).to.not.have.any.keys('site', 'parent', 'manager')
  })

  it('roles come in the order in which they were made, each as it now is', async () => {
    const roles: string[] = []
    for (const letter of ['z', 'm', 'a']) {
      const label = `${letter}-${Date.now()}`
      roles.push(text((await wire.admin.ok('role-create', { id: label, label }))['id']))
      // Times are kept to the millisecond.
      await delay(2)
    }
    const [first, , made] = roles
    const id = await wire.make('user', { roles: roles.toReversed() })
    const included = async (): Promise<[unknown, unknown][]> =>
      rows((await wire.admin.ok('user-get', { id, include: ['roles'] }))['roles']).map(({ id: role, label }) => [role, label])
    expect((await included()).map(([role]) => role)).to.deep.equal(roles)
    await wire.admin.ok('role-update', { id: made, label: 'Renamed' })
    expect((await included()).at(-1)).to.deep.equal([made, 'Renamed'])
    await wire.admin.ok('user-remove-role', { id, roleId: first })
    expect((await included()).map(([role]) => role)).to.deep.equal(roles.slice(1))
  })

  it('a relation to nothing is null', async () => {
    const id = await wire.make('department')
    expect(await wire.admin.ok('department-get', { id, include: ['site', 'parent', 'manager'] })).to.include({
      site: null, parent: null, manager: null,
    })
  })

  it('in a list every item has its own', async () => {
    const sites = [await wire.make('site'), await wire.make('site')]
    const parentId = await wire.make('department')
    for (const siteId of sites) await wire.make('department', { parentId, siteId })
    await wire.make('department', { parentId })
    const page = await wire.admin.ok('department-list-request', { filter: { parentId }, include: ['site'] })
    expect(page['total']).to.equal(3)
    for (const item of rows(page['items'])) {
      if (item['siteId'] === null) expect(item['site']).to.equal(null)
      else expect(row(item['site'])['id']).to.equal(item['siteId'])
    }
  })

  it('also in the pages of relations', async () => {
    const siteId = await wire.make('site')
    const id = await wire.make('department')
    await wire.make('department', { parentId: id, siteId })
    const page = await wire.admin.ok('department-children-request', { id, include: ['site'] })
    expect(rows(page['items']).map((item) => row(item['site'])['id'])).to.deep.equal([siteId])
  })

  it('"An embedded row obeys the reading rules of its own resource": null for who may not get it', async () => {
    const siteId = await wire.make('site')
    const managerId = await wire.make('user')
    const parentId = await wire.make('department')
    const id = await wire.make('department', { siteId, managerId, parentId })
    const { client } = await wire.actor({
      can: [{ permissionId: 'read-department', scopeId: id }, { permissionId: 'read-departments', scopeId: id }],
    })
    expect(await client.ok('department-get', { id, include: ['site', 'parent', 'manager'] })).to.include({
      site: null, parent: null, manager: null,
    })
    const page = await client.ok('department-list-request', { include: ['site', 'parent', 'manager'] })
    expect(rows(page['items']).map(({ site, parent, manager }) => [site, parent, manager])).to.deep.equal([[null, null, null]])
  })

  it('and the row for who may', async () => {
    const siteId = await wire.make('site')
    const id = await wire.make('department', { siteId })
    const { client } = await wire.actor({ can: ['read-department', { permissionId: 'read-site', scopeId: siteId }] })
    expect(row((await client.ok('department-get', { id, include: ['site'] }))['site'])['id']).to.equal(siteId)
  })

  it('an embedded user shows no secret', async () => {
    const { id: managerId } = await wire.person()
    const id = await wire.make('department', { managerId })
    const found = await wire.admin.ok('department-get', { id, include: ['manager'] })
    expect(JSON.stringify(found)).to.not.match(/"password"|hash|\$2[aby]\$/i)
  })

  for (const include of [['nothing'], ['site', 'nothing'], ['constructor'], ['__proto__'], [5], [['site']], ['siteId'], ['site.label']]) {
    it(`${JSON.stringify(include)} is invalid_payload`, async () => {
      const id = await wire.make('department')
      refusal(await wire.admin.ask('department-get', { id, include }), 'invalid_payload')
      refusal(await wire.admin.ask('department-list-request', { include }), 'invalid_payload')
    })
  }
})
