// Every kind of token in every place that takes one: only its own place takes it.
import { text, row, refusal, type Row } from '../kit/replies.ts'
import { otherPassword, type TestServer, type Person } from '../kit/test-server.ts'
import { challenge, enrol } from './mfa-support.ts'
import { onHouse } from './on-house.ts'

/** A fresh token of each kind. */
const kinds: Readonly<Record<string, (house: TestServer) => Promise<string>>> = {
  access: async (house) => (await house.enter()).token,
  refresh: async (house) => (await house.enter()).refreshToken,
  api: async (house) => text((await house.ok('auth-token-create', { name: 'x' }, await house.enter()))['token']),
  mfa: async (house) => text((await challenge(house, await enrol(house, await house.enter())))['mfaToken']),
  async reset(house) {
    const person = await house.person()
    await house.ok('auth-request-reset', { email: person.email })
    return house.mailedToken(person.email, '/reset-password')
  },
  async expired(house) {
    const person: Person = await house.person()
    await house.sql("update credentials set password_changed_at = now() - interval '91 days' where user_id = ?", [person.id])
    return text(
      row((await house.no('password_expired', 'auth-login', { email: person.email, password: person.password })).details)['resetToken'],
    )
  },
  async email(house) {
    const by = await house.enter()
    await house.ok('auth-change-email', { email: `new-${by.email}`, password: by.password }, by)
    return house.mailedToken(`new-${by.email}`, '/confirm-email')
  },
  async invitation(house) {
    const email = `invited-${(await house.person()).email}`
    return text((await house.ok('invitation-create', { email }, house.admin))['token'])
  },
}

interface Place {
  readonly takes: readonly string[]
  /** How it refuses the others. */
  readonly refuses: string
  /** How it refuses an access token, which is longer than its own may be. */
  readonly refusesLong?: string
  readonly use: (house: TestServer, token: string) => Promise<unknown>
}

const public_ = (event: string, payload: (token: string) => Row) =>
  async (house: TestServer, token: string) => house.ask(event, payload(token))

const places: Readonly<Record<string, Place>> = {
  'the HTTP header': { takes: ['access', 'api'], refuses: 'unauthenticated', use: (house, token) => house.ask('auth-me', {}, { token }) },
  'the handshake': {
    takes: ['access', 'api'], refuses: 'unauthenticated',
    use: (house, token) => house.socket({ token }).then(() => ({}), (error: Error) => ({
      error: { code: error.message === 'Unauthorized' ? 'unauthenticated' : error.message, message: 'x', requestId: 'x' },
    })),
  },
  'auth-refresh': {
    takes: ['refresh'], refuses: 'unauthenticated', refusesLong: 'invalid_payload',
    use: public_('auth-refresh', (refreshToken) => ({ refreshToken })),
  },
  'auth-reset': {
    takes: ['reset', 'expired'], refuses: 'unauthenticated', use: public_('auth-reset', (token) => ({ token, password: otherPassword })),
  },
  'auth-confirm-email': {
    takes: ['email'], refuses: 'unauthenticated', refusesLong: 'invalid_payload',
    use: public_('auth-confirm-email', (token) => ({ token })),
  },
  'auth-mfa-verify': {
    takes: [], refuses: 'unauthenticated', refusesLong: 'invalid_payload',
    async use(house, mfaToken) {
      // With a code that is right for somebody who has just proved his password elsewhere.
      const person = await enrol(house, await house.enter())
      await challenge(house, person)
      return house.ask('auth-mfa-verify', { userId: person.id, mfaToken, code: person.recoveryCodes[0] })
    },
  },
  'invitation-accept': {
    takes: ['invitation'], refuses: 'not_found', refusesLong: 'invalid_payload',
    use: public_('invitation-accept', (token) => ({ token, password: otherPassword, firstName: 'A', lastName: 'B' })),
  },
}

onHouse('kinds of tokens', (house) => {
  before(() => house.set('account_password_expire', true))

  for (const [kind, make] of Object.entries(kinds)) {
    for (const [place, { takes, refuses, refusesLong = refuses, use }] of Object.entries(places)) {
      it(`${kind} at ${place}: ${takes.includes(kind) ? 'taken' : 'refused'}`, async () => {
        const reply = row(await use(house, await make(house)))
        if (takes.includes(kind)) {
          if ('error' in reply) throw new Error(JSON.stringify(reply))
        } else refusal(reply, kind === 'access' ? refusesLong : refuses)
      })
    }
  }
})
