// A search finds the same with the index of trigrams and without it.
import { expect } from 'chai'
import { indexSearch } from '../../core/define/index.ts'
import { searchSql } from '../../core/crud/filter-sql.ts'
import { resourceOf } from '../../core/model/resource.ts'
import { up } from '../../core/migrations/008_trigrams.ts'
import { onEachDatabase, onPostgres } from '../kit/databases.ts'
import { sharedApp } from '../kit/shared-app.ts'
import { roomApp } from '../support/room/app.ts'

const labels = [
  'Straße', 'STRASSE', 'Ὀδυσσεύς', 'ὈΔΥΣΣΕΎΣ', 'été', 'ÉTÉ',
  'e\u0301te\u0301', '100 % wool', '100 x wool', 'under_score', 'underXscore',
  String.raw`back\slash`, "o'clock", 'a', 'ab', 'abc',
  '  spaced  out  ', 'İstanbul', 'istanbul', '日本語のテキスト',
  '😀 emoji 😀', '-- drop', '(brackets) [and] {more}',
]
const needles = [
  ...labels, 'strasse', 'σσε', 'ΣΣΕ', '%', '_', '\\', "'", 'é', 'É', 't', 'ab', ' ', '  ', '日本', 'テ', '😀',
  'rack', '][', '% w', 'r_s', 'k\\s', 'zzz', 'İ', 'i',
]

onEachDatabase('lists: searches with trigrams and without', (kind) => {
  it('find the same', async function () {
    this.timeout(120_000)
    const { server } = await sharedApp(roomApp, kind)
    const site = resourceOf(server.assembly.resources, 'site')
    const trx = await server.database.knex.transaction()
    try {
      await trx('sites').insert(labels.map((label, index) => ({ id: `searched${index}`, label })))
      const search = async (): Promise<string[][]> => {
        const found: string[][] = []
        for (const needle of needles) {
          const { sql, bindings } = searchSql(site, needle)
          const { rows }: { rows: { id: string }[] } =
            await trx.raw(`select id from sites where id like 'searched%' and ${sql} order by id`, bindings)
          found.push(rows.map(({ id }) => id))
        }
        return found
      }
      // What other tests wrote waits beside the index, and makes it look dear.
      await trx.raw("select gin_clean_pending_list('sites_search')")
      await trx.raw('set local enable_seqscan = off')
      await trx.raw('set local enable_indexscan = off')
      const { sql, bindings } = searchSql(site, 'rasse')
      expect(JSON.stringify(await trx.raw(`explain (format json) select id from sites where ${sql}`, bindings))).to.include('sites_search')
      const indexed = await search()
      await trx.raw('drop index sites_search')
      expect(indexed).to.deep.equal(await search())
      // Each label is found by itself: this compares more than nothing with nothing.
      for (const index of labels.keys()) expect(indexed[index], labels[index]).to.include(`searched${index}`)
    } finally {
      await trx.rollback()
    }
  })
})

onPostgres('lists: the extension of searches', () => {
  it('is made where the role may, and done without where it may not', async function () {
    this.timeout(120_000)
    const { server } = await sharedApp(roomApp, 'postgres')
    const trx = await server.database.knex.transaction()
    const isThere = async (): Promise<boolean> => (await trx('pg_extension').where({ extname: 'pg_trgm' })).length === 1
    try {
      await trx.raw('drop extension pg_trgm cascade')
      await trx.raw('create role someone_without_rights')
      await trx.raw('set local role someone_without_rights')
      await up(trx)
      expect(await isThere()).to.equal(false)
      await trx.raw('reset role')
      await indexSearch(trx, 'sites', ['label'])
      expect(await trx('pg_class').where({ relname: 'sites_search' })).to.deep.equal([])
      await up(trx)
      expect(await isThere()).to.equal(true)
      await indexSearch(trx, 'sites', ['label'])
      expect(await trx('pg_class').where({ relname: 'sites_search' })).to.have.length(1)
    } finally {
      await trx.rollback()
    }
  })
})
