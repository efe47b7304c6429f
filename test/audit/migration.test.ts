// Seals move from the entries' rows into a table of their own, and back: what was sealed verifies, what waited is sealed later.
import { expect } from 'chai'
import type { Knex } from 'knex'
import type { Entry } from '../../plugins/audit/entry.ts'
import { down, up } from '../../plugins/audit/migrations/002_seals.ts'
import { onAnyDatabase } from '../kit/databases.ts'
import { eventually } from '../kit/wait.ts'
import { AuditWorld } from './audit-world.ts'

interface Place {
  readonly id: string
  readonly pos: number | null
  readonly seal: string | null
}

onAnyDatabase('audit: the migration of seals', (kind) => {
  const world = new AuditWorld(kind)
  before(() => world.open())
  after(() => world.close())

  /** As the writers make them. */
  const made = (count: number, prefix: string): object[] => Array.from({ length: count }, (_, index) => {
    const entry: Entry = {
      id: `${prefix}-${String(index).padStart(6, '0')}`, actorId: null, actorType: 'system', action: 'x', level: 'info', category: 'x',
      targetType: null, targetId: null, details: { before: {}, after: { index } }, ipAddress: null, userAgent: null, requestId: null,
    }
    return { ...entry, mac: world.signer.sign({ kind: 'entry', entry }), always: true }
  })
  const placesOf = async (db: Knex, sql: string): Promise<Place[]> => {
    const found: { rows: Place[] } = await db.raw(sql)
    return found.rows
  }
  const now = 'select id, pos, seal from audit_entries left join audit_seals using (at, id) order by at, id'
  const former = 'select id, seal_pos as pos, seal from audit_entries order by at, id'

  it('moves many entries in several months there and back', async function () {
    this.timeout(60_000)
    await world.sql("select audit_partition('2023-01-01'), audit_partition('2023-02-01')")
    await world.sql('select audit_append(?::jsonb)', [JSON.stringify(made(2500, 'many'))])
    for (const [index, at] of ['2023-01-31T23:59:59Z', '2023-02-01T00:00:00Z'].entries()) {
      const [entry] = made(1, `old-${index}`)
      const { id, mac, details } = entry as { id: string; mac: string; details: object }
      await world.sql(`insert into audit_entries (at, id, actor_type, action, level, category, details, mac)
        values (?::timestamptz, ?, 'system', 'x', 'info', 'x', ?::jsonb, ?)`, [at, id, JSON.stringify(details), mac])
    }
    await world.services.seal()
    // In one transaction: the sealer must not come in between.
    await world.db.transaction(async (trx) => {
      const before = await placesOf(trx, now)
      expect(before.filter(({ pos }) => pos !== null)).to.have.length.greaterThan(2501)
      await down(trx)
      expect(await placesOf(trx, former)).to.deep.equal(before)
      await trx.raw("select audit_append(e, true) from jsonb_array_elements(?::jsonb) e", [JSON.stringify(made(3, 'waiting'))])
      await up(trx)
      expect((await placesOf(trx, now)).filter(({ id }) => !id.startsWith('waiting'))).to.deep.equal(before)
      expect((await placesOf(trx, 'select id from audit_unsealed order by at, id')).map(({ id }) => id)).to.deep.equal([
        'waiting-000000', 'waiting-000001', 'waiting-000002',
      ])
    })
    // As servers of before append while they are replaced: such entries are recorded, and sealed by the new ones.
    await world.sql('select audit_append(e, true) from jsonb_array_elements(?::jsonb) e', [JSON.stringify(made(2, 'former'))])
    // The server's own run may have waited for the tables, and fail by it, while this one is asked for.
    await eventually(() => world.services.seal().then(() => true, () => false), 'the entries are sealed')
    const sealed = await placesOf(world.db, now)
    expect(sealed.filter(({ id, pos }) => id.startsWith('former-') && pos !== null)).to.have.length(2)
    const count = (await world.entries()).length
    expect(await world.verdict()).to.deep.equal({ ok: true, checked: count })
    await world.ok('site-create', { label: 'Afterwards' }, world.admin)
    expect(await world.services.retain()).to.deep.equal(['audit_entries_202301', 'audit_entries_202302'])
    await world.services.seal()
    expect(await world.verdict()).to.deep.include({ ok: true })
  })
})
