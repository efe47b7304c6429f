// Exactly one entry for each mutation that changes something, each refusal and each log-in; none for anything else.
import { expect } from 'chai'
import { onAnyDatabase } from '../kit/databases.ts'
import { administrator, AuditWorld, row, rows } from './audit-world.ts'

onAnyDatabase('audit: entries', (kind) => {
  const world = new AuditWorld(kind)
  before(() => world.open())
  after(() => world.close())

  it('a create leaves what came to be, who made it and from where', async () => {
    const entry = await world.entryOf(() =>
      world.askWith({ 'user-agent': 'probe/1' }, 'site-create', { id: 's1', label: 'Lyon', requestId: 'r-1' }, world.admin))
    expect(entry).to.include({
      action: 'site-create', category: 'site', level: 'info', actor_id: world.admin.id, actor_type: 'user', target_type: 'site',
      target_id: 's1',
      user_agent: 'probe/1', request_id: 'r-1',
    })
    expect(entry.ip_address).to.match(/^(?:::ffff:)?127\.0\.0\.1$|^::1$/)
    expect(entry.details).to.deep.equal({ before: {}, after: { label: 'Lyon' } })
  })

  it('an update leaves only what changed', async () => {
    const { id } = await world.ok('user-create', { firstName: 'Ann', lastName: 'Lee', email: 'ann.lee@example.com' }, world.admin)
    const entry = await world.entryOf(() => world.ok('user-update', { id, firstName: 'Anne', lastName: 'Lee' }, world.admin))
    expect(entry).to.include({ action: 'user-update', target_id: id, level: 'info' })
    expect(entry.details).to.deep.equal({ before: { firstName: 'Ann' }, after: { firstName: 'Anne' } })
  })

  it('a delete leaves what went', async () => {
    await world.ok('site-create', { id: 's2', label: 'Brest' }, world.admin)
    const entry = await world.entryOf(() => world.ok('site-delete', { id: 's2' }, world.admin))
    expect(entry).to.include({ action: 'site-delete', target_type: 'site', target_id: 's2' })
    expect(entry.details).to.deep.equal({ before: { label: 'Brest' }, after: {} })
  })

  it('what is done to the log-ins of another names whose they are, and what has ended; of one\'s own, which it was', async () => {
    const password = 'Korrekt-Pferd-77-Batterie'
    const [ann, bob] = await Promise.all(['ann.ends@example.com', 'bob.ends@example.com'].map(async (email) => {
      const { id } = await world.ok('user-create', { firstName: 'A', lastName: 'B', email, password }, world.admin)
      const enter = async () => {
        const { accessToken } = await world.ok('auth-login', { email, password })
        const by = { token: String(accessToken) }
        return { ...by, sessionId: String((row((await world.ok('auth-me', {}, by))['session']))['id']) }
      }
      return { id: String(id), enter }
    }))
    if (!ann || !bob) throw new Error('unreachable')
    const [first, second, third, others] = [await ann.enter(), await ann.enter(), await ann.enter(), await bob.enter()]
    const [kept, dropped] = [
      await world.ok('auth-token-create', { name: 'kept' }, third), await world.ok('auth-token-create', { name: 'dropped' }, third),
    ]
    const one = await world.entryOf(() => world.ok('auth-session-revoke', { id: first.sessionId }, third))
    expect(one).to.include({ target_type: 'user', target_id: ann.id })
    expect(one.details).to.deep.equal({ before: {}, after: { id: first.sessionId } })
    const token = await world.entryOf(() => world.ok('auth-token-revoke', { id: dropped['id'] }, third))
    expect(token.details).to.deep.equal({ before: {}, after: { id: dropped['id'] } })

    const by = { actor_id: world.admin.id, target_type: 'user', target_id: ann.id }
    const named = await world.entryOf(() =>
      world.ok('auth-access-end', { id: ann.id, sessions: [second.sessionId, others.sessionId] }, world.admin))
    expect(named).to.include({ action: 'auth-access-end', ...by })
    expect(named.details).to.deep.equal({ before: { sessionIds: [second.sessionId], tokenIds: [] }, after: {} })
    const reset = await world.entryOf(() => world.ok('auth-mfa-reset', { id: ann.id }, world.admin))
    expect(reset).to.include({ action: 'auth-mfa-reset', ...by })
    const all = await world.entryOf(() => world.ok('auth-access-end', { id: ann.id }, world.admin))
    expect(all).to.include(by)
    expect(all.details).to.deep.equal({ before: { sessionIds: [third.sessionId], tokenIds: [kept['id']] }, after: {} })
  })

  it('a relation leaves what was linked and unlinked', async () => {
    const { id } = await world.ok('group-create', { name: 'Choir' }, world.admin)
    const linked = await world.entryOf(() => world.ok('group-add-user', { groupId: id, userId: world.admin.id }, world.admin))
    expect(linked).to.include({ action: 'group-add-user', category: 'group', target_type: 'group', target_id: id })
    expect(linked.details).to.deep.equal({ before: {}, after: { userId: world.admin.id } })
    expect(await world.entriesOf(() => world.ok('group-add-user', { id, userId: world.admin.id }, world.admin))).to.deep.equal([])
    const unlinked = await world.entryOf(() => world.ok('group-remove-user', { id, userId: world.admin.id }, world.admin))
    expect(unlinked.details).to.deep.equal({ before: { userId: world.admin.id }, after: {} })
    expect(await world.entriesOf(() => world.ok('group-remove-user', { id, userId: world.admin.id }, world.admin))).to.deep.equal([])
  })

  it('a to-one relation leaves its field', async () => {
    await world.ok('department-create', { id: 'd1', label: 'One' }, world.admin)
    const set = await world.entryOf(() => world.ok('department-manager-set', { id: 'd1', userId: world.admin.id }, world.admin))
    expect(set.details).to.deep.equal({ before: { managerId: null }, after: { managerId: world.admin.id } })
    const moved = await world.entryOf(() => world.ok('department-add-user', { id: 'd1', userId: world.admin.id }, world.admin))
    expect(moved).to.include({ action: 'department-add-user', target_type: 'department', target_id: 'd1' })
    expect(moved.details).to.deep.equal({ before: {}, after: { userId: world.admin.id } })
    const removed = await world.entryOf(() => world.ok('department-manager-remove', { id: 'd1' }, world.admin))
    expect(removed.details).to.deep.equal({ before: { managerId: world.admin.id }, after: { managerId: null } })
  })

  it('no-ops, reads and failures that are no refusals leave none', async () => {
    await world.ok('site-create', { id: 's3', label: 'Nice' }, world.admin)
    const { id } = await world.ok(
      'user-create', { firstName: 'K', lastName: 'O', email: 'keys@example.com', metadata: { long: 1, a: 2 } }, world.admin,
    )
    expect(await world.entriesOf(async () => {
      await world.ok('site-update', { id: 's3', label: 'Nice' }, world.admin)
      await world.ok('site-update', { id: 's3' }, world.admin)
      await world.ok('user-update', { id, metadata: { long: 1, a: 2 } }, world.admin)
      await world.ok('site-get', { id: 's3' }, world.admin)
      await world.ok('site-list-request', {}, world.admin)
      await world.ok('ping', {}, world.admin)
      await world.no('invalid_payload', 'site-update', { id: 's3', label: '' }, world.admin)
      await world.no('not_found', 'site-update', { id: 'nowhere', label: 'x' }, world.admin)
      await world.no('conflict', 'site-create', { id: 's3', label: 'Again' }, world.admin)
      await world.no('unauthenticated', 'site-create', { label: 'x' })
      await world.ask('no-such-event', {}, world.admin)
    })).to.deep.equal([])
  })

  it('a request that comes again leaves no second one', async () => {
    const payload = { label: 'Twice', requestId: 'again-1' }
    const entry = await world.entryOf(async () => {
      const first = await world.ok('site-create', payload, world.admin)
      expect(await world.ok('site-create', payload, world.admin)).to.deep.equal(first)
      await Promise.all(Array.from({ length: 5 }, () => world.ok('site-create', payload, world.admin)))
    })
    expect(entry).to.include({ action: 'site-create', request_id: 'again-1' })
  })

  it('a setting leaves its value before and after', async () => {
    const entry = await world.entryOf(() => world.ok('config-update', { key: 'audit_retention_days', value: 400 }, world.admin))
    expect(entry).to.include({ action: 'config-update', category: 'config', target_id: 'audit_retention_days' })
    expect(entry.details['after']).to.deep.equal({ key: 'audit_retention_days', value: 400 })
    expect(await world.entriesOf(() => world.ok('config-update', { key: 'audit_retention_days', value: 400 }, world.admin)))
      .to.deep.equal([])
    const secret = await world.entryOf(() => world.ok('config-update', { key: 'smtp_password', value: 'Canary-Setting' }, world.admin))
    expect(JSON.stringify(secret.details)).to.not.include('Canary')
  })

  it('refusals leave one, of reads too', async () => {
    const person = await world.enter({ direct: ['read-site'] })
    const written = await world.entryOf(() => world.no('forbidden', 'site-update', { id: 's3', label: 'x' }, person))
    expect(written).to.include({
      action: 'site-update', category: 'site', level: 'warning', actor_id: person.id, actor_type: 'user', target_type: 'site',
      target_id: 's3',
    })
    expect(written.details).to.deep.equal({ error: 'forbidden', permission: 'manage-sites' })
    const read = await world.entryOf(() => world.no('forbidden', 'audit-log-request', {}, person))
    expect(read).to.include({ action: 'audit-log-request', category: 'audit', level: 'warning', actor_id: person.id })
  })

  it('log-ins leave one, successful or not', async () => {
    const success = await world.entryOf(() => world.login({ id: '', ...administrator }))
    expect(success).to.include({
      action: 'auth-login', category: 'auth', level: 'info', actor_id: world.admin.id, actor_type: 'user', target_type: 'user',
      target_id: world.admin.id,
    })
    for (const email of [administrator.email, 'nobody@example.com']) {
      const failure = await world.entryOf(() => world.no('unauthenticated', 'auth-login', { email, password: 'wrong-password' }))
      expect(failure).to.include({ action: 'auth-login', category: 'auth', level: 'warning', actor_id: null, actor_type: 'anonymous' })
      expect(failure.details).to.include({ error: 'unauthenticated', email })
    }
  })

  it('changes of rights are critical', async () => {
    const { id } = await world.ok('user-create', { firstName: 'A', lastName: 'B', email: 'rights@example.com' }, world.admin)
    const events = [
      ['role-create', { id: 'r1', label: 'R' }], ['role-add-permission', { id: 'r1', permissionId: 'read-site' }],
      ['user-add-role', { id, roleId: 'r1' }],
      ['user-add-permission', { id, permissionId: 'read-site' }], ['user-update', { id, roles: [] }],
      ['permission-create', { permissionKey: 'own-key' }],
    ] as const
    for (const [event, payload] of events) {
      const entry = await world.entryOf(() => world.ok(event, payload, world.admin))
      expect(entry, event).to.include({ action: event, level: 'critical' })
    }
  })

  it('a changed password is told of, not told', async () => {
    const { id } = await world.ok(
      'user-create', { firstName: 'P', lastName: 'W', email: 'pw@example.com', password: 'First-Canary-77-Tree' }, world.admin,
    )
    const entry = await world.entryOf(() => world.ok('user-update', { id, password: 'Second-Canary-88-Tree' }, world.admin))
    expect(entry).to.include({ action: 'user-update', target_id: id })
    expect(entry.details).to.deep.equal({ before: {}, after: { password: '[masked]' } })
  })

  it('operations that a request calls within leave one entry, the request’s', async () => {
    const entry = await world.entryOf(() => world.ok('probe-twice', { event: 'x', label: 'Inner' }, world.admin))
    expect(entry).to.include({ action: 'probe-twice', category: 'probe', actor_id: world.admin.id, target_type: 'site' })
    expect(rows(entry.details['inner']).map((inner) => inner['action'])).to.deep.equal(['site-create', 'site-update'])
    expect(row(rows(entry.details['inner'])[1])['after']).to.deep.equal({ label: 'Inner again' })
  })

  it('a plugin’s operation on a row is no deletion, and says itself what it changed', async () => {
    await world.ok('site-create', { id: 'probed', label: 'Probed' }, world.admin)
    const silent = await world.entryOf(() => world.ok('probe-site', { id: 'probed' }, world.admin))
    expect(silent).to.include({ action: 'probe-site', target_id: 'probed' })
    expect(silent.details).to.deep.equal({ before: {}, after: {} })
    const told = await world.entryOf(() => world.ok('probe-site', { id: 'probed', say: 'hello' }, world.admin))
    expect(told).to.include({ target_type: 'site', target_id: 'probed' })
    expect(told.details).to.deep.equal({ before: { said: '' }, after: { said: 'hello' } })
    expect(await world.entriesOf(() => world.ok('probe-site', { id: 'probed', say: '' }, world.admin))).to.deep.equal([])
  })

  it('a failed operation says in its note of whom and why', async () => {
    const entry = await world.entryOf(() => world.no('forbidden', 'probe-locked', { event: 'x' }, world.admin))
    expect(entry).to.include({ level: 'warning', target_type: 'user', target_id: 'somebody' })
    expect(entry.details).to.deep.equal({ error: 'forbidden', reason: 'locked' })
  })

  it('what the system does by itself leaves an entry of the system’s', async () => {
    const [first] = (await world.entries()).filter(({ action }) => action === 'user-create')
    expect(first).to.include({ actor_type: 'system', actor_id: null, action: 'user-create' })
    const entry = await world.entryOf(() => world.server.run((call) => call.call('site-create', { label: 'By itself' }, { as: 'system' })))
    expect(entry).to.include({ action: 'site-create', actor_type: 'system', actor_id: null, ip_address: null })
  })
})
