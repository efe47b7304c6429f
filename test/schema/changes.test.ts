// Each kind of change of a definition, as a migration: up, down and up again with rows in the tables, of which nothing is lost.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect } from 'chai'
import type { Knex } from 'knex'
import { app } from '../../app.ts'
import { definitionsOf } from '../../core/boot/tables.ts'
import { readCatalogue } from '../../core/db/catalogue.ts'
import type { AnyResource } from '../../core/define/index.ts'
import { differencesOf, migrationText, planMigration, type Wishes } from '../../core/generate/migration.ts'
import { namesOf } from '../../core/schema/compare.ts'
import { sentenceOf } from '../../core/schema/sentences.ts'
import type { Definitions } from '../../core/schema/wanted.ts'
import { onAnyDatabase } from '../kit/databases.ts'
import { cleanUp, temporaryDirectory } from '../kit/place.ts'
import { compiled, startApp, type RunningApp } from '../kit/server.ts'
import { changes, rowsOf, type Change } from './changes.ts'

const engine = new URL('../../core/define/index.ts', import.meta.url).href

const definitionsWith = (resources: readonly AnyResource[]): Definitions =>
  definitionsOf(compiled({ ...app, resources: [...app.resources, ...resources] }))

type Row = Readonly<Record<string, unknown>>
/** By table, the rows of what the change is about, without what numbers and stamps them. */
type Rows = Readonly<Record<string, readonly Row[]>>

const looked = ['boats', 'boat_crew', 'boat_hands', 'ships', 'ship_crew', 'sites', 'users']
const stamps = ['version', 'updated_at', 'updated_by']

onAnyDatabase('schema: changes of definitions', (kind) => {
  let running: RunningApp | undefined
  before(async function () {
    this.timeout(120_000)
    running = await startApp(app, kind)
  })
  after(async () => {
    await running?.stop()
    await cleanUp()
  })

  const catalogueOf = (knex: Knex, { resources }: Definitions) => readCatalogue(knex, namesOf(resources))

  let count = 0
  const textOf = async (knex: Knex, definitions: Definitions, wishes: Partial<Wishes> = {}): Promise<string> => {
    const plan = planMigration(definitions, await catalogueOf(knex, definitions), { owner: 'resources', renames: [], drops: [], ...wishes })
    return plan ? migrationText(plan.title, plan.steps, engine) : ''
  }
  const migrationOf = async (text: string): Promise<Knex.Migration> => {
    const path = join(await temporaryDirectory(), `change-${(count += 1)}.ts`)
    await writeFile(path, text)
    return (await import(pathToFileURL(path).href)) as Knex.Migration
  }

  const leftOf = async (knex: Knex, definitions: Definitions): Promise<string[]> =>
    differencesOf(definitions, await catalogueOf(knex, definitions), 'resources').map(sentenceOf)

  const rowsIn = async (knex: Knex): Promise<Rows> => {
    const found: [string, Row[]][] = []
    for (const table of looked) {
      if (!(await knex.schema.hasTable(table))) continue
      const rows: Row[] = await knex(table).select().orderByRaw('1, 2')
      found.push([table, rows.map((row) => Object.fromEntries(Object.entries(row).filter(([name]) => !stamps.includes(name))))])
    }
    return Object.fromEntries(found)
  }

  /** Every row that was there is there, with every value that it had. */
  const expectKept = (
    before: Rows, now: Rows, { tables = {}, renamed, converted, filled }: Pick<Change, 'tables' | 'renamed' | 'converted' | 'filled'>,
  ): void => {
    for (const [table, rows] of Object.entries(before)) {
      const had = rows.map((row) => Object.fromEntries(Object.entries(row).filter(([name]) => name !== converted && name !== filled)
        .map(([name, value]) => [name === renamed?.[0] ? renamed[1] : name, value])))
      const there = now[tables[table] ?? table] ?? []
      const has = there.map((row, index) => Object.fromEntries(Object.keys(had[index] ?? {}).map((name) => [name, row[name]])))
      expect(has, table).to.deep.equal(had)
    }
  }

  const rowCount = async (trx: Knex, sql: string): Promise<number> => {
    const { rows }: { rows: unknown[] } = await trx.raw(sql)
    return rows.length
  }

  const undone = async (task: (trx: Knex.Transaction) => Promise<void>): Promise<void> => {
    if (!running) throw new Error('The app has not started')
    const trx = await running.server.database.knex.transaction()
    try {
      await task(trx)
    } finally {
      await trx.rollback()
    }
  }

  /** A database of before, with its rows. */
  const prepared = async (trx: Knex.Transaction, change: Change): Promise<Readonly<Record<'before' | 'after', Definitions>>> => {
    const [before, after] = [definitionsWith(change.before), definitionsWith(change.after)]
    const base = await textOf(trx, before)
    if (base !== '') await (await migrationOf(base)).up(trx)
    if (change.given !== undefined) await trx.raw(change.given)
    await trx.raw(rowsOf(change))
    return { before, after }
  }

  it('are none in the project as it is', () => undone(async (trx) => {
    for (const { owner } of app.migrations) {
      const definitions = definitionsWith([])
      expect(differencesOf(definitions, await catalogueOf(trx, definitions), owner).map(sentenceOf), owner).to.deep.equal([])
    }
  }))

  for (const change of changes) {
    const { title, code, found, isLeft } = change
    it(`${title}: up, down, up`, () => undone(async (trx) => {
      const { before, after } = await prepared(trx, change)
      expect(await leftOf(trx, before), 'before').to.deep.equal([])
      const rows = await rowsIn(trx)
      const text = await textOf(trx, after, { renames: change.renames ?? [], drops: change.drops ?? [] })
      for (const piece of code) expect(text).to.match(piece)
      const migration = await migrationOf(text)
      const expectUp = async (): Promise<Rows> => {
        await migration.up(trx)
        const now = await rowsIn(trx)
        expectKept(rows, now, change)
        // What is commented out is all that is left.
        const left = (await leftOf(trx, after)).filter((each) => isLeft !== true || !each.includes('no field is kept in'))
        expect(left, text).to.deep.equal([])
        if (found !== undefined) expect(await rowCount(trx, found), found).to.equal(1)
        return now
      }
      const first = await expectUp()
      await migration.down?.(trx)
      const back = await rowsIn(trx)
      expectKept(rows, back, change.filled === undefined ? {} : { filled: change.filled })
      expect(Object.keys(back)).to.deep.equal(Object.keys(rows))
      expect(await leftOf(trx, before), text).to.deep.equal([])
      expect(await expectUp()).to.deep.equal(first)
    })).timeout(60_000)
  }
})
