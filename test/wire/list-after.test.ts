// docs/protocol.md §3.2: keyset paging by `after`, the opaque `next` of the previous reply.

import { expect } from 'chai'
import { onAnyDatabase } from './support/databases.ts'
import { ids, refusal, text } from '../kit/replies.ts'
import type { Row } from '../kit/replies.ts'
import { unique } from './support/wire.ts'

onAnyDatabase('after', (wire) => {
  let mark = ''
  let siteId = ''
  const made: string[] = []

  before(async () => {
    mark = unique('after')
    siteId = await wire.make('site')
    for (const [index, label] of ['c', 'a', 'b', 'a', 'c', 'b', 'a'].entries()) {
      made.push(await wire.make('department', { label: `${mark} ${label}`, ...(index < 5 ? { siteId } : {}) }))
    }
  })

  const walk = async (query: Row): Promise<string[]> => {
    const found: string[] = []
    let page = await wire.admin.ok('department-list-request', query)
    for (let round = 0; round < 20; round += 1) {
      found.push(...ids(page))
      if (page['next'] === undefined) return found
      page = await wire.admin.ok('department-list-request', { ...query, after: text(page['next']) })
    }
    throw new Error('next never ended')
  }

  const queries: readonly (readonly [string, () => Row])[] = [
    ['the default order', () => ({})],
    ['a sort', () => ({ sort: 'label' })],
    ['a descending sort', () => ({ sort: '-label' })],
    ['a sort by several fields', () => ({ sort: ['label', '-createdAt'] })],
    ['a filter', () => ({ filter: { siteId } })],
    ['a sort and a filter', () => ({ sort: '-createdAt', filter: { siteId } })],
  ]
  for (const [title, query] of queries) {
    for (const limit of [1, 2, 3]) {
      it(`${title}, ${limit} at a time: the same rows in the same order as in one page`, async () => {
        const base = { search: mark, ...query() }
        const whole = ids(await wire.admin.ok('department-list-request', { ...base, limit: 100 }))
        expect(whole.length).to.be.oneOf([5, 7])
        expect(await walk({ ...base, limit })).to.deep.equal(whole)
      })
    }
  }

  it('keeps the total, and drops next with the last row', async () => {
    const query = { search: mark, limit: 4 }
    const first = await wire.admin.ok('department-list-request', query)
    const second = await wire.admin.ok('department-list-request', { ...query, after: first['next'] })
    expect(first['total']).to.equal(7)
    expect(second['total']).to.equal(7)
    expect(ids(second)).to.have.lengthOf(3)
    expect(second).to.not.have.property('next')
  })

  it('a row that goes before the cursor shifts nothing', async () => {
    const label = unique('shift')
    const all: string[] = []
    for (let index = 0; index < 4; index += 1) all.push(await wire.make('site', { label }))
    const first = await wire.admin.ok('site-list-request', { search: label, limit: 2 })
    await wire.admin.ok('site-delete', { id: all[0] })
    const second = await wire.admin.ok('site-list-request', { search: label, limit: 2, after: first['next'] })
    expect([...ids(first), ...ids(second)]).to.deep.equal(all)
  })

  it('works although the row at the cursor is gone', async () => {
    const label = unique('gone')
    const all: string[] = []
    for (let index = 0; index < 4; index += 1) all.push(await wire.make('site', { label }))
    const first = await wire.admin.ok('site-list-request', { search: label, limit: 2 })
    await wire.admin.ok('site-delete', { id: all[1] })
    expect(ids(await wire.admin.ok('site-list-request', { search: label, limit: 2, after: first['next'] }))).to.deep.equal(all.slice(2))
  })

  const conflicting: readonly (readonly [string, () => Row, () => Row])[] = [
    ['page', () => ({}), () => ({ page: 2 })],
    ['another sort', () => ({ sort: 'label' }), () => ({ sort: '-label' })],
    ['a sort where there was none', () => ({}), () => ({ sort: 'label' })],
    ['no sort where there was one', () => ({ sort: '-label' }), () => ({ sort: undefined })],
    ['another filter', () => ({ filter: { siteId } }), () => ({ filter: { parentId: { isNull: true } } })],
    ['a filter where there was none', () => ({}), () => ({ filter: { siteId } })],
  ]
  for (const [title, original, changed] of conflicting) {
    it(`"With page, or with another sort or filter than the one it came from, invalid_payload": ${title}`, async () => {
      const query = { search: mark, limit: 2, ...original() }
      const { next } = await wire.admin.ok('department-list-request', query)
      expect(next).to.be.a('string')
      refusal(await wire.admin.ask('department-list-request', { ...query, ...changed(), after: next }), 'invalid_payload')
    })
  }

  const invented = ['', 'x', '!!!', 'bm9uc2Vuc2U', 'e30', 'W10', 'bnVsbA', 'x'.repeat(5_000), 5, null, {}, []]
  for (const after of invented) {
    it(`what no reply gave is invalid_payload: ${JSON.stringify(after).slice(0, 40)}`, async () => {
      refusal(await wire.admin.ask('department-list-request', { after }), 'invalid_payload')
    })
  }

  it('works in the pages of relations', async () => {
    const id = await wire.make('department')
    const children = [
      await wire.make('department', { parentId: id }), await wire.make('department', { parentId: id }),
      await wire.make('department', { parentId: id }),
    ]
    const first = await wire.admin.ok('department-children-request', { id, limit: 2 })
    const second = await wire.admin.ok('department-children-request', { id, limit: 2, after: first['next'] })
    expect([...ids(first), ...ids(second)]).to.deep.equal(children)
    expect(second).to.not.have.property('next')
  })
})
