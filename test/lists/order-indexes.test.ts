// The lists of the directory are read in the order of their texts from an index, first page and later ones.
import { expect } from 'chai'
import { resourceOf } from '../../core/model/resource.ts'
import { afterSql, orderSql, parseSort } from '../../core/crud/sort.ts'
import { always } from '../../core/define/sql.ts'
import { onEachDatabase } from '../kit/databases.ts'
import { roomApp } from '../support/room/app.ts'
import { sharedApp } from '../kit/shared-app.ts'

const texts =
  [
    ['user', 'lastName'], ['user', 'firstName'], ['user', 'email'], ['department', 'label'], ['group', 'name'], ['role', 'label'],
    ['site', 'label'], ['permission', 'permissionKey'],
  ] as const

onEachDatabase('lists: order from indexes', (kind) => {
  for (const [name, field] of texts) {
    it(`${name} by ${field}`, async function () {
      this.timeout(120_000)
      const { server } = await sharedApp(roomApp, kind)
      const resource = resourceOf(server.assembly.resources, name)
      for (const sort of [field, `-${field}`]) {
        const keys = parseSort(resource, sort)
        const [after] = afterSql(keys, ['m', 'x'])
        await server.database.knex.transaction(async (trx) => {
          // So few rows would rather be read whole and sorted.
          await trx.raw('set local enable_seqscan = off')
          await trx.raw('set local enable_sort = off')
          for (const { sql, bindings } of [always, after ?? always]) {
            const plan: { rows: unknown[] } =
              await trx.raw(
                `explain (format json) select id from ${resource.table} where ${sql} order by ${orderSql(keys)} limit 20`, bindings,
              )
            expect(JSON.stringify(plan.rows), sort).to.match(/"Index (?:Only )?Scan"/).and.to.include(`${resource.table}_by_`)
              .and.not.to.include('"Sort"')
          }
        })
      }
    })
  }
})
