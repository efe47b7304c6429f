// What everybody hears of a change, what is no change, and who comes too late.
import { expect } from 'chai'
import type { Change } from '../../testing/contract/listener.ts'
import { refusal, type Row } from '../../testing/contract/transport.ts'
import { onServer } from './servers.ts'
import { witnessed } from './witness.ts'

onServer('config: changes', (world) => {
  const heard = async (event: string, payload: Row): Promise<readonly Change[]> => world().listener.during(() => world().ok(event, payload))
  const only = async (event: string, payload: Row): Promise<Row> => {
    const changes = await heard(event, payload)
    expect(changes.map((change) => change.event), event).to.deep.equal(['config-changed'])
    return changes[0]?.payload ?? {}
  }

  for (const key of ['probe_limit', 'free.key']) {
    it(`${key}: config-changed with the key as id and as key, never a value`, async () => {
      const requestId = `r-${key}`
      const created = await only('config-update', { key, value: 50, requestId })
      const { version, pos } = created
      expect(created).to.deep.equal({ id: key, key, action: 'create', version, pos, requestId })
      const updated = await only('config-update', { key, value: 51 })
      expect(updated).to.deep.equal({ id: key, key, action: 'update', version: Number(version) + 1, pos: updated['pos'] })
      const deleted = await only('config-delete', { key })
      expect(deleted).to.deep.equal({ id: key, key, action: 'delete', version: Number(version) + 2, pos: deleted['pos'] })
      const again = await only('config-update', { key, value: 50 })
      expect(again).to.include({ action: 'create', version: Number(version) + 3 })
      await world().ok('config-delete', { key })
    })
  }

  it('the same value again, whatever the order of its fields, is no change', async () => {
    const value = { a: 1, b: [{ c: null, d: 'x' }] }
    await world().ok('config-update', { key: 'same', value })
    expect(await heard('config-update', { key: 'same', value })).to.deep.equal([])
    expect(await heard('config-update', { key: 'same', value: { b: [{ d: 'x', c: null }], a: 1 } })).to.deep.equal([])
    expect(await only('config-update', { key: 'same', value: { ...value, b: [] } })).to.include({ action: 'update', version: 2 })
  })

  it('deleting an unset declared setting, and what is refused, are no changes', async () => {
    expect(await heard('config-delete', { key: 'probe_mode' })).to.deep.equal([])
    const changes = await world().listener.during(async () => {
      refusal(await world().ask('config-update', { key: 'probe_mode', value: 'never' }), 'invalid_payload', 'a wrong value')
      refusal(await world().ask('config-delete', { key: 'not.there' }), 'not_found', 'nothing there')
    })
    expect(changes).to.deep.equal([])
  })

  it('who comes too late is told the version', async () => {
    const { ask, ok } = world()
    expect(refusal(await ask('config-update', { key: 'late', value: 1, ifVersion: 1 }), 'conflict', 'unset').details)
      .to.deep.equal({ version: 0 })
    await ok('config-update', { key: 'late', value: 1, ifVersion: 0 })
    expect(refusal(await ask('config-update', { key: 'late', value: 2, ifVersion: 0 }), 'conflict', 'set').details)
      .to.deep.equal({ version: 1 })
    await ok('config-update', { key: 'late', value: 2, ifVersion: 1 })
    expect(refusal(await ask('config-delete', { key: 'late', ifVersion: 1 }), 'conflict', 'delete').details).to.deep.equal({ version: 2 })
    expect(await ok('config-get', { key: 'late' })).to.have.property('value', 2)
    await ok('config-delete', { key: 'late', ifVersion: 2 })
  })

  it('plugins are told what was set before and after', async () => {
    const from = witnessed.length
    await world().ok('config-update', { key: 'seen', value: 1 })
    await world().ok('config-update', { key: 'seen', value: [2] })
    await world().ok('config-delete', { key: 'seen' })
    await world().ok('config-delete', { key: 'probe_mode' })
    const [one, two] = [{ key: 'seen', value: 1 }, { key: 'seen', value: [2] }]
    expect(witnessed.slice(from)).to.deep.equal([
      { before: {}, after: one }, { before: one, after: two }, { before: two, after: {} }, { before: {}, after: {} },
    ])
  })

  it('remembers who set a value', async () => {
    await world().ok('config-update', { key: 'mine', value: 1 })
    const row: unknown = await world().server.database.knex('config').where({ id: 'mine' }).first('created_by', 'updated_by')
    expect(row).to.deep.equal({ created_by: world().people.admin.id, updated_by: world().people.admin.id })
  })

  it('a value set by SQL reaches the server too, and one that does not fit is ignored with a warning', async () => {
    const { listener, server, ok, log } = world()
    const set = (value: string): Promise<unknown> => listener.during(() =>
      server.database.knex.raw("insert into config (id, value) values ('probe_limit', ?::jsonb) on conflict (id) do update set value = excluded.value", [value]))
    await set('77')
    await reads(77)
    await set('7700')
    await reads(10)
    expect(await ok('config-get', { key: 'probe_limit' }), 'the value that counts').to.deep.equal({ key: 'probe_limit', value: 10 })
    const warnings = log.lines.filter(({ level, details }) => level === 'warn' && 'key' in details && details.key === 'probe_limit')
    expect(warnings).to.not.be.empty
    expect(JSON.stringify(warnings)).to.not.include('7700')
    await ok('config-delete', { key: 'probe_limit' })
  })

  const reads = async (wanted: number): Promise<void> => {
    const deadline = Date.now() + 15_000
    while ((await world().ok('probe-read'))['limit'] !== wanted)
      if (Date.now() > deadline) throw new Error(`the server does not see ${wanted}`)
  }
})
