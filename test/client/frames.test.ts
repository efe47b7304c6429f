// Live lists in React and as signals: they follow the list, are read while something shows them, and no longer.
import { effect, signal } from '@preact/signals-core'
import { expect } from 'chai'
import { createElement, StrictMode, type ReactElement } from 'react'
import { create } from 'react-test-renderer'
import { useLive } from '../../client/react.ts'
import { signalOf } from '../../client/signals.ts'
import { onAnyDatabase } from '../kit/databases.ts'
import { TestServer } from '../kit/test-server.ts'
import { eventually } from '../kit/wait.ts'
import { closeClients, enter, type Client } from './people.ts'

onAnyDatabase('client: in frameworks', (kind) => {
  const server = new TestServer(kind)
  before(async function () {
    this.timeout(60_000)
    await server.open()
    for (const label of ['Anvers', 'Bergen', 'Cork']) await server.ok('site-create', { label }, server.admin)
  })
  afterEach(closeClients)
  after(() => server.close())

  const rename = async (from: string, to: string): Promise<void> => {
    const found = await server.sql<{ id: string }>('select id from sites where label = ?', [from])
    await server.ok('site-update', { id: found[0]?.id, label: to }, server.admin)
  }
  const Sites = ({ client, search, seen }: { client: Client; search: string; seen: string[] }): string => {
    const { items, total, status } = useLive(() => client.site.live({ search, sort: 'label' }), [client, search])
    const text = `${status} ${total} ${items.map(({ label }) => label).join(' ')}`
    seen.push(text)
    return text
  }

  it('React: a component shows the list, follows it, opens another one, and lets it go', async () => {
    const client = await enter(server.url, server.admin)
    const seen: string[] = []
    const element = (search: string): ReactElement =>
      createElement(StrictMode, null, createElement(Sites, { client, search, seen }))
    const made = create(element(''))
    const shows = (text: string): Promise<void> => eventually(() => made.toJSON() === text as unknown, text)
    await shows('live 3 Anvers Bergen Cork')
    await rename('Cork', 'Caen')
    await shows('live 3 Anvers Bergen Caen')
    made.update(element('er'))
    await shows('live 2 Anvers Bergen')
    expect(seen[0]).to.equal('loading 0 ')
    made.unmount()
    await eventually(() => made.toJSON() === null, 'gone')
    const last = seen.length
    await rename('Caen', 'Cork')
    await client.ping()
    expect(seen).to.have.length(last)
  })

  it('signals: what depends on the list runs when it changes', async () => {
    const client = await enter(server.url, server.admin)
    const [sites, stop] = signalOf(client.site.live({ sort: 'label' }), signal)
    const [state, leave] = signalOf(client.state, signal)
    const seen: string[] = []
    const end = effect(() => void seen.push(`${state.value.status} ${sites.value.items.map(({ label }) => label).join(' ')}`))
    await eventually(() => seen.at(-1) === 'live Anvers Bergen Cork', 'shown')
    await rename('Cork', 'Caen')
    await eventually(() => seen.at(-1) === 'live Anvers Bergen Caen', 'shown anew')
    for (const each of [end, stop, leave]) each()
    const last = seen.length
    await rename('Caen', 'Cork')
    await client.ping()
    expect(seen).to.have.length(last)
  })
})
