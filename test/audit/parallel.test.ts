// Many writers at once: every entry gets its place in the chain, once, while others go on writing. Races need PostgreSQL.
import { expect } from 'chai'
import type { Knex } from 'knex'
import type { Entry } from '../../plugins/audit/entry.ts'
import { onEachDatabase } from '../kit/databases.ts'
import { AuditWorld } from './audit-world.ts'

/** A handle before or after whose first statement of a text others do something. */
const interrupted = (db: Knex, when: 'before' | 'after', statement: RegExp, others: () => Promise<unknown>): Knex => {
  let isDone = false
  const raw = async (text: string, values: []): Promise<unknown> => {
    const isNow = !isDone && statement.test(text)
    isDone ||= isNow
    if (isNow && when === 'before') await others()
    const answer: unknown = await db.raw(text, values)
    if (isNow && when === 'after') await others()
    return answer
  }
  return new Proxy(db, { get: (target, name): unknown => (name === 'raw' ? raw : Reflect.get(target, name)) })
}

onEachDatabase('audit: parallel writers', (kind) => {
  if (kind === 'embedded') return void it('the embedded database has one connection: nothing here is parallel')
  const world = new AuditWorld(kind)
  before(() => world.open())
  after(() => world.close())

  const writers = 8
  const each = 12

  it('are sealed in one order without gaps', async () => {
    const done = { writing: true }
    const sealing = (async () => {
      while (done.writing) await Promise.all([world.services.seal(), world.services.seal()])
    })()
    await Promise.all(Array.from({ length: writers }, async (_, writer) => {
      for (let index = 0; index < each; index += 1) await world.ok('site-create', { label: `Site ${writer} ${index}` }, world.admin)
    }))
    done.writing = false
    await sealing
    await world.services.seal()
    const entries = await world.entries()
    expect(entries.filter(({ action }) => action === 'site-create')).to.have.length(writers * each)
    const positions = entries.map(({ pos }) => Number(pos)).toSorted((a, b) => a - b)
    expect(positions).to.deep.equal(positions.map((_, index) => index + 1))
    expect(await world.verdict()).to.deep.equal({ ok: true, checked: entries.length })
  })

  it('an entry that gets its seal while the log is verified is not taken for a copy', async () => {
    const holder = await world.db.transaction()
    await holder.raw("select pg_advisory_xact_lock(hashtext('sovrane:audit-seal'))")
    const { id } = await world.ok('site-create', { label: 'Sealed meanwhile' }, world.admin)
    const sealOf = async (): Promise<unknown> => (await world.entries()).find(({ target_id: target }) => target === id)?.seal
    expect(await sealOf()).to.equal(null)
    const verdict = await world.services.verify({ db: interrupted(world.db, 'after', /late,/, async () => {
      await holder.rollback()
      await world.services.seal()
      expect(await sealOf()).to.be.a('string')
    }) })
    expect(verdict).to.deep.equal({ ok: true, checked: (await world.entries()).length })
  })

  it('a month that retention drops while the log is verified is not missed', async () => {
    await world.sql("select audit_partition('2020-01-15T00:00:00Z')")
    const entry: Entry = {
      id: 'old', actorId: null, actorType: 'system', action: 'old-event', level: 'info', category: 'old', targetType: null, targetId: null,
      details: {}, ipAddress: null, userAgent: null, requestId: null,
    }
    await world.sql(`insert into audit_entries (at, id, actor_type, action, level, category, details, mac)
      values ('2020-01-15T00:00:00Z', 'old', 'system', 'old-event', 'info', 'old', '{}', ?)`, [world.signer.sign({ kind: 'entry', entry })])
    await world.services.seal()
    await world.ok('site-create', { label: 'After the old one' }, world.admin)
    await world.services.seal()
    const verdict = await world.db.transaction((db) => world.services.verify({ db: interrupted(db, 'before', /pos <= \?/, async () => {
      expect(await world.services.retain()).to.deep.equal(['audit_entries_202001'])
    }) }))
    expect(verdict).to.deep.include({ ok: true })
    expect(await world.sql("select 1 from audit_anchors")).to.have.length(1)
  })

  it('an entry that commits late comes later in the chain', async () => {
    const late = await world.db.transaction()
    await late.raw(`select audit_append('[{"id":"late","actorType":"system","action":"x","level":"info","category":"x","details":{},"mac":"x","always":true}]')`)
    await world.ok('site-create', { label: 'Meanwhile' }, world.admin)
    await world.services.seal()
    await late.commit()
    await world.services.seal()
    const entries = await world.entries()
    const [slow, quick] = [
      entries.find(({ id }) => id === 'late'), entries.find(({ details }) => JSON.stringify(details).includes('Meanwhile')),
    ]
    expect(slow?.at.getTime()).to.be.at.most(quick?.at.getTime() ?? 0)
    expect(Number(slow?.pos)).to.equal(Number(quick?.pos) + 1)
    // It was not our writer's.
    expect(await world.verdict()).to.deep.include({ ok: false, firstBroken: 'late', reason: 'edited' })
  })

  it('a second node’s sealer waits for nobody', async () => {
    const holder = await world.db.transaction()
    await holder.raw("select pg_advisory_xact_lock(hashtext('sovrane:audit-seal'))")
    await world.ok('site-create', { label: 'While another seals' }, world.admin)
    await world.services.seal()
    expect(await world.sql('select 1 from audit_unsealed')).to.have.length(1)
    await holder.rollback()
    await world.services.seal()
    expect(await world.sql('select 1 from audit_unsealed')).to.have.length(0)
  })
})
