// docs/protocol.md §3.2: pages, limits, search and the default order, on each resource.

import { expect } from 'chai'
import { onAnyDatabase } from './support/databases.ts'
import { faultPaths, ids, refusal, rows } from '../kit/replies.ts'
import type { Row } from '../kit/replies.ts'
import { unique } from './support/wire.ts'

type Resource = 'site' | 'department' | 'group' | 'role' | 'permission' | 'user'

/** For each resource its searchable fields, with a value that holds the given mark. */
const searchable: Readonly<Record<Resource, Readonly<Record<string, (mark: string) => string>>>> = {
  site: { label: (mark) => `Site ${mark} here` },
  department: { label: (mark) => `Dept ${mark} here` },
  role: { label: (mark) => `Role ${mark} here` },
  group: { name: (mark) => `Group ${mark} here`, description: (mark) => `About ${mark} it is` },
  permission: { permissionKey: (mark) => `key-${mark}-x`, description: (mark) => `About ${mark} it is` },
  user: { firstName: (mark) => `A${mark}b`, lastName: (mark) => `A${mark}b`, email: (mark) => `a${mark}b@example.com` },
}

onAnyDatabase('Lists of every resource', (wire) => {
  for (const resource of Object.keys(searchable) as Resource[]) {
    const list = `${resource}-list-request`

    it(`${list}: page = 1 and limit = 20 by default`, async () => {
      const reply = await wire.admin.ok(list)
      expect(reply).to.include({ page: 1, limit: 20 })
      expect(rows(reply['items']).length).to.equal(Math.min(20, Number(reply['total'])))
    })

    for (const [field, value] of Object.entries(searchable[resource])) {
      it(`${list}: search is a "case-insensitive part of" ${field}`, async () => {
        const mark = unique('seek')
        const id = await wire.make(resource, { [field]: value(mark) })
        expect(ids(await wire.admin.ok(list, { search: mark }))).to.deep.equal([id])
        expect(ids(await wire.admin.ok(list, { search: mark.toUpperCase() }))).to.deep.equal([id])
        expect(await wire.admin.ok(list, { search: `${mark}-not-there` })).to.deep.include({ items: [], total: 0 })
      })
    }

    it(`${list}: "Default: createdAt, then id", pages without gap or repetition, an exact total`, async () => {
      const [field = ''] = Object.keys(searchable[resource])
      const mark = unique('many')
      const made: string[] = []
      for (let index = 0; index < 5; index += 1) {
        const value = searchable[resource][field]?.(`${mark}-${index}`) ?? ''
        made.push(await wire.make(resource, { [field]: value }))
      }
      const pages: string[] = []
      for (const page of [1, 2, 3]) {
        const reply = await wire.admin.ok(list, { search: mark, limit: 2, page })
        expect(reply).to.include({ page, limit: 2, total: 5 })
        if (page < 3) expect(reply['next'], `page ${page}`).to.be.a('string')
        else expect(reply, '"next only when more rows follow"').to.not.have.property('next')
        pages.push(...ids(reply))
      }
      expect(pages).to.deep.equal(made)
      expect(await wire.admin.ok(list, { search: mark, page: 4, limit: 2 })).to.deep.include({ items: [], page: 4, total: 5 })
    })
  }
})

onAnyDatabase('The bounds of lists', (wire) => {
  const wrong: readonly Row[] = [
    { page: 0 }, { page: -1 }, { page: 1.5 }, { page: '1' }, { page: null }, { page: [1] },
    { limit: 0 }, { limit: 101 }, { limit: -1 }, { limit: 2.5 }, { limit: '20' }, { limit: null },
    { search: 5 }, { search: {} }, { sort: 5 }, { sort: {} }, { filter: 'x' }, { filter: [] }, { include: 'site' }, { include: {} },
  ]
  for (const payload of wrong) {
    it(`${JSON.stringify(payload)} is invalid_payload`, async () => {
      const error = refusal(await wire.admin.ask('department-list-request', payload), 'invalid_payload')
      const [field = ''] = Object.keys(payload)
      expect(faultPaths(error).some((path) => path.startsWith(field)), JSON.stringify(error.details)).to.equal(true)
    })
  }

  it('"details: [{ path, message }], all faults at once"', async () => {
    const error = refusal(await wire.admin.ask('department-list-request', { page: 0, limit: 101 }), 'invalid_payload')
    expect(faultPaths(error)).to.include.members(['page', 'limit'])
  })

  it('"limit 1 to 100": both ends are allowed', async () => {
    await wire.make('site')
    expect(ids(await wire.admin.ok('site-list-request', { limit: 1 }))).to.have.lengthOf(1)
    expect(await wire.admin.ok('site-list-request', { limit: 100 })).to.include({ limit: 100 })
  })

  it('next is absent when a page ends exactly with the last row', async () => {
    const mark = unique('exact')
    for (let index = 0; index < 4; index += 1) await wire.make('site', { label: `${mark} ${index}` })
    expect(await wire.admin.ok('site-list-request', { search: mark, limit: 2, page: 1 })).to.have.property('next')
    expect(await wire.admin.ok('site-list-request', { search: mark, limit: 2, page: 2 })).to.not.have.property('next')
    expect(await wire.admin.ok('site-list-request', { search: mark, limit: 4 })).to.not.have.property('next')
  })

  for (const [special, decoy] of [['%', 'x'], ['_', 'x'], ['\\', 'x'], ['\'', 'x'], ['50%_\\', '50xxx']] as const) {
    it(`search: ${special} is literal`, async () => {
      const mark = unique('literal')
      const id = await wire.make('site', { label: `${mark}${special}end` })
      await wire.make('site', { label: `${mark}${decoy}end` })
      expect(ids(await wire.admin.ok('site-list-request', { search: `${mark}${special}end` }))).to.deep.equal([id])
    })
  }

  it('search is not confined to ASCII', async () => {
    const mark = unique('accent')
    const id = await wire.make('site', { label: `${mark} Éclair` })
    expect(ids(await wire.admin.ok('site-list-request', { search: `${mark} Écl` }))).to.deep.equal([id])
  })
})
