// Statements that are asked all the time are planned once for each connection, not at every call. Counted on PostgreSQL.
import { expect } from 'chai'
import type { Knex } from 'knex'
import { ask, prepared } from '../../core/define/statement.ts'
import { onPostgres } from '../kit/databases.ts'
import { claimsOf, TestServer, unique } from '../kit/test-server.ts'
import { text, type Row } from '../kit/replies.ts'

interface Planned {
  readonly statement: string
  readonly custom: number
  readonly generic: number
}

/** PostgreSQL plans the first five calls anew, and then decides. */
const beforeItDecides = 5
const poolSize = 10

/** Of one connection. */
const planned = async (db: Knex): Promise<Planned[]> => {
  const { rows }: { rows: Planned[] } = await db.raw(
    'select statement, custom_plans::int as custom, generic_plans::int as generic from pg_prepared_statements, pg_sleep(0.05)')
  return rows
}

/** Of all connections of the pool: each is held for a moment. */
const plannedByAll = async (db: Knex): Promise<Planned[]> =>
  (await Promise.all(Array.from({ length: poolSize }, () => planned(db)))).flat()

onPostgres('Plans of statements', () => {
  const house = new TestServer('postgres')

  before(() => house.open())
  after(() => house.close())

  it('of one row or one actor are kept', async function () {
    this.timeout(240_000)
    const user = async (): Promise<string> => text((await house.ok('user-create', {
      firstName: 'Some', lastName: 'Body', email: `${unique('user')}@example.com`,
    }, house.admin))['id'])
    const session = await house.enter({ can: ['read-role', 'read-permissions', 'read-sites'] })
    const { id } = await house.ok('role-create', { label: unique('role') }, house.admin)
    for (let turn = 0; turn < 2 * beforeItDecides; turn += 1) {
      await Promise.all(Array.from({ length: poolSize }, async () => {
        await house.ok('role-get', { id, include: ['permissions'] }, session)
        await house.ok('user-update', { id: await user(), firstName: unique('first') }, house.admin)
      }))
      // Each is someone of whom nothing is known yet.
      await Promise.all(Array.from({ length: poolSize }, async () => (await house.socket(await house.enter())).close()))
    }
    const all = await plannedByAll(house.db)
    const often = all.filter(({ custom, generic }) => custom + generic > beforeItDecides)
    const asked = often.map(({ statement }) => statement).join('\n')
    for (const part of [/as "~owner"/, /as "~seen"/, /rights_stamps/, /^insert into users/m]) expect(asked).to.match(part)
    // Of several actors who come at once, plans are made for how many they are.
    const ofSeveral = ({ statement }: Planned): boolean => /any\(\$\d+::text\[\]\)/.test(statement)
    expect(often.filter((each) => each.custom > beforeItDecides && !ofSeveral(each))).to.deep.equal([])
    expect(often.some((each) => /rights_stamps/.test(each.statement) && !ofSeveral(each)), 'one actor').to.equal(true)
  })

  it('of a list are made for its length, and for a list of one only once', async () => {
    const trx = await house.db.transaction()
    try {
      const statement = prepared('select r.id from roles r where r.id = any(?::text[])', { quiet: true })
      const told = async (): Promise<Planned[]> =>
        (await planned(trx)).filter((each) => each.statement.startsWith('select r.id from roles r'))
      const mine = text(claimsOf(house.admin.token)['sub'])
      for (let turn = 0; turn < 2 * beforeItDecides; turn += 1) await ask<Row>(trx, statement, [[mine]])
      for (let turn = 0; turn < 2; turn += 1) await ask<Row>(trx, statement, [[mine, 'other']])
      const found = await told()
      expect(found.map(({ statement: sql, custom, generic }) => [sql.includes('array['), custom, generic])).to.have.deep.members([
        [false, 2, 0], [true, beforeItDecides, beforeItDecides],
      ])
    } finally {
      await trx.rollback()
    }
  })
})
