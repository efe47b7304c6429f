// docs/protocol.md §4.1: every public event by its literal payload, on `/`, on `/auth` and over HTTP.
import { expect } from 'chai'
import { row } from '../kit/replies.ts'
import { claimsOf, otherPassword } from '../kit/test-server.ts'
import { codeNow } from './authenticator.ts'
import { challenge, enrolled, freeSteps } from './mfa-support.ts'
import { describeRows, type EventRow } from './rows.ts'

const tokens = ['accessToken', 'refreshToken', 'expiresIn']

const table: readonly EventRow[] = [
  {
    event: 'auth-login', isPublic: true,
    async prepare(house) {
      const by = await house.enter()
      return { by, payload: { email: by.email, password: by.password } }
    },
    reply(reply, { by }) {
      expect(reply).to.have.all.keys(...tokens, 'user', 'passwordWillExpireSoon')
      expect(reply).to.include({ expiresIn: 900, passwordWillExpireSoon: false })
      expect(reply['user']).to.include({ id: by.id, email: by.email, mfaEnabled: false })
      expect(JSON.stringify(reply['user'])).to.not.match(/password"|hash|secret/i)
      expect(claimsOf(String(reply['accessToken']))).to.include({ sub: by.id, typ: 'access', iss: 'sovrane', aud: 'sovrane' })
    },
  },
  {
    event: 'auth-mfa-verify', isPublic: true,
    async prepare(house) {
      const by = await enrolled(house)
      await freeSteps(house, by)
      const { userId, mfaToken } = await challenge(house, by)
      return { by, payload: { userId, code: codeNow(by.secret), mfaToken } }
    },
    reply(reply, { by }) {
      expect(reply).to.have.all.keys(...tokens, 'user', 'passwordWillExpireSoon')
      expect(row(reply['user'])).to.include({ id: by.id, mfaEnabled: true, mfaType: 'totp' })
    },
  },
  {
    event: 'auth-request-reset', isPublic: true,
    async prepare(house) {
      const by = await house.enter()
      return { by, payload: { email: by.email } }
    },
    reply: (reply) => expect(reply).to.deep.equal({ success: true }),
  },
  {
    event: 'auth-reset', isPublic: true,
    async prepare(house) {
      const by = await house.enter()
      await house.ok('auth-request-reset', { email: by.email })
      // The socket on `/` is somebody else's: this user's are closed.
      return { by: await house.enter(), payload: { token: await house.mailedToken(by.email, '/reset-password'), password: otherPassword } }
    },
    reply: (reply) => expect(reply).to.deep.equal({ success: true }),
  },
  {
    event: 'auth-refresh', isPublic: true,
    async prepare(house) {
      const by = await house.enter()
      return { by, payload: { refreshToken: by.refreshToken } }
    },
    reply(reply, { by }) {
      expect(reply).to.have.all.keys(...tokens)
      expect(reply['refreshToken']).to.not.equal(by.refreshToken)
      expect(claimsOf(String(reply['accessToken']))).to.include({ sub: by.id, sid: by.sessionId })
    },
  },
  {
    event: 'auth-confirm-email', isPublic: true,
    async prepare(house) {
      const by = await house.enter()
      const email = `new-${by.email}`
      await house.ok('auth-change-email', { email, password: by.password }, by)
      return { by, payload: { token: await house.mailedToken(email, '/confirm-email') } }
    },
    reply: (reply) => expect(reply).to.deep.equal({ success: true }),
  },
  {
    event: 'auth-password-policy', isPublic: true,
    prepare: async (house) => ({ by: await house.enter(), payload: {} }),
    reply: (reply) => expect(reply).to.include({ minLength: 8, maxLength: 64 }),
  },
]

describeRows('public events', table)
