// docs/protocol.md §3.2: `search` is case-insensitive and lists are sorted as people expect, also beyond A to Z,
// whatever the database's own locale.

import { expect } from 'chai'
import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { onEachDatabase } from './support/databases.ts'
import { rows } from '../kit/replies.ts'
import { startServer } from './support/server.ts'
import { enter, unique, Wire } from './support/wire.ts'
import type { Home } from './support/wire.ts'

/** In the order that they are to be listed in. */
const sorted =
  [
    'Ångström', 'anna', 'Bernd', 'Çelik', 'élodie', 'Élodie', 'ÉLODIE', 'Łukasz', "O'Brien", 'Öztürk', 'straße', 'Zoé', 'Ωμέγα', 'Жанна',
    'ЖАННА',
  ]

const searches: Readonly<Record<string, readonly string[]>> = {
  'élodie': ['élodie', 'Élodie', 'ÉLODIE'], 'ÉLODIE': ['élodie', 'Élodie', 'ÉLODIE'], 'жанна': ['Жанна', 'ЖАННА'], 'öztürk': ['Öztürk'],
  'ångström': ['Ångström'],
  'ωμέγα': ['Ωμέγα'], 'ΜΈΓΑ': ['Ωμέγα'], 'çelik': ['Çelik'], 'łukasz': ['Łukasz'], 'ZOÉ': ['Zoé'], 'STRASSE': ['straße'], 'AnN': ['anna'],
  "o'b": ["O'Brien"], 'lod%': [],
}

const checks = (wire: () => Wire): void => {
  let mark = ''
  before(async () => {
    mark = unique('order')
    for (const name of sorted.toReversed()) await wire().make('site', { label: `${name} ${mark}` })
  })

  const names = async (payload: object): Promise<string[]> => {
    const found: string[] = []
    for (let more: object = {}; ;) {
      const page = await wire().admin.ok('site-list-request', { ...payload, ...more })
      found.push(...rows(page['items']).map(({ label }) => String(label)).filter((label) => label.endsWith(mark)).map((label) =>
        label.slice(0, -mark.length - 1)))
      if (page['next'] === undefined) return found
      more = { after: page['next'] }
    }
  }

  it('sorts by a text as people expect, both ways, by pages and by after', async () => {
    for (const limit of [1, 4, 100]) {
      expect(await names({ sort: 'label', search: mark, limit })).to.deep.equal(sorted)
      expect(await names({ sort: '-label', search: mark, limit })).to.deep.equal(sorted.toReversed())
    }
  })

  it('compares by the same order', async () => {
    expect(
      await names({ sort: 'label', filter: { and: [{ label: { gte: 'c' } }, { label: { lt: 'f' } }, { label: { contains: mark } }] } }),
    )
      .to.deep.equal(sorted.slice(3, 7))
  })

  for (const [search, wanted] of Object.entries(searches)) {
    it(`finds ${JSON.stringify(search)}, whatever its case`, async () => {
      expect(await names({ sort: 'label', filter: { label: { contains: search } } }), 'contains').to.deep.equal(wanted)
      expect(await names({ sort: 'label', search }), 'search').to.deep.equal(wanted)
    })
  }
}

onEachDatabase('Order and case', (wire) => checks(() => wire))

describe('Order and case on PostgreSQL with the locale C', () => {
  const url = process.env['TEST_DATABASE_URL'] ?? ''
  if (url === '') return void it('skipped: TEST_DATABASE_URL is unset')

  const name = `wire_c_${randomBytes(6).toString('hex')}`
  let home: Home | undefined
  let wire: Wire | undefined

  const administer = async (statement: string): Promise<void> => {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    await client.query(statement)
    await client.end()
  }

  before(async function () {
    this.timeout(120_000)
    await administer(`create database ${name} template template0 encoding 'UTF8' locale 'C'`)
    const server = await startServer('postgres', { DATABASE_URL: url.replace(/^(\w+:\/\/[^/?]*)(?:\/[^?]*)?/, `$1/${name}`) })
    home = await enter(server)
    wire = new Wire('postgres', async () => Promise.resolve(home as Home))
    await wire.open()
  })
  after(async function () {
    this.timeout(120_000)
    wire?.close()
    home?.admin.close()
    await home?.server.stop()
    await administer(`drop database if exists ${name} with (force)`)
  })

  checks(() => wire as Wire)
})
