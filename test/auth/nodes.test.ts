// Two server processes on one PostgreSQL: what ends on one ends on the other, and tokens of either are good at both.
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { startProcess, type Running } from '../docs/processes.ts'
import { refusal, success, text } from '../kit/replies.ts'
import { otherPassword, until, type Session } from '../kit/test-server.ts'
import { challenge, enrolled, freeSteps } from './mfa-support.ts'
import { codeNow } from './authenticator.ts'
import { onPostgres } from './on-house.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

onPostgres('two processes', (house) => {
  let other: Running
  before(async function () {
    this.timeout(120_000)
    other = await startProcess(root, house.environment)
  })
  after(async function () {
    this.timeout(60_000)
    await other.stop()
  })

  const there = (event: string, payload = {}, by?: { readonly token: string }) => house.ask(event, payload, by, other.url)

  const endings: Readonly<Record<string, (by: Session, second: Session) => Promise<unknown>>> = {
    'revocation of the session': (by, second) => house.ok('auth-session-revoke', { id: second.sessionId }, by),
    'a change of the password': (by) => house.ok('auth-change-password', { currentPassword: by.password, newPassword: otherPassword }, by),
    'suspension': (by) => house.ok('user-update', { id: by.id, status: 'suspended' }, house.admin),
    'deletion': (by) => house.ok('user-delete', { id: by.id }, house.admin),
    'enabling of a second factor': async (by) => {
      await house.ok('auth-mfa-setup', {}, by)
      await house.ok('auth-mfa-enable', { type: 'totp' }, by)
    },
    'reuse of a refresh token': async (_by, second) => {
      await house.ok('auth-refresh', { refreshToken: second.refreshToken })
      await house.endGrace(second)
      await house.no('unauthenticated', 'auth-refresh', { refreshToken: second.refreshToken })
    },
    'a row changed by SQL': (_by, second) => house.sql("update sessions set ended_at = now(), ended_by = 'revoked' where id = ?", [second.sessionId]),
  }

  for (const [what, end] of Object.entries(endings)) {
    it(`${what} on one closes the socket on the other, and its requests are refused there`, async () => {
      const by = await house.enter()
      const second = await house.login(by)
      const socket = await house.socket(second, other.url)
      success(await there('auth-me', {}, second))
      await end(by, second)
      await socket.hear('session-expired')
      expect(await socket.ended()).to.equal('io server disconnect')
      await until('the other process refuses', async () => JSON.stringify(await there('auth-me', {}, second)).includes('unauthenticated'))
      refusal(await there('auth-logout', {}, second), 'unauthenticated')
    })
  }

  it('an API token that is revoked on one is refused on the other, and its socket there ends', async () => {
    const by = await house.enter()
    const { id, token } = await house.ok('auth-token-create', { name: 'x' }, by)
    const socket = await house.socket({ token: text(token) }, other.url)
    await house.ok('auth-token-revoke', { id }, by)
    await socket.hear('session-expired')
    await until('the other process refuses', async () =>
      JSON.stringify(await there('auth-me', {}, { token: text(token) })).includes('unauthenticated'))
  })

  it('access and refresh tokens, proofs and resets of one are good at the other', async () => {
    const by = await house.enter()
    success(await there('auth-me', {}, by))
    success(await there('auth-refresh', { refreshToken: by.refreshToken }))
    const person = await enrolled(house)
    await freeSteps(house, person)
    const { userId, mfaToken } = await challenge(house, person)
    success(await there('auth-mfa-verify', { userId, mfaToken, code: codeNow(person.secret) }))
    success(await there('auth-request-reset', { email: by.email }))
    await until('the mail has come', async () => (await house.mailsTo(by.email)).length > 0)
    success(await there('auth-reset', { token: await house.mailedToken(by.email, '/reset-password'), password: otherPassword }))
    await house.login({ ...by, password: otherPassword })
  })

  it('failures at either count for the one lock', async () => {
    const person = await house.person()
    for (let time = 0; time < 3; time += 1)
      await house.no('unauthenticated', 'auth-login', { email: person.email, password: otherPassword })
    for (let time = 0; time < 2; time += 1)
      refusal(await there('auth-login', { email: person.email, password: otherPassword }), 'unauthenticated')
    for (const url of [house.url, other.url])
      refusal(await house.ask('auth-login', { email: person.email, password: person.password }, undefined, url), 'unauthenticated')
  })

  it('a socket refreshed on one process lives on there', async () => {
    const by = await house.enter()
    const socket = await house.socket(by, other.url)
    await socket.ok('auth-refresh', { refreshToken: by.refreshToken })
    await socket.ok('auth-me')
  })
})
