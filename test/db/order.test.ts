// The order of texts: ICU's where the database has it; where it has not, the database's own, and the server says so.
import { randomBytes } from 'node:crypto'
import { expect } from 'chai'
import pg from 'pg'
import { up, down } from '../../core/migrations/004_order.ts'
import { orderFault } from '../../core/boot/tables.ts'
import { folded, ordered } from '../../core/define/collation.ts'
import type { Database } from '../../core/db/database.ts'
import { cleanUp, freshDataDir, freshPostgres, open, run, temporaryDirectory, testDatabaseUrl } from './support.ts'

const words = "(values ('Zoe'), ('anna'), ('Bernd')) w (word)"

const check = async ({ knex }: Database, isIcu: boolean): Promise<void> => {
  await up(knex)
  expect(await orderFault(knex) === undefined).to.equal(isIcu)
  const sorted = await run(knex, `select word from ${words} order by ${ordered('word')}`)
  expect(sorted.rows).to.deep.equal((isIcu ? ['anna', 'Bernd', 'Zoe'] : ['Bernd', 'Zoe', 'anna']).map((word) => ({ word })))
  expect((await run(knex, `select word from ${words} where ${folded('word')} like ${folded("'%ZO%'")}`)).rows).to.deep.equal([
    { word: 'Zoe' },
  ])
  await down(knex)
}

describe('the order of texts', function () {
  this.timeout(60_000)
  afterEach(cleanUp)

  it('embedded: is that of ICU', async () => check(await open({ dataDir: await freshDataDir() }), true))

  const onPostgres = testDatabaseUrl === undefined || testDatabaseUrl === '' ? it.skip : it
  onPostgres('PostgreSQL: is that of ICU (skipped when TEST_DATABASE_URL is unset)', async () =>
    check(await open({ dataDir: await temporaryDirectory(), databaseUrl: await freshPostgres() }), true),
  )

  onPostgres('PostgreSQL in an encoding that ICU does not know: is its own (skipped when TEST_DATABASE_URL is unset)', async () => {
    const name = `order_${randomBytes(6).toString('hex')}`
    const client = new pg.Client({ connectionString: testDatabaseUrl })
    await client.connect()
    await client.query(`create database ${name} template template0 encoding 'SQL_ASCII' locale 'C'`)
    try {
      const database = await open({
        dataDir: await temporaryDirectory(),
        databaseUrl: (testDatabaseUrl ?? '').replace(/^(\w+:\/\/[^/?]*)(?:\/[^?]*)?/, `$1/${name}`),
      })
      await check(database, false)
      await database.close()
    } finally {
      await client.query(`drop database if exists ${name} with (force)`)
      await client.end()
    }
  })
})
