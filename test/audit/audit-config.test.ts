// audit-config: what it leaves out, what it cannot leave out, and that its own changes are told.
import { expect } from 'chai'
import { onAnyDatabase } from '../kit/databases.ts'
import { open } from '../kit/client.ts'
import { administrator, AuditWorld, row } from './audit-world.ts'

onAnyDatabase('audit: audit-config', (kind) => {
  const world = new AuditWorld(kind)
  before(() => world.open())
  after(() => world.close())
  afterEach(() => world.ok('audit-config-update', { levels: [], categories: [] }, world.admin))

  it('answers audit-config-get-response and audit-config-update-response, and broadcasts audit-config-changed', async () => {
    const client = await open(world.server.url, { auth: { token: world.admin.token } })
    try {
      const first = row(await client.askByEvent('audit-config-get', 'audit-config-get-response', {}))
      expect(first).to.include({ id: 'audit-config' }).and.have.all.keys('id', 'levels', 'categories', 'updatedAt', 'updatedBy')
      expect(first).to.deep.include({ levels: [], categories: [] })
      const reply = row(await client.askByEvent('audit-config-update', 'audit-config-update-response', {
        levels: ['critical', 'warning'], categories: ['user'],
      }))
      expect(reply).to.deep.include({
        id: 'audit-config', levels: ['critical', 'warning'], categories: ['user'], updatedBy: world.admin.id,
      })
      const heard = await client.hear('audit-config-changed')
      expect(row(heard.args[0])).to.include({ id: 'audit-config', action: 'update' })
      expect(await client.ok('audit-config-get')).to.deep.equal(reply)
    } finally {
      client.close()
    }
  })

  it('leaves out levels and categories, in the very next request', async () => {
    await world.ok('audit-config-update', { levels: ['warning'], categories: [] }, world.admin)
    expect(await world.entriesOf(() => world.ok('site-create', { label: 'Unseen' }, world.admin))).to.deep.equal([])
    await world.ok('audit-config-update', { levels: [], categories: ['group'] }, world.admin)
    expect(await world.entriesOf(() => world.ok('site-create', { label: 'Unseen' }, world.admin))).to.deep.equal([])
    expect(await world.entriesOf(() => world.ok('group-create', { name: 'Seen' }, world.admin))).to.have.length(1)
  })

  it('cannot hide authentication, nor its own changes', async () => {
    await world.ok('audit-config-update', { levels: ['critical'], categories: ['group'] }, world.admin)
    expect(await world.entriesOf(() => world.login({ id: '', ...administrator }))).to.have.length(1)
    expect(await world.entriesOf(() => world.no('unauthenticated', 'auth-login', { email: administrator.email, password: 'wrong' })))
      .to.have.length(1)
    await world.ok('audit-config-update', { levels: ['warning'], categories: ['group'] }, world.admin)
    const entry = await world.entryOf(() => world.ok('audit-config-update', { levels: ['info'], categories: ['user'] }, world.admin))
    expect(entry).to.include({
      action: 'audit-config-update', category: 'audit', level: 'critical', target_type: 'audit-config', target_id: 'audit-config',
      actor_id: world.admin.id,
    })
    expect(entry.details).to.deep.equal({
      before: { levels: ['warning'], categories: ['group'] }, after: { levels: ['info'], categories: ['user'] },
    })
  })

  it('an update that changes nothing leaves no entry and no change', async () => {
    await world.ok('audit-config-update', { levels: ['info'], categories: [] }, world.admin)
    const first = await world.ok('audit-config-get', {}, world.admin)
    expect(await world.entriesOf(() => world.ok('audit-config-update', { levels: ['info'], categories: [] }, world.admin)))
      .to.deep.equal([])
    expect(await world.ok('audit-config-get', {}, world.admin)).to.deep.equal(first)
  })

  it('refuses what it does not know', async () => {
    for (const payload of [
      { levels: ['debug'], categories: [] }, { levels: 'info', categories: [] }, { levels: [], categories: ['no-such'] },
      { levels: [], categories: [5] },
      { levels: [null], categories: [] }, { levels: [], categories: ['__proto__'] }, { levels: [], categories: [], more: 1 },
    ]) await world.no('invalid_payload', 'audit-config-update', payload, world.admin)
    for (const category of ['user', 'site', 'auth', 'audit', 'role'])
      await world.ok('audit-config-update', { levels: [], categories: [category] }, world.admin)
  })

  it('has a key for reading and one for writing', async () => {
    const [reader, writer] = [await world.enter({ direct: ['read-audit-config'] }), await world.enter({ direct: ['write-audit-config'] })]
    await world.ok('audit-config-get', {}, reader)
    await world.no('forbidden', 'audit-config-update', { levels: [], categories: [] }, reader)
    await world.no('forbidden', 'audit-config-get', {}, writer)
    await world.ok('audit-config-update', { levels: ['info'], categories: [] }, writer)
  })
})
