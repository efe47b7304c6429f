// docs/protocol.md §3.1: ids, and the columns that every resource carries.

import { expect } from 'chai'
import { onAnyDatabase } from './support/databases.ts'
import { faultPaths, refusal, text } from '../kit/replies.ts'
import type { Row } from '../kit/replies.ts'
import { unique } from './support/wire.ts'

type Resource = 'site' | 'department' | 'group' | 'role' | 'permission' | 'user'

const least: Readonly<Record<Resource, () => Row>> = {
  site: () => ({ label: 'A site' }),
  department: () => ({ label: 'A department' }),
  group: () => ({ name: 'A group' }),
  role: () => ({ label: 'A role' }),
  permission: () => ({ permissionKey: unique('key') }),
  user: () => ({ firstName: 'A', lastName: 'B', email: `${unique('mail')}@example.com` }),
}
const change: Readonly<Record<Resource, Row>> = {
  site: { label: 'Other' }, department: { label: 'Other' }, group: { name: 'Other' }, role: { label: 'Other' },
  permission: { description: 'Other' }, user: { firstName: 'Other' },
}

onAnyDatabase('Common columns', (wire) => {
  for (const resource of Object.keys(least) as Resource[]) {
    it(`${resource}: "otherwise the server makes a UUIDv7"`, async () => {
      const { id } = await wire.admin.ok(`${resource}-create`, least[resource]())
      expect(id).to.match(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    })

    it(`${resource}: version, createdAt, updatedAt, createdBy, updatedBy, told by the session`, async () => {
      const { client, id: author } = await wire.actor({ can: ['root'] })
      const made = await client.ok(`${resource}-create`, least[resource]())
      expect(made).to.include({ version: 1, createdBy: author })
      for (const column of ['createdAt', 'updatedAt']) {
        expect(text(made[column])).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/)
      }
      const changed = await wire.admin.ok(`${resource}-update`, { id: made['id'], ...change[resource] })
      expect(changed).to.include({ version: 2, createdBy: author, updatedBy: wire.adminId, createdAt: made['createdAt'] })
      expect(Date.parse(text(changed['updatedAt']))).to.be.at.least(Date.parse(text(made['updatedAt'])))
      expect(await wire.admin.ok(`${resource}-get`, { id: made['id'] })).to.deep.equal(changed)
      await wire.admin.ok(`${resource}-delete`, { id: made['id'] })
      await wire.admin.ok('user-delete', { id: author })
    })

    it(`${resource}: the columns are read-only, and "the actor always comes from the session, never from the payload"`, async () => {
      const id = await wire.make(resource)
      for (const [column, value] of Object.entries({
        version: 9, createdAt: '2020-01-01T00:00:00.000Z', updatedAt: '2020-01-01T00:00:00.000Z', createdBy: 'somebody',
        updatedBy: 'somebody',
      })) {
        const onCreate = refusal(await wire.admin.ask(`${resource}-create`, { ...least[resource](), [column]: value }), 'invalid_payload')
        expect(faultPaths(onCreate)).to.include(column)
        const onUpdate = refusal(await wire.admin.ask(`${resource}-update`, { id, [column]: value }), 'invalid_payload')
        expect(faultPaths(onUpdate)).to.include(column)
      }
      expect(await wire.admin.ok(`${resource}-get`, { id })).to.include({ version: 1 })
    })

    it(`${resource}: "an existing id is conflict, never an overwrite"`, async () => {
      const id = await wire.make(resource)
      const kept = await wire.admin.ok(`${resource}-get`, { id })
      refusal(await wire.admin.ask(`${resource}-create`, { ...least[resource](), id }), 'conflict')
      expect(await wire.admin.ok(`${resource}-get`, { id })).to.deep.equal(kept)
    })

    it(`${resource}: get, update and delete of nothing are not_found`, async () => {
      for (const [verb, fields] of [['get', {}], ['update', change[resource]], ['delete', {}]] as const) {
        refusal(await wire.admin.ask(`${resource}-${verb}`, { id: 'nothing-here', ...fields }), 'not_found')
      }
    })

    it(`${resource}: get, update and delete need an id`, async () => {
      for (const [verb, fields] of [['get', {}], ['update', change[resource]], ['delete', {}]] as const) {
        for (const named of [{}, { id: null }, { id: 5 }, { id: ['a'] }, { id: {} }]) {
          expect(faultPaths(refusal(await wire.admin.ask(`${resource}-${verb}`, { ...fields, ...named }), 'invalid_payload')))
            .to.include('id')
        }
      }
    })
  }
})

onAnyDatabase('Ids', (wire) => {
  for (const id of ['', '-a', '_a', 'a b', 'a.b', 'a/b', 'é', 'a\n', ' a', '../a', 'a%', 'x'.repeat(65), 5, null, {}, ['a'], true]) {
    it(`${JSON.stringify(id).slice(0, 30)} is no id`, async () => {
      expect(faultPaths(refusal(await wire.admin.ask('site-create', { id, label: 'No' }), 'invalid_payload'))).to.include('id')
    })
  }

  it('"1 to 64 characters of [A-Za-z0-9_-], the first a letter or digit"', async () => {
    const end = unique('z')
    for (const id of ['Q', '7', `A_-9${end}`, `${end}${'x'.repeat(64)}`.slice(0, 64)]) {
      expect(await wire.admin.ok('site-create', { id, label: 'Yes' })).to.include({ id })
      await wire.admin.ok('site-delete', { id })
    }
  })

  it('ids that differ in case are different rows', async () => {
    const id = unique('case')
    await wire.admin.ok('site-create', { id, label: 'lower' })
    await wire.admin.ok('site-create', { id: id.toUpperCase(), label: 'upper' })
    expect(await wire.admin.ok('site-get', { id })).to.include({ label: 'lower' })
  })

  it('"Ids of sites and departments are unique across both"', async () => {
    const site = await wire.make('site')
    refusal(await wire.admin.ask('department-create', { id: site, label: 'No' }), 'conflict')
    refusal(await wire.admin.ask('department-get', { id: site }), 'not_found')
    const department = await wire.make('department')
    refusal(await wire.admin.ask('site-create', { id: department, label: 'No' }), 'conflict')
    refusal(await wire.admin.ask('site-get', { id: department }), 'not_found')
  })

  it('an id that was freed may be taken again, by either', async () => {
    const id = await wire.make('site')
    await wire.admin.ok('site-delete', { id })
    await wire.admin.ok('department-create', { id, label: 'Yes' })
    expect(await wire.admin.ok('department-get', { id })).to.include({ id })
  })

  it('"An update that the actor may make but not read replies { id }"', async () => {
    const { client } = await wire.actor({ can: ['manage-sites'] })
    const id = await wire.make('site')
    expect(await client.ok('site-update', { id, label: 'Blindly' })).to.deep.equal({ id })
    expect(await wire.admin.ok('site-get', { id })).to.include({ label: 'Blindly' })
  })

  it('a create that the actor may make but not read still contains the id, and nothing that he may not read', async () => {
    const { client } = await wire.actor({ can: ['manage-sites'] })
    expect(await client.ok('site-create', { id: unique('blind'), label: 'Blindly' })).to.have.property('id').that.matches(/^blind-/)
    expect(await client.ok('site-create', { label: 'Blindly' })).to.not.have.property('label')
  })
})
