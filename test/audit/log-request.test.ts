// audit-log-request: the page, its filters, its cursor, and what is refused.
import { expect } from 'chai'
import { onAnyDatabase } from '../kit/databases.ts'
import { open } from '../kit/client.ts'
import { AuditWorld, row, rows, text, type Row } from './audit-world.ts'

onAnyDatabase('audit: audit-log-request', (kind) => {
  const world = new AuditWorld(kind)
  before(async () => {
    await world.open()
    for (let index = 0; index < 5; index += 1) await world.ok('site-create', { id: `site-${index}`, label: 'S' }, world.admin)
    await world.ok('role-create', { id: 'role-1', label: 'R' }, world.admin)
  })
  after(() => world.close())

  const list = async (payload: Row = {}): Promise<Row[]> =>
    rows((await world.ok('audit-log-request', { limit: 100, ...payload }, world.admin))['items'])

  it('answers audit-log-response with a page, newest first', async () => {
    const client = await open(world.server.url, { auth: { token: world.admin.token } })
    try {
      const page = row(await client.askByEvent('audit-log-request', 'audit-log-response', { page: 1, limit: 3 }))
      expect(page).to.include({ page: 1, limit: 3 }).and.include.keys('items', 'total', 'next')
      const items = rows(page['items'])
      expect(items.map(({ action }) => action)).to.deep.equal(['role-create', 'site-create', 'site-create'])
      expect(items[0]).to.have.all.keys(
        'id', 'timestamp', 'actorId', 'actorType', 'action', 'level', 'category', 'targetType', 'targetId', 'details', 'ipAddress',
        'userAgent', 'requestId',
      )
      expect(text(items[0]?.['timestamp'])).to.match(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/)
    } finally {
      client.close()
    }
  })

  it('filters by each field, and by several', async () => {
    expect(await list({ action: 'site-create' })).to.have.length(5)
    expect(await list({ targetType: 'site' })).to.have.length(5)
    expect(await list({ targetType: 'site', targetId: 'site-3' })).to.have.length(1)
    expect(await list({ targetId: 'role-1' })).to.have.length(1)
    expect(await list({ category: 'role', level: 'critical', targetId: 'role-1' })).to.have.length(1)
    expect((await list({ actorId: world.admin.id })).every(({ actorId }) => actorId === world.admin.id)).to.equal(true)
    expect(await list({ actorId: world.admin.id })).to.have.length.at.least(7)
    expect(await list({ action: "' or true --" })).to.deep.equal([])
  })

  it('filters by time, both ends included, a day being its whole day', async () => {
    const all = await list()
    const [middle] = all.slice(2)
    const at = text(middle?.['timestamp'])
    const around = await list({ dateFrom: at, dateTo: at })
    expect(around.map(({ id }) => id)).to.include(middle?.['id'])
    expect(await list({ dateFrom: at.slice(0, 10), dateTo: at.slice(0, 10) })).to.have.length.at.least(1)
    expect(await list({ dateTo: '2001-01-01' })).to.deep.equal([])
    expect(await list({ dateFrom: '2999-01-01' })).to.deep.equal([])
  })

  it('has an index for each filter that it offers', async () => {
    const columns = ['actor_id', 'action', 'target_type', 'target_id', 'category']
    const plans = await world.db.transaction(async (trx) => {
      await trx.raw('set local enable_seqscan = off')
      await trx.raw('set local enable_bitmapscan = off')
      await trx.raw('set local enable_sort = off')
      return Promise.all(columns.map(async (column) => {
        const plan =
          (await trx.raw(`explain (format json) select 1 from audit_entries where ${column} = 'x' order by at desc, id desc limit 21`)) as { rows: Row[] }
        return { column, plan: JSON.stringify(plan.rows) }
      }))
    })
    for (const { column, plan } of plans)
      expect(plan, column).to.match(new RegExp(`Index Cond":"\\(${column} = `)).and.not.include('"Sort"')
  })

  it('pages by number and by cursor alike', async () => {
    const all = (await list({ targetType: 'site' })).map(({ id }) => id)
    const numbered = [
      ...await list({ targetType: 'site', limit: 2, page: 1 }), ...await list({ targetType: 'site', limit: 2, page: 2 }),
      ...await list({ targetType: 'site', limit: 2, page: 3 }),
    ]
    expect(numbered.map(({ id }) => id)).to.deep.equal(all)
    const seen: unknown[] = []
    for (let after: unknown; ;) {
      const page = await world.ok(
        'audit-log-request', { targetType: 'site', limit: 2, ...(after === undefined ? {} : { after }) }, world.admin,
      )
      expect(page['total']).to.equal(5)
      seen.push(...rows(page['items']).map(({ id }) => id))
      after = page['next']
      if (after === undefined) break
    }
    expect(seen).to.deep.equal(all)
    expect((await world.ok('audit-log-request', { page: 9_007_199_254_740_991, limit: 100 }, world.admin))['items']).to.deep.equal([])
  })

  it('refuses broken dates, inverted ranges, unknown levels and what is no cursor', async () => {
    const { next } = await world.ok('audit-log-request', { limit: 1 }, world.admin)
    const wrong: Row[] = [
      { dateFrom: 'yesterday' }, { dateFrom: '2026-02-30' }, { dateTo: '2026-13-01' }, { dateTo: 5 }, { dateFrom: '' }, { dateFrom: null },
      { dateFrom: '2026-05-02', dateTo: '2026-05-01' }, { level: 'debug' }, { level: ['info'] }, { action: {} }, { actorId: 5 },
      { actorId: '' },
      { page: 0 }, { page: 1.5 }, { limit: 0 }, { limit: 101 }, { after: 'x' }, { after: next, page: 2 },
      { after: next, action: 'site-create' }, { unknown: 1 },
    ]
    for (const payload of wrong) await world.no('invalid_payload', 'audit-log-request', payload, world.admin)
  })

  it('needs view_audit_logs, everywhere', async () => {
    const [reader, other] = [await world.enter({ direct: ['view_audit_logs'] }), await world.enter({ direct: ['read-audit-config'] })]
    expect(rows((await world.ok('audit-log-request', {}, reader))['items'])).to.have.length.at.least(1)
    expect((await world.no('forbidden', 'audit-log-request', {}, other))['details']).to.deep.equal({ permission: 'view_audit_logs' })
    await world.no('unauthenticated', 'audit-log-request', {})
    const { id } = await world.ok(
      'user-create', { firstName: 'S', lastName: 'C', email: 'scoped@example.com', password: 'Quiet-River-52-Lantern' }, world.admin,
    )
    await world.ok('user-add-permission', { id, permissionId: 'view_audit_logs', scopeId: 'site-1' }, world.admin)
    const scoped = await world.login({ id: text(id), email: 'scoped@example.com', password: 'Quiet-River-52-Lantern' })
    await world.no('forbidden', 'audit-log-request', {}, scoped)
    await world.no('forbidden', 'audit-verify', {}, scoped)
  })
})
