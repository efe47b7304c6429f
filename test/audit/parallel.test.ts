// Many writers at once: every entry gets its place in the chain, once, while others go on writing. Races need PostgreSQL.
import { expect } from 'chai'
import { onEachDatabase } from '../kit/databases.ts'
import { AuditWorld } from './audit-world.ts'

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
