// Months of the log: made when missing, removed when too old, and the chain goes on over what was removed.
import { expect } from 'chai'
import type { Entry } from '../../plugins/audit/entry.ts'
import { messageOf } from '../db/support.ts'
import { onEachDatabase } from '../kit/databases.ts'
import { AuditWorld } from './audit-world.ts'

onEachDatabase('audit: months and retention', (kind) => {
  const world = new AuditWorld(kind)
  before(() => world.open())
  after(() => world.close())

  const monthsOf = async (table: string): Promise<string[]> => (await world.sql<{ name: string }>(
    'select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = ?::regclass order by 1', [table]))
    .map(({ name }) => name.slice(-6))
  const months = (): Promise<string[]> => monthsOf('audit_entries')

  /** An entry as the writer makes it, but of another time. */
  const put = async (id: string, at: string): Promise<void> => {
    const entry: Entry = {
      id, actorId: null, actorType: 'system', action: 'old-event', level: 'info', category: 'old', targetType: null, targetId: null,
      details: { before: {}, after: {} }, ipAddress: null, userAgent: null, requestId: null,
    }
    await world.sql('select audit_partition(?::timestamptz)', [at])
    await world.sql(`insert into audit_entries (at, id, actor_type, action, level, category, details, mac)
      values (?::timestamptz, ?, 'system', 'old-event', 'info', 'old', '{"before":{},"after":{}}', ?)`, [
        at, id, world.signer.sign({ kind: 'entry', entry }),
      ])
    await world.services.seal()
  }

  const sealOne = async (label: string): Promise<void> => {
    await world.ok('site-create', { label }, world.admin)
    await world.services.seal()
  }

  it('this month and the next two are there, with guards and every index', async () => {
    expect(await months()).to.have.length(3)
    const [name = ''] = await months()
    for (const [table, count] of [['audit_entries', 7], ['audit_seals', 2]] as const) {
      expect(await monthsOf(table)).to.deep.equal(await months())
      const [indexes] = await world.sql<{ own: number; all: number }>(`select
        (select count(*) from pg_indexes where tablename = '${table}_${name}') as own,
        (select count(*) from pg_indexes where tablename = '${table}') as all`)
      expect(indexes).to.deep.equal({ own: count, all: count })
      expect(await messageOf(() => world.sql(`truncate ${table}_${name}`))).to.include('append-only')
    }
  })

  it('a writer makes a month that is missing', async () => {
    const [current] = await world.sql<{ name: string }>("select to_char(now() at time zone 'UTC', 'YYYYMM') as name")
    await world.sql('alter table audit_entries disable trigger user')
    await world.sql(`create table kept as select * from audit_entries`)
    await world.sql(`drop table audit_entries_${current?.name ?? ''}`)
    expect(await months()).to.not.include(current?.name)
    await Promise.all(Array.from({ length: 8 }, (_, index) => world.ok('site-create', { label: `At midnight ${index}` }, world.admin)))
    expect(await months()).to.include(current?.name)
    expect(await world.sql("select 1 from audit_entries where action = 'site-create'")).to.have.length(8)
    await world.sql('insert into audit_entries select * from kept')
    await world.sql('alter table audit_entries enable trigger user')
  })

  it('removes whole months, oldest first, and leaves anchors by which the rest verifies', async () => {
    // Positions of three months alternate, as around midnight and worse.
    await put('old-1', '2020-01-31T23:59:59Z')
    await put('old-2', '2020-02-01T00:00:00Z')
    await put('old-3', '2020-01-31T23:59:58Z')
    await sealOne('Between')
    await put('old-4', '2020-02-02T00:00:00Z')
    await put('old-5', '2020-01-31T23:00:00Z')
    await sealOne('After')
    expect(await world.verdict()).to.deep.include({ ok: true })
    const all = (await world.entries()).length
    expect(await world.services.retain()).to.deep.equal(['audit_entries_202001', 'audit_entries_202002'])
    expect(await months()).to.have.length(3)
    expect(await monthsOf('audit_seals')).to.deep.equal(await months())
    expect(await world.sql('select 1 from audit_anchors')).to.have.length.at.least(3)
    expect(await world.verdict()).to.deep.equal({ ok: true, checked: all - 5 })
    await sealOne('Later')
    expect(await world.verdict()).to.deep.equal({ ok: true, checked: all - 4 })
    expect(await world.services.retain()).to.deep.equal([])
  })

  it('an anchor that was taken away, or made up, shows', async () => {
    const [anchor] = await world.sql<{ from_pos: number; to_pos: number }>(
      'select from_pos, to_pos from audit_anchors order by from_pos limit 1',
    )
    await world.sql('create table kept_anchors as select * from audit_anchors')
    for (const statement of [
      'delete from audit_anchors', `update audit_anchors set to_pos = to_pos + 1 where from_pos = ${anchor?.from_pos ?? 0}`,
      "update audit_anchors set mac = 'x'",
    ]) {
      await world.sql(statement)
      expect(await world.verdict(), statement).to.deep.include({ ok: false, reason: 'missing' })
      await world.sql('delete from audit_anchors')
      await world.sql('insert into audit_anchors select * from kept_anchors')
    }
    expect(await world.verdict()).to.deep.include({ ok: true })
  })

  it('a month that was altered stays, as evidence', async () => {
    await put('old-6', '2021-03-01T00:00:00Z')
    await put('old-7', '2021-03-02T00:00:00Z')
    await world.sql('alter table audit_entries disable trigger user')
    await world.sql("update audit_entries set action = 'x' where id = 'old-6'")
    const told = await world.entryOf(() => world.services.retain())
    expect(told).to.include({
      action: 'audit.integrity', level: 'critical', actor_type: 'system', target_type: 'audit-entry', target_id: 'old-6',
    })
    expect(told.details).to.deep.equal({ month: '202103', reason: 'edited' })
    expect(await months()).to.include('202103')
    expect(world.log.lines.map(({ message }) => message)).to.include('audit entries were altered; their month is kept')
    await world.sql("update audit_entries set action = 'old-event' where id = 'old-6'")
    await world.sql('alter table audit_entries enable trigger user')
    expect(await world.services.retain()).to.deep.equal(['audit_entries_202103'])
    expect(await world.verdict()).to.deep.include({ ok: true })
  })

  it('verifies a period by itself', async () => {
    const day = new Date().toISOString().slice(0, 10)
    expect(await world.ok('audit-verify', { from: day, to: day }, world.admin)).to.deep.include({ ok: true })
    expect(await world.ok('audit-verify', { from: '2001-01-01', to: '2001-01-02' }, world.admin)).to.deep.equal({ ok: true, checked: 0 })
    for (const wrong of [{ from: 'x' }, { from: '2026-02-30' }, { from: '2026-02-02', to: '2026-02-01' }, { to: 5 }, { page: 1 }])
      await world.no('invalid_payload', 'audit-verify', wrong, world.admin)
  })

  it('no anchor stands for an entry that was removed at the end of its month, though its seal is still there', async () => {
    await put('old-8', '2022-05-01T00:00:00Z')
    await put('old-9', '2022-05-31T23:00:00Z')
    await sealOne('After May')
    await world.sql('alter table audit_entries disable trigger user')
    await world.sql("delete from audit_entries where id = 'old-9'")
    await world.sql('alter table audit_entries enable trigger user')
    expect(await world.services.retain()).to.deep.equal(['audit_entries_202205'])
    expect(await world.verdict()).to.deep.include({ ok: false, reason: 'missing' })
  })
})
