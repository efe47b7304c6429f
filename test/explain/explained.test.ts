// permission-explain: each kind of reason, and what depends on the rest of a payload.
import { expect } from 'chai'
import { onHouse } from '../auth/on-house.ts'
import { row, type Row } from '../kit/replies.ts'
import { unique } from '../kit/test-server.ts'
import { explain, made, roleOf, someone, when, world, type World } from './world.ts'

onHouse('permission-explain', (house) => {
  let at: World
  before(async () => {
    at = await world(house)
  })

  it('tells the role that grants, its scope, and the way from the row up to it', async () => {
    const [who, them] = [
      await someone(house, { can: [{ permissionId: 'update-user', scopeId: at.top }] }), await someone(house, { departmentId: at.sub }),
    ]
    const role = await roleOf(house, who)
    const { reply, grants, scopes } = await explain(house, who, ['user-update', them])
    expect(reply).to.include({ allowed: true }).and.not.have.any.keys('missing', 'code')
    expect(reply).to.deep.include({ denies: [], rules: [] })
    expect(grants).to.deep.equal([{
      key: 'update-user', scope: { resource: 'department', id: at.top, label: 'Top' }, from: { resource: 'role', id: role, label: who },
      reaches: true,
    }])
    expect(scopes).to.deep.equal([
      { resource: 'department', id: at.top, label: 'Top', field: 'departmentId', path: [at.sub, at.top] },
    ])
  })

  it('tells a grant that is direct, and one within a scope that the row does not lie in', async () => {
    const [who, them] = [
      await someone(house, { direct: ['read-user', { permissionId: 'update-user', scopeId: at.sub }] }),
      await someone(house, { departmentId: at.top }),
    ]
    const { reply, grants, scopes } = await explain(house, who, ['user-update', them])
    expect(reply).to.include({ allowed: false, missing: 'update-user', code: 'forbidden' })
    expect(grants).to.deep.equal([
      // By this the row is seen, and the refusal says so.
      { key: 'read-user', scope: null, from: null, reaches: true },
      { key: 'update-user', scope: { resource: 'department', id: at.sub, label: 'Sub' }, from: null, reaches: false },
    ])
    expect(scopes).to.deep.equal([])
    await house.ok('user-remove-permission', { id: who, permissionId: 'read-user' }, house.admin)
    const hidden = await explain(house, who, ['user-update', them])
    expect(hidden.reply).to.include({ allowed: false, missing: 'update-user', code: 'not_found' })
  })

  it('tells the link that grants on its row alone', async () => {
    const who = await someone(house)
    await house.ok('group-add-responsible', { id: at.group, userId: who }, house.admin)
    const other = await made(house, 'group-create', { name: 'Readers' })
    await house.ok('group-add-responsible', { id: other, userId: who }, house.admin)
    const group = { resource: 'group', id: at.group, label: 'Runners' }
    const { reply, grants } = await explain(house, who, ['group-add-user', at.group])
    expect(reply).to.include({ allowed: true })
    expect(grants).to.deep.equal([
      { key: 'manage-group-members', scope: null, row: group, from: { ...group, relation: 'responsibles' }, reaches: true },
    ])
    const anywhere = await explain(house, who, ['group-add-user'])
    expect(anywhere.grants.map((grant) => row(grant['row'])['id'])).to.have.members([at.group, other])
    expect(when(anywhere, 'row')).to.deep.equal({ when: 'row', keys: ['manage-group-members'], missing: [] })
  })

  it('tells the deny that wins, over root too', async () => {
    const who = await someone(house, { can: ['root'], direct: [{ permissionId: 'manage-sites', scopeId: at.site, deny: true }] })
    const other = await made(house, 'site-create', { label: 'Rome' })
    const { reply, grants, denies, scopes } = await explain(house, who, ['site-update', at.site])
    expect(reply).to.include({ allowed: false, missing: 'manage-sites', code: 'forbidden' })
    expect(grants.map(({ key, reaches }) => [key, reaches])).to.deep.equal([['root', true]])
    expect(denies).to.deep.equal([
      { key: 'manage-sites', scope: { resource: 'site', id: at.site, label: 'Paris' }, from: null, reaches: true },
    ])
    expect(scopes).to.deep.equal([{ resource: 'site', id: at.site, label: 'Paris', field: 'id', path: [at.site] }])
    const elsewhere = await explain(house, who, ['site-update', other])
    expect(elsewhere.reply).to.include({ allowed: true })
    expect(elsewhere.denies.map(({ reaches }) => reaches)).to.deep.equal([false])
  })

  it('tells the rule of a definition by which one reads and changes their own row, and which fields it leaves out', async () => {
    const who = await someone(house)
    expect((await explain(house, who, ['user-get', who])).rules).to.deep.equal([
      { rule: 'definition', effect: 'allow', resource: 'user', action: 'get' },
    ])
    const told = await explain(house, who, ['user-update', who])
    expect(told.reply).to.include({ allowed: true })
    expect(told.rules).to.deep.equal([{
      rule: 'definition', effect: 'allow', resource: 'user', action: 'update',
      fields: ['firstName', 'lastName', 'picture', 'metadata', 'locale'],
    }])
    expect(when(told, 'fields')).to.deep.equal({
      when: 'fields', keys: ['update-user'], missing: ['update-user'],
      fields: ['email', 'status', 'siteId', 'departmentId', 'roles', 'password'],
    })
    expect((await explain(house, who, ['user-delete', who])).reply).to.include({ allowed: false, missing: 'delete-user' })
  })

  it('tells over whom they may act, and the key that is lacking', async () => {
    const who = await someone(house, { can: ['read-user', 'delete-user', 'read-sites'] })
    const [less, more] = [await someone(house, { can: ['read-sites'] }), await someone(house, { can: ['read-groups'] })]
    const may = await explain(house, who, ['user-delete', less])
    expect(may.reply).to.include({ allowed: true })
    expect(may.rules).to.deep.equal([{ rule: 'over', effect: 'allow', resource: 'user', id: less }])
    expect(may.depends, 'the last holder of root').to.deep.equal([{ when: 'written', keys: [], resource: 'user', missing: [] }])
    const mayNot = await explain(house, who, ['user-delete', more])
    expect(mayNot.reply).to.include({ allowed: false, missing: 'read-groups', code: 'forbidden' })
    expect(mayNot.rules).to.deep.equal([{ rule: 'over', effect: 'deny', resource: 'user', id: more, key: 'read-groups' }])
    expect(mayNot.depends).to.deep.equal([])
    await house.ok('user-update', { id: more, status: 'archived' }, house.admin)
    expect((await explain(house, who, ['user-delete', more])).missing, 'whatever their status').to.equal('read-groups')
  })

  it('tells what a role grants that they do not hold', async () => {
    const who = await someone(house, { can: ['read-role', 'delete-role', { permissionId: 'read-group', scopeId: at.sub }] })
    const role = await made(house, 'role-create', { label: unique('role'), permissions: [{ permissionId: 'read-group', scopeId: at.top }] })
    const { reply, rules } = await explain(house, who, ['role-delete', role])
    expect(reply).to.include({ allowed: false, missing: 'read-group', code: 'forbidden' })
    expect(rules).to.deep.equal([
      { rule: 'covers', effect: 'deny', key: 'read-group', scope: { resource: 'department', id: at.top, label: 'Top' } },
    ])
  })

  it('tells the reason of a guard', async () => {
    const { reply, rules } = await explain(house, house.admin.id, ['permission-delete', 'read-user'])
    expect(reply).to.include({ allowed: false, code: 'conflict' }).and.not.have.property('missing')
    expect(rules).to.deep.equal([{ rule: 'guard', effect: 'deny', resource: 'permission', reason: 'built_in' }])
  })

  it('tells that an account may do nothing, and what it was granted', async () => {
    for (const status of ['suspended', 'archived']) {
      const who = await someone(house, { can: ['root'], status })
      const { reply, grants, rules, depends } = await explain(house, who, ['site-update', at.site])
      expect(reply).to.include({ allowed: false, code: 'unauthenticated' }).and.not.have.property('missing')
      expect(rules).to.deep.equal([{ rule: 'status', effect: 'deny', reason: status }])
      expect(grants.map(({ key }) => key)).to.deep.equal(['root'])
      expect(depends).to.deep.equal([])
      expect((await explain(house, who, ['auth-me'])).allowed, 'nor what a session is enough for').to.equal(false)
      expect((await explain(house, who, ['ping'])).allowed, 'but what needs no one').to.equal(true)
    }
  })

  it('tells what needs a session or nobody, and what an operation may ask by itself', async () => {
    const who = await someone(house, { can: ['read-config', { permissionId: 'create-invitation', scopeId: at.sub }] })
    const custom = [{ when: 'operation', keys: [], missing: [] }]
    const plain: readonly (readonly [string, string, Row[]])[] =
      [['ping', 'public', []], ['auth-login', 'public', custom], ['auth-me', 'session', custom]]
    for (const [event, rule, depends] of plain) {
      expect((await explain(house, who, [event])).reply, event).to.deep.equal({
        allowed: true, grants: [], denies: [], scopes: [], rules: [{ rule, effect: 'allow' }], depends,
      })
    }
    expect((await explain(house, who, ['config-get'])).reply).to.include({ allowed: true }).and.deep.include({ rules: [], depends: custom })
    expect((await explain(house, who, ['config-update'])).reply).to.include({ allowed: false, missing: 'update-config', code: 'forbidden' })
    expect((await explain(house, who, ['invitation-create'])).reply, 'anywhere').to.include({ allowed: true })
    const scoped = await someone(house, { can: [{ permissionId: 'read-config', scopeId: at.sub }] })
    const told = await explain(house, scoped, ['config-get'])
    expect(told.reply, 'everywhere').to.include({ allowed: false, missing: 'read-config' })
    expect(told.grants.map(({ reaches }) => reaches)).to.deep.equal([false])
    expect(told.rules).to.deep.equal([])
  })

  it("tells of a plugin's operation on a row", async () => {
    const who = await someone(house, { can: [{ permissionId: 'manage-mfa', scopeId: at.top }, 'read-user'] })
    const [near, far] = [await someone(house, { departmentId: at.sub }), await someone(house)]
    expect((await explain(house, who, ['auth-mfa-reset', near])).reply).to.include({ allowed: true })
    const { reply } = await explain(house, who, ['auth-mfa-reset', far])
    expect(reply).to.include({ allowed: false, missing: 'manage-mfa', code: 'forbidden' })
    const more = await someone(house, { departmentId: at.sub, can: ['read-groups'] })
    const over = await explain(house, who, ['auth-mfa-reset', more])
    expect(over.reply).to.include({ allowed: false, missing: 'read-groups', code: 'forbidden' })
    expect(over.rules).to.deep.equal([{ rule: 'over', effect: 'deny', resource: 'user', id: more, key: 'read-groups' }])
    const own = await explain(house, house.admin.id, ['auth-mfa-reset', house.admin.id])
    expect(own.rules).to.deep.equal([{ rule: 'guard', effect: 'deny', resource: 'user', reason: 'mfa.own' }])
  })

  it('says what a new row, its links and its guard may ask', async () => {
    const who = await someone(house, { can: [{ permissionId: 'create-user', scopeId: at.top }] })
    const told = await explain(house, who, ['user-create'])
    expect(told.reply).to.include({ allowed: true })
    expect(told.depends.map((each) => [each['when'], each['relation']])).to.deep.equal([
      ['result', undefined], ['link', 'site'], ['link', 'department'], ['link', 'roles'], ['guard', undefined],
    ])
    expect(told.depends.find((each) => each['relation'] === 'department')).to.deep.equal({
      when: 'link', relation: 'department', resource: 'department', fields: ['departmentId'],
      keys: ['manage-department-users', 'read-department'], missing: ['manage-department-users', 'read-department'],
    })
    const wide = await explain(house, await someone(house, { can: ['read-sites'] }), ['site-create'])
    expect(wide.reply).to.include({ allowed: false, missing: 'manage-sites' })
    const whole = await explain(house, await someone(house, { can: ['manage-sites'] }), ['site-create'])
    expect(whole.reply).to.include({ allowed: true }).and.deep.include({ depends: [] })
  })

  it('asks the keys of both ends of a link, where its target does not matter', async () => {
    const hierarchy = 'manage-department-hierarchy'
    const parent = await someone(house, { can: ['read-department', { permissionId: hierarchy, scopeId: at.sub }] })
    const { reply, depends } = await explain(house, parent, ['department-parent-remove', at.sub])
    expect(reply, 'the parent that is left is not within reach').to.include({ allowed: false, missing: hierarchy, code: 'forbidden' })
    expect(depends).to.deep.equal([])
    const set = await explain(house, parent, ['department-parent-set', at.sub])
    expect(set.reply).to.include({ allowed: true })
    expect(when(set, 'link')).to.deep.equal({
      when: 'link', relation: 'parent', resource: 'department', fields: ['parentId'], keys: [hierarchy, 'read-department'], missing: [],
    })
  })

  it('says what is asked of those who link themselves, where the link gives rights', async () => {
    const who = await someone(house, { can: ['manage-group-responsibles', 'manage-group-members', 'read-group'] })
    const told = await explain(house, who, ['group-add-responsible', at.group])
    expect(told.reply).to.include({ allowed: true })
    expect(when(told, 'self')).to.deep.equal({
      when: 'self', relation: 'responsibles', resource: 'group', missing: ['update-group'],
      keys: ['manage-group-members', 'manage-group-responsibles', 'read-group', 'update-group'],
    })
    expect(when(await explain(house, who, ['group-remove-responsible', at.group]), 'self')).to.deep.equal({})
  })

  it('refuses events that there are not, rows where there is none, and what is not given', async () => {
    const ask = (payload: Row, code: string) => house.no(code, 'permission-explain', payload, house.admin)
    const faults = async (payload: Row): Promise<unknown[]> => {
      const { details } = await ask(payload, 'invalid_payload')
      return (details as Row[]).map(({ path }) => path)
    }
    const userId = house.admin.id
    expect(await faults({ userId, event: 'user-fly' })).to.deep.equal(['event'])
    expect(await faults({ userId, event: 'constructor' })).to.deep.equal(['event'])
    expect(await faults({ userId, event: 'user-list-request', id: userId })).to.deep.equal(['id'])
    expect(await faults({ userId, event: 'user-create', id: userId })).to.deep.equal(['id'])
    expect(await faults({})).to.have.members(['userId', 'event'])
    await ask({ userId: 'nobody', event: 'user-get' }, 'not_found')
    await ask({ userId, event: 'user-get', id: 'nobody' }, 'not_found')
  })

  it('says the same in any state of the caches, and changes nothing', async () => {
    const [who, them] = [await someone(house, { can: ['read-user', 'delete-user'] }), await someone(house, { can: ['read-groups'] })]
    const before = await house.ok('user-get', { id: them }, house.admin)
    const entries = async (): Promise<number> => (await house.sql('select 1 from audit_entries')).length
    const first = await entries()
    expect((await explain(house, who, ['user-delete', them])).missing).to.equal('read-groups')
    await house.ok('user-add-permission', { id: who, permissionId: 'read-groups' }, house.admin)
    expect((await explain(house, who, ['user-delete', them])).allowed).to.equal(true)
    await house.ok('user-remove-permission', { id: who, permissionId: 'read-groups' }, house.admin)
    expect((await explain(house, who, ['user-delete', them])).missing).to.equal('read-groups')
    expect(await house.ok('user-get', { id: them }, house.admin)).to.deep.equal(before)
    expect((await entries()) - first, 'the two changes of rights').to.equal(2)
  })
})
