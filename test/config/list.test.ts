// config-list-request: declared settings and free keys as one list, searched, sorted and paged.
import { expect } from 'chai'
import { refusal, type Row } from '../../testing/contract/transport.ts'
import { probeSettings } from './probe.ts'
import { onServer } from './servers.ts'

onServer('config: list', (world) => {
  const free = ['a.first', 'Probe_zz', 'z-last']
  before(async () => {
    for (const key of free) await world().ok('config-update', { key, value: { of: key } })
    await world().ok('config-update', { key: 'probe_limit', value: 33 })
  })

  const list = (payload: Row = {}): Promise<Row> => world().ok('config-list-request', payload)
  const keysOf = (page: Row): string[] => (page['items'] as Row[]).map((item) => String(item['key']))
  const every = async (payload: Row): Promise<string[]> => {
    const found: string[] = []
    for (let after: unknown; ;) {
      const page = await list({ ...payload, ...(after === undefined ? {} : { after }) })
      found.push(...keysOf(page))
      after = page['next']
      if (after === undefined) return found
    }
  }

  it('shows value, default, description and type of each', async () => {
    const items = (await list({ limit: 100 }))['items'] as Row[]
    const item = (key: string): Row | undefined => items.find((each) => each['key'] === key)
    expect(item('probe_limit')).to.deep.equal({
      key: 'probe_limit', value: 33, default: 10, description: 'How many probes at most', type: 'number',
    })
    expect(item('probe_mode')).to.deep.equal({
      key: 'probe_mode', value: 'slow', default: 'slow', description: 'The pace of the probes', type: 'string',
    })
    expect(item('probe_enabled')).to.include({ value: false, default: false, type: 'boolean' })
    expect(item('z-last')).to.deep.equal({ key: 'z-last', value: { of: 'z-last' }, default: null, description: null, type: 'json' })
  })

  it('holds every declared setting once, and every free key, in one order', async () => {
    const page = await list({ limit: 100 })
    const keys = keysOf(page)
    expect(keys).to.include.members([...probeSettings.map(({ key }) => key), ...free])
    expect(keys).to.deep.equal([...new Set(keys)].toSorted())
    expect(page).to.include({ page: 1, limit: 100, total: keys.length }).and.not.have.property('next')
    expect((await list())['limit'], 'the usual limit').to.equal(20)
  })

  it('pages by number and by cursor, both ways round', async () => {
    const keys = keysOf(await list({ limit: 100 }))
    const pages = await Promise.all(keys.map((_key, index) => list({ limit: 1, page: index + 1 })))
    expect(pages.flatMap(keysOf)).to.deep.equal(keys)
    for (const limit of [1, 3, keys.length]) {
      expect(await every({ limit, sort: 'key' })).to.deep.equal(keys)
      expect(await every({ limit, sort: ['-key'] })).to.deep.equal(keys.toReversed())
    }
    const beyond = await list({ limit: 10, page: 900_719_925_474_099 })
    expect(beyond).to.include({ total: keys.length }).and.not.have.property('next')
    expect(beyond['items']).to.deep.equal([])
  })

  it('a cursor holds its place while keys come and go', async () => {
    const first = await list({ limit: 2, search: 'probe' })
    await world().ok('config-update', { key: 'Probe_aa', value: 1 })
    const second = await list({ limit: 100, search: 'probe', after: first['next'] })
    await world().ok('config-delete', { key: 'Probe_aa' })
    expect([...keysOf(first), ...keysOf(second)]).to.deep.equal(keysOf(await list({ limit: 100, search: 'probe' })))
  })

  it('searches keys and descriptions, whatever the case, with % and _ as letters', async () => {
    expect(keysOf(await list({ search: 'PROBE_', limit: 100 }))).to.have.members([...probeSettings.map(({ key }) => key), 'Probe_zz'])
    expect(keysOf(await list({ search: 'the PACE of' }))).to.deep.equal(['probe_mode'])
    expect(keysOf(await list({ search: '%' }))).to.deep.equal(['probe_tags'])
    expect(await list({ search: 'no such thing' })).to.deep.equal({ items: [], page: 1, limit: 20, total: 0 })
    expect((await list({ search: 'probe', limit: 1 }))['total']).to.equal(keysOf(await list({ search: 'probe', limit: 100 })).length)
  })

  it('refuses what a list may not be asked', async () => {
    const { next } = await list({ limit: 1 })
    const forged = Buffer.from(JSON.stringify({ f: 'x', k: 'a' })).toString('base64url')
    const wrong: readonly [Row, string][] = [
      [{ page: 0 }, 'page'], [{ page: 1.5 }, 'page'], [{ limit: 0 }, 'limit'], [{ limit: 101 }, 'limit'], [{ limit: '5' }, 'limit'],
      [{ sort: 'value' }, 'sort'], [{ sort: 7 }, 'sort'], [{ sort: ['key', 'version'] }, 'sort'], [{ sort: Array(9).fill('key') }, 'sort'],
      [{ filter: { key: 'x' } }, 'filter.key'], [{ filter: [] }, 'filter'], [{ search: 7 }, 'search'],
      [{ search: 'x'.repeat(201) }, 'search'],
      [{ after: next, page: 1 }, 'after'], [{ after: next, sort: '-key' }, 'after'], [{ after: next, search: 'p' }, 'after'],
      [{ after: 'nonsense' }, 'after'], [{ after: forged }, 'after'], [{ after: 'bnVsbA' }, 'after'], [{ key: 'x' }, 'key'],
    ]
    for (const [payload, path] of wrong) {
      const { details } = refusal(await world().ask('config-list-request', payload), 'invalid_payload', JSON.stringify(payload))
      expect((details as Row[]).map((fault) => fault['path']), JSON.stringify(payload)).to.include(path)
    }
    expect(await list({ filter: {}, limit: 1, after: next })).to.have.property('total')
  })
})
