// Whatever a list may be asked for is read from an index: its rows in each order, first page and later ones, those with a value, those
// that a search finds.
import { expect } from 'chai'
import type { Knex } from 'knex'
import { filterSql, searchSql } from '../../core/crud/filter-sql.ts'
import { parseFilter } from '../../core/crud/filter.ts'
import { afterSql, orderSql, parseSort } from '../../core/crud/sort.ts'
import { always, type Sql } from '../../core/define/sql.ts'
import { fieldOf, type Field, type Resource } from '../../core/model/resource.ts'
import { onEachDatabase } from '../kit/databases.ts'
import type { RunningApp } from '../kit/server.ts'
import { sharedApp } from '../kit/shared-app.ts'
import { roomApp } from '../support/room/app.ts'

const valueOf = ({ date, schema: { type } }: Field): string | number | boolean => {
  if (date) return '2026-01-01T00:00:00.000Z'
  return type === 'number' ? 1 : type === 'boolean' ? true : 'm'
}

onEachDatabase('lists: what they may be asked for has its index', (kind) => {
  let running: RunningApp | undefined

  before(async function () {
    this.timeout(120_000)
    running = await sharedApp(roomApp, kind)
  })

  const resources = (): Resource[] => [...(running?.server.assembly.resources.values() ?? [])].filter(({ events }) => events.has('list'))

  /** The plan of a statement, as if some ways to do it were dear. */
  const planOf = (db: Knex, { sql, bindings }: Sql, dear: readonly string[]): Promise<string> => db.transaction(async (trx) => {
    for (const way of dear) await trx.raw(`set local enable_${way} = off`)
    const plan: { rows: unknown[] } = await trx.raw(`explain (format json) ${sql}`, bindings)
    return JSON.stringify(plan.rows)
  })

  const knex = (): Knex => (running as RunningApp).server.database.knex
  const failures = async (task: (db: Knex, resource: Resource) => AsyncGenerator<string>): Promise<string[]> => {
    const found: string[] = []
    for (const resource of resources()) for await (const each of task(knex(), resource)) found.push(`${resource.name}: ${each}`)
    return found
  }

  it('each sort, in both directions, from the first row and from any other', async function () {
    this.timeout(120_000)
    expect(await failures(async function* (db, resource) {
      for (const name of resource.list.sort) {
        for (const sort of [name, `-${name}`]) {
          const keys = parseSort(resource, sort)
          const values = keys.map((key) => valueOf(fieldOf(resource, key.name)))
          for (const { sql, bindings } of [always, ...afterSql(keys, values)]) {
            const page = `select id from ${resource.table} where ${sql} order by ${orderSql(keys)} limit 20`
            const plan = await planOf(db, { sql: page, bindings }, ['seqscan', 'sort'])
            // That a column without nulls is null, newer databases know to be false.
            if (plan.includes('"One-Time Filter":"false"')) continue
            if (!/"Index (?:Only )?Scan"/.test(plan) || plan.includes('Sort"')) yield `${sort} where ${sql}: ${plan}`
          }
        }
      }
    })).to.deep.equal([])
  })

  it('each filter by a value', async function () {
    this.timeout(120_000)
    expect(await failures(async function* (db, resource) {
      for (const name of resource.list.filter) {
        const value = valueOf(fieldOf(resource, name))
        for (const test of [value, { in: [value, value] }]) {
          const { sql, bindings } = filterSql(resource, parseFilter(resource, { [name]: test }))
          const plan = await planOf(db, { sql: `select id from ${resource.table} where ${sql}`, bindings }, ['seqscan'])
          if (!/"Index Cond"/.test(plan)) yield `${sql}: ${plan}`
        }
      }
    })).to.deep.equal([])
  })

  it('each search', async function () {
    this.timeout(120_000)
    expect(await failures(async function* (db, resource) {
      if (resource.list.search.size === 0) return
      const { sql, bindings } = searchSql(resource, 'part')
      // Nor by reading all of an ordered index, which a small table that was just vacuumed makes cheap.
      const dear = ['seqscan', 'indexscan', 'indexonlyscan']
      const plan = await planOf(db, { sql: `select id from ${resource.table} where ${sql}`, bindings }, dear)
      if (!plan.includes(`"Index Name":"${resource.table}_search"`)) yield plan
    })).to.deep.equal([])
  })
})
