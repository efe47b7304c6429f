// What is set outlives the servers; what no longer fits does not stop them; and without the plugin there are only defaults.
import { expect } from 'chai'
import { openPeople } from '../../testing/contract/people.ts'
import { refusal, success, type Row } from '../../testing/contract/transport.ts'
import { onAnyDatabase } from '../kit/databases.ts'
import { openPlace, patience, type Node, type Place } from './servers.ts'

const asAdmin = async (node: Node) => {
  const { admin } = await openPeople(node.doors.http)
  const ask = (event: string, payload: Row = {}) => node.doors.http.ask(admin, event, payload)
  return { ask, ok: async (event: string, payload: Row = {}): Promise<Row> => success(await ask(event, payload), event) }
}

onAnyDatabase('config: restart', (kind) => {
  let place: Place | undefined
  beforeEach(async function () {
    this.timeout(patience)
    place = await openPlace(kind)
  })
  afterEach(async function () {
    this.timeout(patience)
    await place?.close()
  })

  const start = async (which?: Parameters<Place['start']>[0]): Promise<Node> => {
    if (!place) throw new Error('There is no database')
    return place.start(which)
  }

  it('values survive it, for the server and for clients', async function () {
    this.timeout(patience)
    const first = await start()
    const before = await asAdmin(first)
    await before.ok('config-update', { key: 'probe_limit', value: 64 })
    await before.ok('config-update', { key: 'probe_mode', value: 'fast' })
    await before.ok('config-update', { key: 'free', value: { kept: true } })
    await first.stop()
    const second = await start()
    const after = await asAdmin(second)
    expect(await after.ok('probe-read')).to.include({ limit: 64, mode: 'fast', enabled: false })
    expect(await after.ok('config-get', { key: 'free' })).to.deep.equal({ key: 'free', value: { kept: true } })
    expect(second.log.lines.filter(({ level }) => level === 'warn' || level === 'error')).to.deep.equal([])
  })

  it('a stored value that no longer fits is ignored with a warning that does not show it', async function () {
    this.timeout(patience)
    const first = await start()
    await first.server.database.knex.raw(`insert into config (id, value) values ('probe_limit', '123456789'), ('probe_mode', '"fast"'), ('probe_enabled', 'null')`)
    await first.stop()
    const second = await start()
    const { ok } = await asAdmin(second)
    expect(await ok('probe-read')).to.include({ limit: 10, mode: 'fast', enabled: false })
    const warnings = second.log.lines.filter(({ level }) => level === 'warn')
    // Twice, when the feed tells of them only now.
    expect([...new Set(warnings.map(({ details }) => ('key' in details ? details.key : undefined)))]).to.have.members([
      'probe_limit', 'probe_enabled',
    ])
    expect(JSON.stringify(warnings)).to.not.include('123456789')
    expect(await ok('config-update', { key: 'probe_limit', value: 12 })).to.have.property('value', 12)
    expect(await ok('probe-read')).to.include({ limit: 12 })
  })

  it('a setting that nobody declares any more is a free key', async function () {
    this.timeout(patience)
    const first = await start()
    await (await asAdmin(first)).ok('config-update', { key: 'probe_limit', value: 64 })
    await first.stop()
    const { ok, ask } = await asAdmin(await start('withoutProbe'))
    expect(await ok('config-get', { key: 'probe_limit' })).to.have.property('value', 64)
    expect(await ok('config-update', { key: 'probe_limit', value: 'anything' })).to.have.property('value', 'anything')
    await ok('config-delete', { key: 'probe_limit' })
    refusal(await ask('config-get', { key: 'probe_limit' }), 'not_found', 'after its deletion')
  })

  it('without the plugin the server starts, works with the defaults and knows none of the events', async function () {
    this.timeout(patience)
    const { ok, ask } = await asAdmin(await start('unplugged'))
    expect(await ok('probe-read')).to.deep.equal({ limit: 10, enabled: false, mode: 'slow', floor: 5, ceiling: 20 })
    for (const event of ['config-get', 'config-update', 'config-delete', 'config-list-request']) {
      refusal(await ask(event, { key: 'probe_limit', value: 1 }), 'unknown_event', event)
    }
    expect(await ok('site-create', { label: 'Works' })).to.have.property('label', 'Works')
  })
})
