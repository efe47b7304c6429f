// The row, its entry and its place in the feed: all there, or none; also for the log's own trouble.
import { expect } from 'chai'
import { onEachDatabase } from '../kit/databases.ts'
import { AuditWorld, row } from './audit-world.ts'

onEachDatabase('audit: all or none', (kind) => {
  const world = new AuditWorld(kind)
  before(() => world.open())
  after(() => world.close())

  const traces = async (id: string) => ({
    rows: (await world.sql('select 1 from sites where id = ?', [id])).length,
    entries: (await world.sql('select 1 from audit_entries where target_id = ?', [id])).length,
    changes: (await world.sql('select id from outbox where id = ? union all select id from feed where id = ?', [id, id])).length,
  })

  it('a mutation that succeeds leaves all three', async () => {
    await world.ok('site-create', { id: 'kept', label: 'Kept' }, world.admin)
    expect(await traces('kept')).to.deep.equal({ rows: 1, entries: 1, changes: 1 })
  })

  it('a hook that fails after the write leaves none', async () => {
    await world.no('internal', 'site-create', { id: 'refused', label: 'Refused' }, world.admin)
    expect(await traces('refused')).to.deep.equal({ rows: 0, entries: 0, changes: 0 })
  })

  it('an operation that fails after an inner one leaves none', async () => {
    expect(await world.entriesOf(() => world.no('internal', 'probe-fail', { event: 'x' }, world.admin))).to.deep.equal([])
    expect(await traces('lost')).to.deep.equal({ rows: 0, entries: 0, changes: 0 })
  })

  it('a log that cannot be written stops the mutation', async () => {
    await world.sql('alter table audit_entries add constraint broken check (action <> \'site-create\') not valid')
    try {
      expect(row(await world.ask('site-create', { id: 'unlogged', label: 'x' }, world.admin))['error']).to.be.an('object')
      expect(await traces('unlogged')).to.deep.equal({ rows: 0, entries: 0, changes: 0 })
    } finally {
      await world.sql('alter table audit_entries drop constraint broken')
    }
  })
})
