// docs/protocol.md §5: when the answer is forbidden, when not_found, and what a list then shows.

import { expect } from 'chai'
import { onAnyDatabase } from './support/databases.ts'
import { expectExactly, refusal } from '../kit/replies.ts'
import type { Row, WireError } from '../kit/replies.ts'
import { unique } from './support/wire.ts'

const told = ({ code, message, details }: WireError): Row => ({ code, message, details })

const changes = {
  site: { label: 'No' }, department: { label: 'No' }, role: { label: 'No' },
  group: { name: 'No' }, permission: { description: 'No' }, user: { firstName: 'No' },
} as const

onAnyDatabase('forbidden, not_found, lists', (wire) => {
  for (const resource of ['site', 'department', 'group', 'role', 'permission', 'user'] as const) {
    it(`${resource}: "An actor who holds a key in no scope gets forbidden, whatever the id, for lists too"`, async () => {
      const { client } = await wire.actor()
      const id = await wire.make(resource)
      const change = changes[resource]
      for (const [verb, fields] of [['get', {}], ['update', change], ['delete', {}]] as const) {
        const existing = refusal(await client.ask(`${resource}-${verb}`, { id, ...fields }), 'forbidden')
        const missing = refusal(await client.ask(`${resource}-${verb}`, { id: 'nothing-here', ...fields }), 'forbidden')
        expect(told(existing)).to.deep.equal(told(missing))
      }
      refusal(await client.ask(`${resource}-list-request`, {}), 'forbidden')
    })
  }

  for (const resource of ['site', 'department', 'user'] as const) {
    it(`${resource}: "Holding it somewhere: not_found for rows that he cannot read", indistinguishable from no row`, async () => {
      const siteId = await wire.make('site')
      const { client } = await wire.actor({ can: [{ permissionId: `read-${resource}`, scopeId: siteId }] })
      const id = await wire.make(resource)
      const hidden = refusal(await client.ask(`${resource}-get`, { id }), 'not_found')
      const missing = refusal(await client.ask(`${resource}-get`, { id: 'nothing-here' }), 'not_found')
      expect(told(hidden)).to.deep.equal(told(missing))
    })
  }

  it('update and delete: not_found for what he cannot read, forbidden for what he can read but not change, success in scope', async () => {
    const [readSite, changeSite] = [await wire.make('site'), await wire.make('site')]
    const readable = await wire.make('department', { siteId: readSite })
    const changeable = await wire.make('department', { siteId: changeSite })
    const hidden = await wire.make('department')
    const { client } = await wire.actor({ can: [
      { permissionId: 'read-department', scopeId: readSite },
      { permissionId: 'update-department', scopeId: changeSite },
      { permissionId: 'delete-department', scopeId: changeSite },
    ] })
    for (const [event, fields, permission] of [
      ['department-update', { label: 'New' }, 'update-department'], ['department-delete', {}, 'delete-department'],
    ] as const) {
      expect(told(refusal(await client.ask(event, { id: hidden, ...fields }), 'not_found')))
        .to.deep.equal(told(refusal(await client.ask(event, { id: 'nothing-here', ...fields }), 'not_found')))
      expect(refusal(await client.ask(event, { id: readable, ...fields }), 'forbidden').details).to.deep.equal({ permission })
      await client.ok(event, { id: changeable, ...fields })
    }
    for (const id of [readable, hidden]) expect(await wire.admin.ok('department-get', { id })).to.include({ label: id, version: 1 })
  })

  it('relation changes answer alike', async () => {
    const [readable, changeable, hidden] = [await wire.make('department'), await wire.make('department'), await wire.make('department')]
    const { client } = await wire.actor({ can: [
      { permissionId: 'read-department', scopeId: readable },
      { permissionId: 'manage-department-users', scopeId: changeable },
      'read-user',
    ] })
    const userId = await wire.make('user')
    refusal(await client.ask('department-manager-set', { id: hidden, userId }), 'not_found')
    expect(refusal(await client.ask('department-manager-set', { id: readable, userId }), 'forbidden').details).to.deep.equal({
      permission: 'manage-department-users',
    })
    await client.ok('department-manager-set', { id: changeable, userId })
  })

  it('relation reads answer alike', async () => {
    const [readable, hidden] = [await wire.make('department'), await wire.make('department')]
    const { client } = await wire.actor({ can: [{ permissionId: 'read-department', scopeId: readable }] })
    for (const event of ['department-children-request', 'department-users-request', 'department-manager-get', 'department-parent-get', 'department-ancestors-request']) {
      await client.ok(event, { id: readable })
      refusal(await client.ask(event, { id: hidden }), 'not_found')
    }
  })

  it('"lists show what is in scope", with an exact total, page by page', async () => {
    const mark = unique('mine')
    const sites = [
      await wire.make('site', { label: `${mark} a` }), await wire.make('site', { label: `${mark} b` }),
      await wire.make('site', { label: `${mark} c` }),
    ]
    await wire.make('site', { label: `${mark} d` })
    const { client } = await wire.actor({ can: sites.map((scopeId) => ({ permissionId: 'read-sites', scopeId })) })
    expectExactly(await client.ok('site-list-request', { search: mark }), sites)
    expectExactly(await client.ok('site-list-request'), sites)
    const page = await client.ok('site-list-request', { limit: 2, page: 2 })
    expect(page).to.include({ total: 3 }).and.not.have.property('next')
    const first = await client.ok('site-list-request', { limit: 2 })
    expect(await client.ok('site-list-request', { limit: 2, after: first['next'] })).to.include({ total: 3 })
  })

  it('a filter or sort does not reach rows out of scope', async () => {
    const [mine, other] = [await wire.make('site'), await wire.make('site')]
    const wanted = await wire.make('department', { siteId: mine })
    await wire.make('department', { siteId: other })
    const { client } = await wire.actor({ can: [{ permissionId: 'read-departments', scopeId: mine }] })
    expectExactly(await client.ok('department-list-request', { filter: { siteId: other } }), [])
    expectExactly(await client.ok('department-list-request', { filter: { siteId: { in: [mine, other] } }, sort: '-label' }), [wanted])
    expectExactly(await client.ok('department-list-request', { filter: { siteId: { ne: mine } } }), [])
  })

  it('the rights of list and get are apart: one does not give the other', async () => {
    const id = await wire.make('site')
    const lister = await wire.actor({ can: ['read-sites'] })
    const reader = await wire.actor({ can: ['read-site'] })
    await lister.client.ok('site-list-request')
    refusal(await lister.client.ask('site-get', { id }), 'forbidden')
    await reader.client.ok('site-get', { id })
    refusal(await reader.client.ask('site-list-request', {}), 'forbidden')
  })

  it('an invalid payload of who has no right reveals nothing about the row', async () => {
    const { client } = await wire.actor()
    const id = await wire.make('site')
    const existing = refusal(await client.ask('site-update', { id, label: '' }), 'invalid_payload')
    const missing = refusal(await client.ask('site-update', { id: 'nothing-here', label: '' }), 'invalid_payload')
    expect(told(existing)).to.deep.equal(told(missing))
  })

  it('ifVersion tells the version only to who may change the row', async () => {
    const { client } = await wire.actor()
    const id = await wire.make('site')
    refusal(await client.ask('site-update', { id, label: 'No', ifVersion: 9 }), 'forbidden')
  })
})
