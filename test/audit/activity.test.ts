// audit-activity-request: the entries of each day, by the filters of the log.
import { expect } from 'chai'
import { onAnyDatabase } from '../kit/databases.ts'
import { AuditWorld, rows, type Row } from './audit-world.ts'

const event = 'audit-activity-request'
const dayOf = (date: Date): string => date.toISOString().slice(0, 10)
const millisecondsPerDay = 86_400_000

onAnyDatabase('audit: audit-activity-request', (kind) => {
  const world = new AuditWorld(kind)
  before(async () => {
    await world.open()
    for (let index = 0; index < 3; index += 1) await world.ok('site-create', { id: `site-${index}`, label: 'S' }, world.admin)
  })
  after(() => world.close())

  const counts = async (payload: Row = {}): Promise<Row[]> => rows((await world.ok(event, payload, world.admin))['items'])

  it('counts by day in UTC, today last, and what was recorded on another day there', async () => {
    const db = world.server.database.knex
    const then = new Date(Date.now() - 2 * millisecondsPerDay)
    const entry = await db<Row>('audit_entries').where({ action: 'site-create' }).first()
    await db.raw('select audit_partition(?::timestamptz)', [then.toISOString()])
    await db('audit_entries').insert({ ...entry, id: 'of-another-day', at: then, details: JSON.stringify(entry?.['details']) })
    // Midnight may pass meanwhile: it is looked at as a whole.
    const items = await counts({ action: 'site-create', days: 5 })
    expect(items).to.have.length(5)
    expect(items.filter(({ count }) => count !== 0)).to.deep.equal([
      { day: dayOf(then), count: 1 }, { day: items.at(-1)?.['day'], count: 3 },
    ])
    expect(await counts()).to.have.length(14)
    expect((await counts({ days: 1 })).map(({ day }) => day)).to.deep.equal([dayOf(new Date())])
  })

  it('narrows as the log does', async () => {
    const total = async (filter: Row): Promise<unknown> =>
      (await world.ok('audit-log-request', { ...filter, limit: 1 }, world.admin))['total']
    const sum = async (filter: Row): Promise<number> =>
      (await counts({ ...filter, days: 31 })).reduce((all, { count }) => all + Number(count), 0)
    const { id: actorId } = world.admin
    for (const filter of [{}, { level: 'info' }, { category: 'auth' }, { targetId: 'site-1' }, { action: 'none' }, { actorId }])
      expect(await sum(filter), JSON.stringify(filter)).to.equal(await total(filter))
  })

  it('refuses too many days, and those without the key', async () => {
    await world.no('invalid_payload', event, { days: 32 }, world.admin)
    await world.no('invalid_payload', event, { days: 0 }, world.admin)
    await world.no('forbidden', event, {}, await world.enter({ can: ['read-sites'] }))
  })
})
