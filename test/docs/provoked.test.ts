// Every error that the description of the API tells of, provoked by a call: each code of each event, and each reason. And whatever is
// answered meanwhile is described.
import { expect } from 'chai'
import { definePlugin, type DescribedEvent } from '../../core/define/index.ts'
import { onAnyDatabase } from '../kit/databases.ts'
import { describedApp, type Described } from '../../testing/described.ts'
import { post } from '../kit/http.ts'
import { isRow, row, text, type Row } from '../kit/replies.ts'
import { TestServer, unique, type Session } from '../kit/test-server.ts'
import type { Client } from '../kit/client.ts'
import { challenge, enrolled } from '../auth/mfa-support.ts'

/** What the hook of the suite throws, by the beginning of the request's id: what no client can bring about at will. */
const faults: Readonly<Record<string, () => Error>> = {
  'fails-': () => new Error('a fault of ours'),
  'away-': () => Object.assign(new Error('no database'), { code: 'ECONNREFUSED' }),
  'busy-': () => Object.assign(new Error('deadlock'), { code: '40P01' }),
  'gone-': () => Object.assign(new Error('foreign key'), { code: '23503' }),
}

const faulty = definePlugin({
  name: 'faulty',
  setup: () => ({ hooks: [{
    on: '*',
    around(call, next) {
      const [, fault] = call.parent ? [] : Object.entries(faults).find(([start]) => call.requestId.startsWith(start)) ?? []
      return fault ? Promise.reject(fault()) : next()
    },
  }] }),
})

/** What was answered: which codes of which events, and which reasons. */
class Provoked {
  readonly codes = new Set<string>()
  readonly reasons = new Set<string>()
  readonly #described: Described

  constructor(described: Described) {
    this.#described = described
  }

  /** Notes an answer; one that is not described is a failure. */
  note(event: string, reply: unknown): void {
    const { error } = isRow(reply) ? reply : {}
    if (!isRow(error)) return void expect(this.#described.replyFault(event, reply)).to.equal(undefined)
    const code = text(error['code'])
    const { details } = error
    expect(this.#described.errorFault(event, { code, details })).to.equal(undefined)
    this.codes.add(`${event} ${code}`)
    if (isRow(details) && typeof details['reason'] === 'string') this.reasons.add(`${event} ${details['reason']}`)
  }
}

type Ask = (event: string, payload?: Row, by?: { readonly token: string }) => Promise<unknown>

interface Suite {
  readonly house: TestServer
  readonly events: readonly DescribedEvent[]
  /** Asks over HTTP and notes the answer. */
  readonly ask: Ask
  /** Asks on a socket of the administrator: public events have a session there too. */
  readonly askOnSocket: Ask
}

/** Asks the event, and the one that does the same for many rows at once. */
const oneAndMany = (ask: Ask): Ask => async (event, payload, by) => {
  await ask(event, payload, by)
  return ask(`${event}-many`, { items: [payload] }, by)
}

const payloadOf = ({ example }: DescribedEvent): Row => row(example.payload)

/** Ways to provoke that fit every event, or every event of a kind. */
const generic: Readonly<Record<string, (suite: Suite) => Promise<void>>> = {
  'a field that there is not': async ({ house, events, ask }) => {
    for (const { event, public: isPublic } of events) await ask(event, { bogus: 1 }, isPublic ? undefined : house.admin)
  },
  'no token': async ({ events, ask }) => {
    for (const described of events) if (!described.public) await ask(described.event, payloadOf(described))
  },
  'no right': async ({ house, events, ask }) => {
    const stranger = await house.enter()
    for (const described of events) if (described.keys.length > 0) await ask(described.event, payloadOf(described), stranger)
  },
  'an API token where a session is needed': async ({ house, events, ask }) => {
    const { token } = await house.ok('auth-token-create', { name: unique('script') }, house.admin)
    for (const described of events) {
      if (described.errors.some(({ reasons }) => reasons.includes('auth.token')))
        await ask(described.event, payloadOf(described), { token: text(token) })
    }
    await oneAndMany(ask)('user-update', { id: house.admin.id, status: 'active' }, { token: text(token) })
    await ask('auth-mfa-reset', { id: (await house.person()).id }, { token: text(token) })
  },
  'ids of nothing': async ({ house, events, ask }) => {
    for (const described of events) {
      if (described.errors.some(({ code }) => code === 'not_found')) await ask(described.event, payloadOf(described), house.admin)
    }
  },
  'a requestId of another request': async ({ house, events, askOnSocket }) => {
    const requestId = unique('used')
    await house.ok('site-create', { label: 'Used', requestId }, house.admin)
    for (const described of events)
      if (described.kind === 'mutation') await askOnSocket(described.event, { ...payloadOf(described), requestId })
  },
  'what a database and its server may do': async ({ house, events, ask, askOnSocket }) => {
    for (const described of events) {
      const by = described.public ? undefined : house.admin
      const kinds = described.kind === 'mutation' ? ['fails-', 'away-', 'busy-', 'gone-'] : ['fails-', 'away-']
      for (const start of kinds) {
        if (start === 'gone-' && !described.errors.some(({ reasons }) => reasons.includes('reference'))) continue
        await (described.socketOnly ? askOnSocket : ask)(described.event, { ...payloadOf(described), requestId: unique(start) }, by)
      }
    }
  },
  'a message that is too large': async ({ house, events, ask }) => {
    for (const { event, public: isPublic } of events) await ask(event, { x: 'x'.repeat(70_000) }, isPublic ? undefined : house.admin)
  },
  'a second factor that is wanted': async ({ house, events, ask, askOnSocket }) => {
    // With the setting on, only those with a factor can turn it off again.
    const [newcomer, keeper] = [await house.enter(), await enrolled(house, { can: ['delete-config'] })]
    await house.set('account_require_mfa', true)
    try {
      for (const described of events) {
        if (!described.errors.some(({ reasons }) => reasons.includes('mfa_enrolment'))) continue
        if (described.socketOnly) await askOnSocket(described.event, payloadOf(described), newcomer)
        else await ask(described.event, payloadOf(described), newcomer)
      }
    } finally {
      await house.ok('config-delete', { key: 'account_require_mfa' }, keeper)
    }
  },
}

const locked = async (house: TestServer): Promise<Session> => {
  const session = await enrolled(house)
  await house.sql("update mfa_factors set locked_until = now() + interval '1 hour' where user_id = ?", [session.id])
  return session
}

/** Ways that fit one event, or a few. */
const particular: Readonly<Record<string, (suite: Suite) => Promise<void>>> = {
  'credentials that are wrong': async ({ ask }) => {
    await ask('auth-login', { email: 'nobody@example.com', password: 'wrong' })
    await ask('auth-refresh', { refreshToken: 'x' })
    await ask('auth-confirm-email', { token: 'x' })
    await ask('auth-reset', { token: 'x', password: 'Quiet-Harbour-52-Lime' })
    await ask('auth-mfa-verify', { userId: 'nobody', code: '123456', mfaToken: 'x' })
  },
  'a factor that is locked': async ({ house, ask }) => {
    const session = await locked(house)
    const { userId, mfaToken } = await challenge(house, session)
    await ask('auth-mfa-verify', { userId, mfaToken, code: '123456' })
    await ask('auth-mfa-enable', { type: 'totp', code: '123456' }, session)
    await ask('auth-mfa-disable', { code: '123456' }, session)
    await ask('auth-mfa-recovery-codes', { code: '123456' }, session)
  },
  'a password that has expired': async ({ house, ask }) => {
    const [plain, factored] = [await house.person(), await enrolled(house)]
    const opened = await challenge(house, factored)
    await house.set('account_password_expire', true)
    for (const { id } of [plain, factored])
      await house.sql("update credentials set password_changed_at = now() - interval '400 days' where user_id = ?", [id])
    await ask('auth-login', { email: plain.email, password: plain.password })
    await ask('auth-mfa-verify', { userId: factored.id, mfaToken: opened['mfaToken'], code: factored.recoveryCodes[0] })
    await house.unset('account_password_expire')
  },
  'a second factor that cannot be': async ({ house, ask }) => {
    const session = await house.enter()
    await ask('auth-mfa-enable', { type: 'totp' }, session)
    await ask('auth-mfa-reset', { id: house.admin.id }, house.admin)
    await house.set('account_allow_mfa', false)
    await ask('auth-mfa-setup', {}, session)
    await ask('auth-mfa-enable', { type: 'totp' }, session)
    await house.unset('account_allow_mfa')
    await house.sql("update sessions set created_at = now() - interval '1 hour' where user_id = ?", [session.id])
    for (const event of ['auth-mfa-setup', 'auth-mfa-disable']) await ask(event, {}, session)
    await ask('auth-token-create', { name: 'x' }, session)
    await ask('auth-mfa-enable', { type: 'totp' }, session)
    await ask('auth-mfa-recovery-codes', { code: '123456' }, session)
  },
  'a socket that there is not': async ({ house, ask }) => {
    await ask('feed-listen', {}, house.admin)
  },
  'what is done already': async ({ house, ask }) => {
    const request = { name: 'x', requestId: unique('done') }
    await ask('auth-token-create', request, house.admin)
    await ask('auth-token-create', request, house.admin)
  },
  'what the rules of rights keep': async ({ house, ask }) => {
    const both = oneAndMany(ask)
    await both('permission-delete', { id: 'read-user' }, house.admin)
    const own = { id: house.admin.id }
    await both('user-update', { ...own, email: 'other@example.com' }, house.admin)
    await both('user-update', { ...own, password: 'Quiet-Harbour-52-Lime' }, house.admin)
    await both('user-update', { ...own, status: 'suspended' }, house.admin)
    await both('user-delete', own, house.admin)
    await ask('user-add-permission', { ...own, permissionId: 'root', deny: true }, house.admin)
    const user = row(await house.ok('user-get', own, house.admin))
    for (const roleId of user['roles'] as string[]) {
      await ask('user-remove-role', { ...own, roleId }, house.admin)
      await both('role-update', { id: roleId, permissions: [] }, house.admin)
      await ask('role-remove-permission', { id: roleId, permissionId: 'root' }, house.admin)
    }
    // Held by a grant of their own, and no longer by the role.
    await house.ok('user-add-permission', { ...own, permissionId: 'root' }, house.admin)
    for (const roleId of user['roles'] as string[]) await house.ok('user-remove-role', { ...own, roleId }, house.admin)
    await ask('user-remove-permission', { ...own, permissionId: 'root' }, house.admin)
    for (const roleId of user['roles'] as string[]) await house.ok('user-add-role', { ...own, roleId }, house.admin)
  },
  'an invitation that is over or void': async ({ house, ask }) => {
    const { id } = await house.ok('invitation-create', { email: `${unique('guest')}@example.com` }, house.admin)
    await house.ok('invitation-revoke', { id }, house.admin)
    for (const event of ['invitation-revoke', 'invitation-resend']) await ask(event, { id }, house.admin)
    const author = await house.enter({ can: ['create-invitation', 'read-invitations'] })
    const made = await house.ok('invitation-create', { email: `${unique('guest')}@example.com` }, author)
    await house.ok('user-update', { id: author.id, status: 'suspended' }, house.admin)
    await ask('invitation-resend', { id: made['id'] }, house.admin)
  },
}

/** Codes that the limits give, on a server that lets hardly anything through. */
const exhausted = async (events: readonly DescribedEvent[], url: string, note: (event: string, reply: unknown) => void): Promise<void> => {
  await Promise.all(Array.from({ length: 40 }, () => post(url, 'ping', '{}')))
  for (const { event } of events) {
    // On a busy machine there is more to be used up again.
    for (let [round, isLimited] = [1, false]; !isLimited && round <= 20; round += 1) {
      const answers = await Promise.all(Array.from({ length: 4 * round }, () => post(url, event, '{}')))
      for (const { body } of answers) note(event, body)
      isLimited = answers.some(({ body }) => isRow(body) && isRow(body['error']) && body['error']['code'] === 'rate_limited')
    }
  }
}

/** What no client can bring about by a call of its own. */
const beyond = (code: string, { socketOnly, event }: DescribedEvent): boolean =>
  // A socket is closed in place of an answer; and over HTTP there is no such event.
  (socketOnly && ['payload_too_large', 'rate_limited'].includes(code)) || (code === 'unknown_event' && event !== 'feed-listen')

onAnyDatabase('docs: the errors of the description', (kind) => {
  const house = new TestServer(kind, { plugins: [faulty] })
  const strict = new TestServer(kind, { environment: { RATE_LIMIT_EVENTS: '1', RATE_LIMIT_LOGINS: '1000' } })
  let provoked: Provoked | undefined
  let suite: Suite | undefined

  before(async function () {
    this.timeout(120_000)
    await house.open()
    const described = describedApp(house.server.assembly)
    const noting = provoked = new Provoked(described)
    const { events } = described.description
    const sockets = new Map<string, Promise<Client>>()
    const ask: Ask = async (event, payload = {}, by) => {
      const reply = await house.ask(event, payload, by)
      noting.note(event, reply)
      return reply
    }
    const askOnSocket: Ask = async (event, payload = {}, by = house.admin) => {
      const socket = sockets.get(by.token) ?? house.socket(by)
      sockets.set(by.token, socket)
      const reply = await (await socket).ask(event, payload)
      noting.note(event, reply)
      return reply
    }
    suite = { house, events, ask, askOnSocket }
  })
  after(async function () {
    this.timeout(120_000)
    await house.close()
    await strict.close()
  })

  for (const [what, provoke] of Object.entries({ ...generic, ...particular })) {
    it(`answers as described: ${what}`, async function () {
      this.timeout(120_000)
      if (suite) await provoke(suite)
    })
  }

  it('answers as described: more requests than it allows', async function () {
    this.timeout(120_000)
    await strict.open()
    await exhausted(suite?.events ?? [], strict.url, (event, reply) => provoked?.note(event, reply))
  })

  it('has given every code of every event', () => {
    const described = (suite?.events ?? []).flatMap((each) =>
      each.errors.filter(({ code }) => !beyond(code, each)).map(({ code }) => `${each.event} ${code}`))
    expect(described.filter((each) => !provoked?.codes.has(each))).to.deep.equal([])
  })

  it('has given every reason, and those of all events on each of them', () => {
    const events = suite?.events ?? []
    const given = new Set([...provoked?.reasons ?? []].map((each) => each.split(' ')[1]))
    const reasons = new Set(events.flatMap(({ errors }) => errors.flatMap((error) => error.reasons)))
    expect([...reasons].filter((reason) => !given.has(reason))).to.deep.equal([])
    const described = events.flatMap(({ event, errors }) => errors.flatMap((error) => error.reasons.map((reason) => `${event} ${reason}`)))
    // That something was done already needs it to be done.
    expect(described.filter((each) => !provoked?.reasons.has(each) && !each.endsWith(' already_done'))).to.deep.equal([])
  })
})
