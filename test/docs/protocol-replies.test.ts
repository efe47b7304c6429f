// Each event of docs/protocol.md succeeds on a running server, and its reply has the fields that the page names and no other.
import { expect } from 'chai'
import { codeNow } from '../auth/authenticator.ts'
import { otherPassword, unique, type TestServer, type Session } from '../kit/test-server.ts'
import { challenge, enrolled, freeSteps } from '../auth/mfa-support.ts'
import { onHouse } from '../auth/on-house.ts'
import { row, rows, type Row } from '../kit/replies.ts'
import { codeIn, events, publicEvents, resources } from './protocol-page.ts'

interface Asked {
  readonly payload: Row
  /** Default: the administrator. */
  readonly by?: Session
  /** It is not answered over HTTP. */
  readonly onSocket?: true
}

type Prepare = (house: TestServer) => Promise<Asked>

const least: Readonly<Record<string, (id: string) => Row>> = {
  user: (id) => ({ firstName: 'Some', lastName: 'Body', email: `${id}@example.com` }),
  role: () => ({ label: 'A role' }),
  site: () => ({ label: 'A site' }),
  department: () => ({ label: 'A department' }),
  group: () => ({ name: 'A group' }),
  permission: (id) => ({ permissionKey: id }),
}

const make = async (house: TestServer, resource: string, fields: Row = {}): Promise<string> => {
  const id = unique(resource)
  await house.ok(`${resource}-create`, { id, ...least[resource]?.(id), ...fields }, house.admin)
  return id
}

/** The same twice, in one request. */
const several = (prepare: Prepare): Prepare => async (house) =>
  ({ payload: { items: [(await prepare(house)).payload, (await prepare(house)).payload] } })

const generic = (resource: string): Record<string, Prepare> => {
  const singles = single(resource)
  const many = Object.entries(singles).filter(([event]) => /-(?:create|update|delete)$/.test(event))
  return { ...singles, ...Object.fromEntries(many.map(([event, prepare]) => [`${event}-many`, several(prepare)])) }
}

const single = (resource: string): Record<string, Prepare> => ({
  [`${resource}-list-request`]: async (house) => ({ payload: { filter: { id: await make(house, resource) } } }),
  [`${resource}-get`]: async (house) => ({ payload: { id: await make(house, resource) } }),
  [`${resource}-create`]: (house) => Promise.resolve({ payload: least[resource]?.(unique(`${house.kind}-${resource}`)) ?? {} }),
  [`${resource}-update`]: async (house) => ({ payload: { id: await make(house, resource), ...(resource === 'user' ? {
    lastName: 'Else',
  } : resource === 'permission' ? { description: 'x' } : resource === 'group' ? { name: 'x' } : { label: 'x' }) } }),
  [`${resource}-delete`]: async (house) => ({ payload: { id: await make(house, resource) } }),
})

/** A relation's events: the owner is made, and a target that `add` or `set` joins to it. */
const related = (
  owner: string, target: string, field: string, names: { readonly add: string; readonly request: string; readonly remove: string },
): Record<string, Prepare> => {
  const pair = async (house: TestServer): Promise<Row> => ({ id: await make(house, owner), [field]: await make(house, target) })
  const joined = async (house: TestServer): Promise<Row> => {
    const payload = await pair(house)
    await house.ok(`${owner}-${names.add}`, payload, house.admin)
    return payload
  }
  return {
    [`${owner}-${names.add}`]: async (house) => ({ payload: await pair(house) }),
    [`${owner}-${names.request}`]: async (house) => ({ payload: { id: (await joined(house))['id'] } }),
    [`${owner}-${names.remove}`]: async (house) => {
      const payload = await joined(house)
      return { payload: names.remove.startsWith('remove-') ? payload : { id: payload['id'] } }
    },
  }
}

const many = (owner: string, target: string, [item, name]: readonly [string, string]): Record<string, Prepare> =>
  related(owner, target, `${target === 'department' ? 'child' : target}Id`, {
    add: `add-${item}`, request: `${name}-request`, remove: `remove-${item}`,
  })
const one = (target: string, field: string, name: string): Record<string, Prepare> =>
  related('department', target, field, { add: `${name}-set`, request: `${name}-get`, remove: `${name}-remove` })

const as = (prepare: (house: TestServer, by: Session) => Promise<Row> | Row): Prepare => async (house) => {
  const by = await house.enter()
  return { by, payload: await prepare(house, by) }
}

const mfa = (prepare: (house: TestServer, by: Session & { readonly secret: string }) => Promise<Row> | Row): Prepare => async (house) => {
  const by = await enrolled(house)
  await freeSteps(house, by)
  return { by, payload: await prepare(house, by) }
}

const invite = (house: TestServer): Promise<Row> =>
  house.ok('invitation-create', { email: `${unique('guest')}@example.com`, firstName: 'A', lastName: 'Guest' }, house.admin)

const anonymous: Record<string, Prepare> = {
  ping: () => Promise.resolve({ payload: {} }),
  'feed-about': () => Promise.resolve({ payload: { resources: ['site'] } }),
  'feed-listen': () => Promise.resolve({ payload: { resources: ['site'] }, onSocket: true }),
  'auth-login': as((_house, { email, password }) => ({ email, password })),
  'auth-mfa-verify': mfa(async (house, by) => {
    const { userId, mfaToken } = await challenge(house, by)
    return { userId, mfaToken, code: codeNow(by.secret) }
  }),
  'auth-request-reset': as((_house, { email }) => ({ email })),
  'auth-reset': as(async (house, { email }) => {
    await house.ok('auth-request-reset', { email })
    return { token: await house.mailedToken(email, '/reset-password'), password: otherPassword }
  }),
  'auth-refresh': as((_house, { refreshToken }) => ({ refreshToken })),
  'auth-confirm-email': as(async (house, by) => {
    const email = `new-${by.email}`
    await house.ok('auth-change-email', { email, password: by.password }, by)
    return { token: await house.mailedToken(email, '/confirm-email') }
  }),
  'auth-password-policy': () => Promise.resolve({ payload: {} }),
  'invitation-fetch': async (house) => ({ payload: { token: (await invite(house))['token'] } }),
  'invitation-accept': async (house) => ({ payload: { token: (await invite(house))['token'], password: otherPassword } }),
}

const withSession: Record<string, Prepare> = {
  'auth-me': as(() => ({})),
  'auth-logout': as(() => ({})),
  'auth-reauthenticate': as((_house, { password }) => ({ password })),
  'auth-sessions-request': as(() => ({})),
  'auth-session-revoke': as(async (house, by) => ({ id: (await house.login(by)).sessionId })),
  'auth-change-password': as((_house, { password }) => ({ currentPassword: password, newPassword: otherPassword })),
  'auth-change-email': as((_house, { email, password }) => ({ email: `new-${email}`, password })),
  'auth-mfa-setup': as(() => ({})),
  'auth-mfa-enable': as(async (house, by) => {
    await house.ok('auth-mfa-setup', {}, by)
    return { type: 'totp' }
  }),
  'auth-mfa-disable': mfa(() => ({})),
  'auth-mfa-recovery-codes': mfa((_house, { secret }) => ({ code: codeNow(secret) })),
  'auth-mfa-reset': async (house) => ({ payload: { id: (await enrolled(house)).id } }),
  'auth-access-request': async (house) => ({ payload: { id: (await house.enter()).id } }),
  'auth-access-end': async (house) => ({ payload: { id: (await house.enter()).id } }),
  'auth-token-create': as(() => ({ name: 'Backup' })),
  'auth-token-list-request': as(async (house, by) => {
    await house.ok('auth-token-create', { name: 'Backup' }, by)
    return {}
  }),
  'auth-token-revoke': as(async (house, by) => ({ id: (await house.ok('auth-token-create', { name: 'Backup' }, by))['id'] })),
}

const queued = async (house: TestServer): Promise<Row> => {
  const job = { name: 'tests.none', id: unique('job') }
  await house.sql("insert into jobs (name, id, payload, run_at) values (?, ?, '{}', now() + interval '1 day')", [job.name, job.id])
  return job
}

const rest: Record<string, Prepare> = {
  'job-list-request': async (house) => ({ payload: { name: (await queued(house))['name'] } }),
  'job-retry': async (house) => ({ payload: await queued(house) }),
  'job-drop': async (house) => ({ payload: await queued(house) }),
  'permission-explain': (house) => Promise.resolve({ payload: { userId: house.admin.id, event: 'user-create' } }),
  'permission-held': (house) => Promise.resolve({ payload: { userId: house.admin.id } }),
  'rights-on': (house) => Promise.resolve({ payload: { resource: 'user', ids: [house.admin.id] } }),
  'rights-scopes': (house) => Promise.resolve({ payload: { resource: 'user', ids: [house.admin.id] } }),
  'system-status-request': () => Promise.resolve({ payload: {} }),
  'audit-activity-request': () => Promise.resolve({ payload: {} }),
  'department-ancestors-request': async (house) => ({ payload: { id: await make(house, 'department') } }),
  'invitation-create': () => Promise.resolve({ payload: { email: `${unique('guest')}@example.com` } }),
  'invitation-list-request': async (house) => ({ payload: { filter: { id: (await invite(house))['id'] } } }),
  'invitation-revoke': async (house) => ({ payload: { id: (await invite(house))['id'] } }),
  'invitation-resend': async (house) => ({ payload: { id: (await invite(house))['id'] } }),
  'config-get': () => Promise.resolve({ payload: { key: 'audit_retention_days' } }),
  'config-update': () => Promise.resolve({ payload: { key: 'a.free.key', value: { any: 'JSON' } } }),
  'config-delete': () => Promise.resolve({ payload: { key: 'audit_retention_days' } }),
  'config-list-request': () => Promise.resolve({ payload: {} }),
  'audit-log-request': () => Promise.resolve({ payload: {} }),
  'audit-config-get': () => Promise.resolve({ payload: {} }),
  'audit-config-update': () => Promise.resolve({ payload: { levels: [], categories: [] } }),
  'audit-verify': () => Promise.resolve({ payload: {} }),
}

const prepared: Readonly<Record<string, Prepare>> = {
  ...anonymous, ...withSession, ...rest,
  ...Object.assign({}, ...Object.keys(least).map(generic)) as Record<string, Prepare>,
  ...many('department', 'department', ['child', 'children']), ...many('department', 'user', ['user', 'users']),
  ...one('user', 'userId', 'manager'), ...one('department', 'parentId', 'parent'),
  ...many('group', 'user', ['user', 'members']), ...many('group', 'user', ['responsible', 'responsibles']),
  ...many('role', 'permission', ['permission', 'permissions']),
  ...many('user', 'role', ['role', 'roles']), ...many('user', 'permission', ['permission', 'permissions']),
}

/** Exactly these fields, or with `…` at least these. */
const expectFields = (value: Row, written: string): void => {
  const names = written.replace(/^\{ ?/, '').replace(/ ?\}$/, '').split(', ').filter((name) => name !== '')
  if (names.includes('…')) expect(Object.keys(value)).to.include.members(names.filter((name) => name !== '…'))
  else expect(Object.keys(value), JSON.stringify(value)).to.have.members(names)
}

const expectShown = (value: Row, plural: string, extra: readonly string[] = []): void => {
  const resource = [...resources.values()].find(({ name }) => plural === name || plural === `${name}s`)
  if (!resource) throw new Error(`which resource is "${plural}"?`)
  expect(Object.keys(value)).to.have.members([...resource.shown, ...extra])
}

/** Compares a reply with what the page says of it. */
const expectReply = (reply: Row, written: string): void => {
  const pageOf = /^page of (?:(\w+)(?:, each with (.+))?|`(\{.+?\})`.*)$/.exec(written)
  const whole = /^the (\w+)$/.exec(written)
  if (written === 'as a log-in') return expectReply(reply, events.find(({ event }) => event === 'auth-login')?.reply ?? '')
  if (whole) return expectShown(reply, whole[1] ?? '')
  if (!pageOf) return expectFields(reply, codeIn(written)[0] ?? '')
  expect(Object.keys(reply).filter((key) => key !== 'next')).to.have.members(['items', 'page', 'limit', 'total'])
  const items = rows(reply['items'])
  expect(items, 'rows to look at').to.not.have.length(0)
  const [, plural, extra, fields] = pageOf
  for (const item of items) {
    if (fields === undefined) expectShown(item, plural ?? '', codeIn(extra))
    else expectFields(item, fields)
  }
}

onHouse('docs: the replies of protocol.md', (house) => {
  it('all are looked at', () => expect(Object.keys(prepared)).to.have.members(events.map(({ event }) => event)))

  for (const { event, reply } of events) {
    it(`${event} replies ${reply}`, async () => {
      const asked = await prepared[event]?.(house)
      if (!asked) throw new Error(`what does ${event} need?`)
      if (asked.onSocket) return expectReply(await (await house.socket(house.admin)).ok(event, asked.payload), reply)
      expectReply(await house.ok(event, asked.payload, publicEvents.includes(event) ? undefined : asked.by ?? house.admin), reply)
    })
  }

  it('a change carries what the page says, and the id of its request', async () => {
    const client = await house.socket(house.admin)
    const { id, version } = await client.ok('site-create', { label: 'Harbour', requestId: 'harbour-1' })
    const { args } = await client.hear('site-changed')
    expect(row(args[0])).to.have.all.keys('id', 'action', 'version', 'pos', 'requestId')
    expect(row(args[0])).to.include({ id, action: 'create', version, requestId: 'harbour-1' })
    await client.ok('config-update', { key: 'another.key', value: 1 })
    // That of an earlier test may come late.
    const config = await client.hear(({ event, args: [change] }) => event === 'config-changed' && row(change)['key'] === 'another.key')
    expect(row(config.args[0])).to.have.all.keys('id', 'key', 'action', 'version', 'pos')
  })
})
