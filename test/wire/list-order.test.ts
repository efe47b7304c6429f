// docs/protocol.md §3.2: sort, filter and their allowed fields.

import { expect } from 'chai'
import { onEachDatabase } from './support/databases.ts'
import { expectExactly, ids, refusal, rows } from '../kit/replies.ts'
import type { Row } from '../kit/replies.ts'
import { unique } from './support/wire.ts'

onEachDatabase('sort', (wire) => {
  let mark = ''
  const made: Record<string, string> = {}

  before(async () => {
    mark = unique('order')
    // Made in an order that is neither that of the labels nor its reverse; two share a label.
    for (const [name, label] of [['one', 'b'], ['two', 'd'], ['three', 'a'], ['four', 'c'], ['five', 'b']] as const) {
      made[name] = await wire.make('department', { label: `${mark} ${label}` })
    }
  })

  const order = async (payload: Row): Promise<string[]> => {
    const found = ids(await wire.admin.ok('department-list-request', { search: mark, ...payload }))
    return found.map((id) => Object.keys(made).find((name) => made[name] === id) ?? id)
  }

  it('a field; "id breaks ties"', async () => {
    expect(await order({ sort: 'label' })).to.deep.equal(['three', 'one', 'five', 'four', 'two'])
  })

  it('-field', async () => {
    const found = await order({ sort: '-label' })
    expect(found.slice(0, 2)).to.deep.equal(['two', 'four'])
    expect(found.slice(2, 4)).to.have.members(['one', 'five'])
    expect(found[4]).to.equal('three')
  })

  it('an empty array leaves the order as it is by default', async () => {
    expect(await order({ sort: [] })).to.deep.equal(['one', 'two', 'three', 'four', 'five'])
  })

  it('createdAt and -createdAt', async () => {
    expect(await order({ sort: 'createdAt' })).to.deep.equal(['one', 'two', 'three', 'four', 'five'])
    expect(await order({ sort: '-createdAt' })).to.deep.equal(['five', 'four', 'three', 'two', 'one'])
  })

  it('"or an array of them"', async () => {
    expect(await order({ sort: ['label', '-createdAt'] })).to.deep.equal(['three', 'five', 'one', 'four', 'two'])
    expect(await order({ sort: ['label', 'createdAt'] })).to.deep.equal(['three', 'one', 'five', 'four', 'two'])
  })

  it('the order is total: the pages of a sorted list neither repeat nor lose a row', async () => {
    const whole = await order({ sort: 'label' })
    const paged: string[] = []
    for (const page of [1, 2, 3, 4, 5]) paged.push(...await order({ sort: 'label', limit: 1, page }))
    expect(paged).to.deep.equal(whole)
  })

  for (const sort of [
    'nothing', '-nothing', 'password', 'passwordHash', 'password_hash', '', '-', '--label', 'label desc', 'constructor', '__proto__',
    ['label', 'nothing'], ['label', 5],
  ]) {
    it(`"Only fields that the definition allows; others are invalid_payload": ${JSON.stringify(sort)}`, async () => {
      for (const event of ['department-list-request', 'user-list-request'])
        refusal(await wire.admin.ask(event, { sort }), 'invalid_payload')
    })
  }
})

onEachDatabase('filter', (wire) => {
  const site: Record<string, string> = {}
  const dept: Record<string, string> = {}
  let mark = ''

  before(async () => {
    mark = unique('filter')
    for (const name of ['a', 'b', 'c']) {
      site[name] = await wire.make('site', { id: `${mark}-site-${name}` })
      dept[name] = await wire.make('department', { id: `${mark}-dept-${name}`, label: `${mark} ${name}`, siteId: site[name] })
    }
    dept['none'] = await wire.make('department', { id: `${mark}-dept-none`, label: `${mark} none` })
  })

  const cases: readonly { readonly title: string; readonly filter: () => Row; readonly wanted: readonly string[] }[] = [
    { title: '{ field: value }', filter: () => ({ siteId: site['a'] }), wanted: ['a'] },
    { title: 'eq', filter: () => ({ siteId: { eq: site['b'] } }), wanted: ['b'] },
    { title: 'in', filter: () => ({ siteId: { in: [site['a'], site['c'], 'no-such-site'] } }), wanted: ['a', 'c'] },
    { title: 'in nothing', filter: () => ({ siteId: { in: ['no-such-site'] } }), wanted: [] },
    { title: 'gt', filter: () => ({ siteId: { gt: site['b'] } }), wanted: ['c'] },
    { title: 'gte', filter: () => ({ siteId: { gte: site['b'] } }), wanted: ['b', 'c'] },
    { title: 'lt', filter: () => ({ siteId: { lt: site['b'] } }), wanted: ['a'] },
    { title: 'lte', filter: () => ({ siteId: { lte: site['b'] } }), wanted: ['a', 'b'] },
    { title: 'contains', filter: () => ({ siteId: { contains: `${mark}-site` } }), wanted: ['a', 'b', 'c'] },
    { title: 'contains, with a literal %', filter: () => ({ siteId: { contains: `${mark}%a` } }), wanted: [] },
    { title: 'isNull true', filter: () => ({ siteId: { isNull: true } }), wanted: ['none'] },
    { title: 'isNull false', filter: () => ({ siteId: { isNull: false } }), wanted: ['a', 'b', 'c'] },
    { title: 'two operators together', filter: () => ({ siteId: { gt: site['a'], lt: site['c'] } }), wanted: ['b'] },
    { title: 'two fields together', filter: () => ({ siteId: site['a'], managerId: { isNull: false } }), wanted: [] },
    { title: 'or', filter: () => ({ or: [{ siteId: site['a'] }, { siteId: { isNull: true } }] }), wanted: ['a', 'none'] },
    { title: 'and', filter: () => ({ and: [{ siteId: { gte: site['a'] } }, { siteId: { lt: site['c'] } }] }), wanted: ['a', 'b'] },
    { title: 'not, which holds where there is no value', filter: () => ({ not: { siteId: { gt: site['a'] } } }), wanted: ['a', 'none'] },
    {
      title: 'a combination beside a field',
      filter: () => ({ siteId: { isNull: false }, or: [{ siteId: site['a'] }, { label: { contains: ' C' } }] }), wanted: ['a', 'c'],
    },
    {
      title: 'three levels', filter: () => ({ or: [{ and: [{ not: { siteId: site['a'] } }, { siteId: { lt: site['c'] } }] }] }),
      wanted: ['b'],
    },
    { title: 'id', filter: () => ({ id: dept['b'] }), wanted: ['b'] },
    { title: 'id in', filter: () => ({ id: { in: [dept['a'], dept['c'], 'no-such-row'] } }), wanted: ['a', 'c'] },
    { title: 'id among alternatives', filter: () => ({ or: [{ id: dept['none'] }, { siteId: site['b'] }] }), wanted: ['b', 'none'] },
    { title: '20 conditions', filter: () => ({ or: Array.from({ length: 20 }, () => ({ siteId: site['a'] })) }), wanted: ['a'] },
    { title: 'a value that holds SQL', filter: () => ({ siteId: "x' or 1=1 --" }), wanted: [] },
  ]
  for (const { title, filter, wanted } of cases) {
    it(`${title}, with an exact total`, async () => {
      const page = await wire.admin.ok('department-list-request', { search: mark, filter: filter() })
      expectExactly(page, wanted.map((name) => dept[name] ?? name))
    })
  }

  it('ne', async () => {
    const page = await wire.admin.ok('department-list-request', { search: mark, filter: { siteId: { ne: site['a'] } } })
    const found = ids(page)
    expect(found).to.include.members([dept['b'] ?? '', dept['c'] ?? '']).and.not.include(dept['a'])
    expect(page['total']).to.equal(rows(page['items']).length)
  })

  const wrong: readonly Row[] = [
    { nothing: 'x' }, { passwordHash: 'x' }, { constructor: 'x' }, { toString: { eq: 'x' } },
    { siteId: { like: 'x' } }, { siteId: { $ne: 'x' } }, { siteId: ['x'] }, { siteId: { in: 'x' } }, { siteId: { in: [{}] } },
    { siteId: { isNull: 'yes' } }, { siteId: { eq: { eq: 'x' } } }, { siteId: 5 },
    { or: {} }, { or: [] }, { and: [] }, { or: 'x' }, { or: null }, { or: ['x'] }, { or: [null] }, { or: [{}] }, { not: [] }, { not: {} },
    { not: null }, { not: true },
    { or: [{ siteId: 'x' }, { nothing: 'x' }] }, { not: { passwordHash: 'x' } }, { and: [{ siteId: { or: ['x'] } }] },
    { siteId: { not: 'x' } }, { siteId: { or: [] } },
    { not: { not: { not: { not: { siteId: 'x' } } } } }, { or: Array.from({ length: 21 }, () => ({ siteId: 'x' })) },
    { id: { ne: 'x' } }, { id: { contains: 'x' } }, { id: { gt: 'x' } }, { id: { isNull: false } }, { id: null }, { id: 5 }, { id: {} },
    { id: { in: Array.from({ length: 101 }, () => 'x') } },
  ]
  for (const filter of wrong) {
    it(`${JSON.stringify(filter).slice(0, 120)} is invalid_payload`, async () => {
      refusal(await wire.admin.ask('department-list-request', { filter }), 'invalid_payload')
    })
  }

  it('combinations hold in the lists of relations too', async () => {
    const parent = await wire.make('department', { id: `${mark}-above` })
    for (const name of ['a', 'b']) await wire.admin.ok('department-add-child', { id: parent, childId: dept[name] })
    for (const filter of [
      { or: [{ siteId: site['b'] }, { siteId: site['c'] }] }, { id: { in: [dept['b'], dept['c']] } }, { not: { id: dept['a'] } },
    ]) {
      expectExactly(await wire.admin.ok('department-children-request', { id: parent, filter }), [dept['b'] ?? ''])
    }
  })

  it('a filter named __proto__ is invalid_payload', async () => {
    const filter: unknown = JSON.parse('{ "__proto__": "x" }')
    refusal(await wire.admin.ask('department-list-request', { filter }), 'invalid_payload')
  })
})
