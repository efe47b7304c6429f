// docs/protocol.md §4.2: every authentication event that needs a session, by its literal payload.
import { expect } from 'chai'
import { row, rows } from '../kit/replies.ts'
import { otherPassword } from '../kit/test-server.ts'
import { codeNow } from './authenticator.ts'
import { enrolled, freeSteps, texts } from './mfa-support.ts'
import { describeRows, type EventRow } from './rows.ts'

const done = (reply: unknown) => expect(reply).to.deep.equal({ success: true })

const table: readonly EventRow[] = [
  {
    event: 'auth-mfa-setup',
    prepare: async (house) => ({ by: await house.enter(), payload: {} }),
    reply(reply, { by }) {
      expect(reply).to.have.all.keys('secret', 'otpauthUrl', 'qrCode')
      expect(reply['secret']).to.match(/^[A-Z2-7]{32}$/)
      const url = new URL(String(reply['otpauthUrl']))
      expect(url.href).to.match(/^otpauth:\/\/totp\//)
      expect(decodeURIComponent(url.pathname)).to.include(by.email)
      expect(url.searchParams.get('secret')).to.equal(reply['secret'])
      expect(reply['qrCode']).to.match(/^data:image\/png;base64,iVBORw0KGgo/)
    },
  },
  {
    event: 'auth-mfa-enable',
    async prepare(house) {
      const by = await house.enter()
      await house.ok('auth-mfa-setup', {}, by)
      return { by, payload: { type: 'totp' } }
    },
    reply(reply, { by }) {
      expect(reply).to.have.all.keys('id', 'recoveryCodes')
      expect(reply['id']).to.equal(by.id)
      expect(new Set(texts(reply['recoveryCodes']))).to.have.property('size', 10)
      for (const code of texts(reply['recoveryCodes'])) expect(code.replaceAll('-', '')).to.match(/^[A-Z0-9]{20,}$/)
    },
  },
  {
    event: 'auth-mfa-disable',
    prepare: async (house) => ({ by: await enrolled(house), payload: {} }),
    reply: done,
  },
  {
    event: 'auth-mfa-recovery-codes',
    async prepare(house) {
      const by = await enrolled(house)
      await freeSteps(house, by)
      return { by, payload: { code: codeNow(by.secret) } }
    },
    reply: (reply) => expect(texts(reply['recoveryCodes'])).to.have.length(10),
  },
  {
    event: 'auth-me',
    prepare: async (house) => ({ by: await house.enter({ can: ['read-sites'] }), payload: {} }),
    reply(reply, { by }) {
      expect(reply).to.have.all.keys('user', 'permissions', 'session', 'keys')
      expect(reply['user']).to.include({ id: by.id, email: by.email, mfaEnabled: false, mfaType: null })
      expect(reply['permissions']).to.deep.equal([{ permissionKey: 'read-sites', scopeId: null }])
      expect(reply['session']).to.include({ id: by.sessionId, current: true })
    },
  },
  { event: 'auth-logout', prepare: async (house) => ({ by: await house.enter(), payload: {} }), reply: done },
  {
    event: 'auth-sessions-request',
    async prepare(house) {
      const by = await house.enter()
      await house.login(by)
      return { by, payload: {} }
    },
    reply(reply, { by }) {
      expect(reply).to.include({ page: 1, limit: 20, total: 2 })
      const items = rows(reply['items'])
      for (const item of items) expect(item).to.have.all.keys('id', 'ip', 'userAgent', 'createdAt', 'lastSeenAt', 'current')
      expect(items.filter((item) => item['current']).map((item) => item['id'])).to.deep.equal([by.sessionId])
    },
  },
  {
    event: 'auth-session-revoke',
    async prepare(house) {
      const by = await house.enter()
      return { by, payload: { id: (await house.login(by)).sessionId } }
    },
    reply: done,
  },
  {
    event: 'auth-change-password',
    async prepare(house) {
      const by = await house.enter()
      return { by, payload: { currentPassword: by.password, newPassword: otherPassword } }
    },
    reply: done,
  },
  {
    event: 'auth-change-email',
    async prepare(house) {
      const by = await house.enter()
      return { by, payload: { email: `new-${by.email}`, password: by.password } }
    },
    reply: done,
  },
  {
    event: 'auth-token-create',
    prepare: async (house) => ({
      by: await house.enter({ can: ['read-sites'] }),
      payload: { name: 'Backup', permissions: ['read-sites'], expiresAt: '2999-01-01T00:00:00.000Z' },
    }),
    reply(reply) {
      expect(reply).to.have.all.keys('id', 'token')
      expect(reply['token']).to.match(/^sov_[\w-]{43}$/)
    },
  },
  {
    event: 'auth-token-list-request',
    async prepare(house) {
      const by = await house.enter()
      await house.ok('auth-token-create', { name: 'Backup' }, by)
      return { by, payload: {} }
    },
    reply(reply) {
      expect(reply).to.include({ page: 1, limit: 20, total: 1 })
      const [item] = rows(reply['items'])
      expect(row(item)).to.have.all.keys('id', 'name', 'permissions', 'createdAt', 'expiresAt')
    },
  },
  {
    event: 'auth-token-revoke',
    async prepare(house) {
      const by = await house.enter()
      return { by, payload: { id: (await house.ok('auth-token-create', { name: 'Backup' }, by))['id'] } }
    },
    reply: (reply, { payload }) => expect(reply).to.deep.equal({ id: payload['id'] }),
  },
]

describeRows('events of a session', table)
