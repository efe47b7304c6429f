// Pages far from the front: asked from the nearer end, and the same rows in the same order as whoever walks there page by page.
import { expect } from 'chai'
import type { Knex } from 'knex'
import { countSql, type Counted } from '../../core/call/cache.ts'
import { scanRows } from '../../core/crud/rows.ts'
import { parseSort } from '../../core/crud/sort.ts'
import { ask } from '../../core/define/statement.ts'
import { always, type Sql } from '../../core/define/sql.ts'
import { resourceOf, type Resource } from '../../core/model/resource.ts'
import type { RunningApp } from '../kit/server.ts'
import { onEachDatabase } from '../kit/databases.ts'
import { sharedApp } from '../kit/shared-app.ts'
import { openPeople, type People } from '../../testing/contract/people.ts'
import { httpDoor, success, type Door, type Row } from '../../testing/contract/transport.ts'
import { notesApp } from './notes/app.ts'

const many = 2345

onEachDatabase('lists: pages far from the front', (kind) => {
  let parts: { running: RunningApp; door: Door; people: People; department: Resource } | undefined
  const given = () => {
    if (!parts) throw new Error('The app has not started')
    return parts
  }
  const db = (): Knex => given().running.server.database.knex

  before(async function () {
    this.timeout(120_000)
    const running = await sharedApp(notesApp, kind)
    const door = httpDoor(running.server.url)
    parts = { running, door, people: await openPeople(door), department: resourceOf(running.server.assembly.resources, 'department') }
    await db().raw(`insert into departments (id, label, parent_id)
      select 'deep' || n, 'Deep ' || n % 50, case when n % 3 = 0 then 'deep' || n / 3 end from generate_series(1, ${many}) n order by n`)
  })
  after(() => db().raw("update departments set parent_id = null where id like 'deep%'").then(() => db().raw("delete from departments where id like 'deep%'")))

  const page = async (payload: Row): Promise<Row> => {
    const { door, people } = given()
    return success(await door.ask(people.admin, 'department-list-request', payload), JSON.stringify(payload))
  }
  const idsOf = ({ items }: Row): unknown[] => (items as Row[]).map((row) => row['id'])

  for (const query of [
    {}, { sort: '-createdAt' }, { sort: 'label' }, { sort: '-label' }, { sort: 'parentId' }, { sort: '-parentId' },
    { sort: ['label', '-parentId'] }, { filter: { label: { contains: 'deep' } } }, { search: 'deep 7', sort: '-label' },
    { filter: { parentId: { isNull: true } }, sort: 'label' },
  ]) {
    it(`${JSON.stringify(query)}: numbered pages are those of the cursor, to the last`, async function () {
      this.timeout(60_000)
      const walked: unknown[] = []
      for (let found = await page({ ...query, limit: 97 }); ; found = await page({ ...query, limit: 97, after: found['next'] })) {
        walked.push(...idsOf(found))
        if (found['next'] === undefined) break
      }
      const total = Number((await page(query))['total'])
      expect(walked).to.have.length(total)
      expect(new Set(walked).size).to.equal(total)
      const last = Math.ceil(total / 30)
      for (const number of [1, 2, Math.ceil(last / 2), Math.ceil(last * 0.6), last - 1, last].filter((each) => each > 0)) {
        const found = await page({ ...query, limit: 30, page: number })
        expect(idsOf(found), `page ${number}`).to.deep.equal(walked.slice((number - 1) * 30, number * 30))
        expect('next' in found, `next of ${number}`).to.equal(number < last)
      }
      expect(idsOf(await page({ ...query, limit: 30, page: last + 1 }))).to.deep.equal([])
    })
  }

  it('are asked from the end only while nothing has been written since the rows were counted', async function () {
    this.timeout(60_000)
    const { department } = given()
    const where = { from: department.table, extra: [], order: parseSort(department, undefined), all: always, after: [] }
    // Whether each statement finds rows, and the ids that the first to do so finds.
    const asked = async (trx: Knex, counted: Counted): Promise<[found: boolean[], ids: unknown[]]> => {
      const results = []
      for (const { statement, bindings } of scanRows({ ...where, resource: department, counted }, { limit: 10, offset: counted.total - 4 }))
        results.push((await ask<Row>(trx, statement, bindings)).rows)
      return [results.map((rows) => rows.length > 0), idsOf({ items: results.find((rows) => rows.length > 0) ?? [] })]
    }
    const count = async (trx: Knex): Promise<Counted> => {
      const { rows }: { rows: Counted[] } = await trx.raw(countSql(department, department.table, always))
      return rows[0] ?? { total: 0, size: 0, pos: 0 }
    }
    // All were made at one time: their ids are the order.
    const last = ['deep996', 'deep997', 'deep998', 'deep999']
    for (;;) {
      const trx = await db().transaction({ isolationLevel: 'repeatable read' })
      try {
        const counted = await count(trx)
        // What others have written may still be on its way to the feed.
        if ((await trx('outbox').first('seq')) !== undefined) continue
        expect(await asked(trx, counted)).to.deep.equal([[true, true], last])
        expect(await asked(trx, { ...counted, pos: counted.pos - 1 })).to.deep.equal([[false, true], last])
        await trx.raw("insert into departments (id, label, created_at) values ('deep0', 'One more', now())")
        expect(await asked(trx, counted)).to.deep.equal([[false, true], [...last, 'deep0']])
        return
      } finally {
        await trx.rollback()
      }
    }
  })

  it('of a list whose rows may lie together, they are sorted where that is less than passing over all others', () => {
    const { department } = given()
    const all: Sql = { sql: 'departments.label like ?', bindings: ['deep 7%'] }
    const where = { resource: department, from: department.table, extra: [], order: parseSort(department, 'label'), after: [] }
    const isSorted = (total: number, size: number, condition = all): boolean =>
      scanRows({ ...where, all: condition, counted: { total, size, pos: 0 } }, { limit: 21, offset: 0 })
        .every(({ statement }) => statement.sql.includes('materialized'))
    // A hundredth of a million: in the order of the labels one might pass over all others first.
    expect([isSorted(11_000, 1_000_000), isSorted(12_000, 1_000_000), isSorted(4_500, 1_000_000)]).to.deep.equal([true, true, true])
    // More than can be sorted in time, or so large a part of the table that a page of them is soon found.
    expect([isSorted(12_001, 1_000_000), isSorted(6_000, 100_000), isSorted(11_000, -1)]).to.deep.equal([false, false, false])
    expect([isSorted(400, 10_000), isSorted(600, 10_000)]).to.deep.equal([true, false])
    expect(isSorted(11_000, 1_000_000, always)).to.equal(false)
  })
})
