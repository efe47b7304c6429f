// Fifty parallel uses of each thing that is for one use: one success, on two servers of one database.
import { expect } from 'chai'
import { isRow, row, served, text, type Row } from '../kit/replies.ts'
import type { TestServer } from '../kit/test-server.ts'
import { codeNow } from './authenticator.ts'
import { challenge, enrolled, freeSteps, texts, type Enrolled } from './mfa-support.ts'
import { parallel } from '../kit/wait.ts'
import { onPostgres } from './on-house.ts'

const times = 50

/** What is used, and how each of the uses is sent. */
type Prepare = (house: TestServer) => Promise<(index: number) => Promise<readonly [event: string, payload: Row]>>

const ready = async (house: TestServer): Promise<Enrolled> => {
  const person = await enrolled(house)
  await freeSteps(house, person)
  return person
}
/** Each is a log-in: of fifty at once some could be refused by a server on a slow machine. */
const proofs = async (house: TestServer, person: Enrolled): Promise<Row[]> => {
  const found: Row[] = []
  while (found.length < times) found.push(...await parallel(5, async () => {
    const { userId, mfaToken } = await challenge(house, person)
    return { userId, mfaToken }
  }))
  return found
}

const things: Readonly<Record<string, Prepare>> = {
  async 'a reset token'(house) {
    const person = await house.person()
    await house.ok('auth-request-reset', { email: person.email })
    const token = await house.mailedToken(person.email, '/reset-password')
    return async (index) => ['auth-reset', { token, password: `Brisk-Meadow-${index}-Teapot` }]
  },
  async 'a reset token of an expired password'(house) {
    const person = await house.person()
    await house.sql("update credentials set password_changed_at = now() - interval '91 days' where user_id = ?", [person.id])
    const { details } = await house.no('password_expired', 'auth-login', { email: person.email, password: person.password })
    return async (index) => ['auth-reset', { token: row(details)['resetToken'], password: `Brisk-Meadow-${index}-Teapot` }]
  },
  async 'a recovery code, with a challenge each'(house) {
    const person = await ready(house)
    const each = await proofs(house, person)
    return async (index) => ['auth-mfa-verify', { ...each[index], code: person.recoveryCodes[0] }]
  },
  async 'a TOTP step, with a challenge each'(house) {
    const person = await ready(house)
    const each = await proofs(house, person)
    const code = codeNow(person.secret)
    return async (index) => ['auth-mfa-verify', { ...each[index], code }]
  },
  async 'a challenge, with a recovery code each'(house) {
    const person = await ready(house)
    const { userId, mfaToken } = await challenge(house, person)
    return async (index) => ['auth-mfa-verify', { userId, mfaToken, code: person.recoveryCodes[index % 10] }]
  },
  async 'a mailed code'(house) {
    const by = await house.enter()
    await house.ok('auth-mfa-setup', { type: 'email' }, by)
    await house.ok('auth-mfa-enable', { type: 'email', code: await house.mailedCode(by.email) }, by)
    const { userId, mfaToken } = await challenge(house, by)
    const code = await house.mailedCode(by.email)
    return async () => ['auth-mfa-verify', { userId, mfaToken, code }]
  },
  async 'a confirmation of an address'(house) {
    const by = await house.enter()
    await house.ok('auth-change-email', { email: `new-${by.email}`, password: by.password }, by)
    const token = await house.mailedToken(`new-${by.email}`, '/confirm-email')
    return async () => ['auth-confirm-email', { token }]
  },
}

onPostgres('single use', (house) => {
  before(async () => {
    await house.start()
    await house.set('account_password_expire', true)
  })
  const url = (index: number): string => house.servers[index % house.servers.length]?.url ?? ''
  const answered = (index: number, [event, payload]: readonly [string, Row]): Promise<unknown> =>
    served(() => house.ask(event, payload, undefined, url(index)))
  const codeOf = (reply: unknown): unknown => ('error' in row(reply) ? row(row(reply)['error'])['code'] : 'success')
  const succeeded = (replies: readonly unknown[]): Row[] => replies.filter(isRow).filter((reply) => !('error' in reply))

  for (const [what, prepare] of Object.entries(things)) {
    it(`${what}: one success of ${times}`, async function () {
      this.timeout(60_000)
      const use = await prepare(house)
      const requests = await parallel(times, use)
      const replies = await parallel(times, (index) => answered(index, requests[index] ?? ['', {}]))
      expect(succeeded(replies)).to.have.length(1)
      const codes = new Set(replies.map(codeOf))
      expect([...codes].filter((code) => !['success', 'unauthenticated', 'account_locked'].includes(String(code)))).to.deep.equal([])
    })
  }

  it('only the password of the one that succeeded works', async function () {
    this.timeout(60_000)
    const person = await house.person()
    await house.ok('auth-request-reset', { email: person.email })
    const token = await house.mailedToken(person.email, '/reset-password')
    const replies = await parallel(10, (index) =>
      answered(index, ['auth-reset', { token, password: `Brisk-Meadow-${index}-Teapot` }]))
    const winner = replies.findIndex((reply) => !('error' in row(reply)))
    await house.set('account_lock_fail_threshold', 100)
    const works = await parallel(10, async (index) =>
      !('error' in row(await answered(0, ['auth-login', { email: person.email, password: `Brisk-Meadow-${index}-Teapot` }]))))
    expect(works.map((each, index) => (each ? index : -1)).filter((index) => index >= 0)).to.deep.equal([winner])
  })

  it('a refresh token: 50 racing tabs get one and the same successor, and the session goes on', async function () {
    this.timeout(60_000)
    const session = await house.enter()
    const replies = await parallel(times, (index) =>
      house.ask('auth-refresh', { refreshToken: session.refreshToken }, undefined, url(index)))
    const good = succeeded(replies)
    expect(good, JSON.stringify(replies.find((reply) => !good.includes(row(reply))))).to.have.length(times)
    const successors = new Set(good.map((reply) => reply['refreshToken']))
    expect(successors).to.have.property('size', 1)
    expect(await house.sql('select 1 from spent_refresh_tokens where session_id = ?', [session.sessionId])).to.have.length(1)
    for (const reply of good.slice(0, 3)) await house.ok('auth-me', {}, { token: text(reply['accessToken']) })
    await house.ok('auth-refresh', { refreshToken: [...successors][0] })
  })

  it('a spent refresh token: 50 thieves get nothing, and the session has ended once', async function () {
    this.timeout(60_000)
    const session = await house.enter()
    await house.ok('auth-refresh', { refreshToken: session.refreshToken })
    await house.endGrace(session)
    const replies = await parallel(times, (index) =>
      house.ask('auth-refresh', { refreshToken: session.refreshToken }, undefined, url(index)))
    expect(succeeded(replies)).to.deep.equal([])
    expect(await house.sql('select ended_by from sessions where id = ?', [session.sessionId])).to.deep.equal([{ ended_by: 'reuse' }])
  })

  it('enabling a set-up: one success, and the ten codes of that one', async function () {
    this.timeout(60_000)
    const by = await house.enter()
    await house.ok('auth-mfa-setup', {}, by)
    const replies = await parallel(20, (index) => house.ask('auth-mfa-enable', { type: 'totp' }, by, url(index)))
    const [enabled, ...others] = succeeded(replies)
    expect(others).to.deep.equal([])
    expect(await house.sql('select 1 from mfa_recovery_codes where user_id = ?', [by.id])).to.have.length(
      texts(enabled?.['recoveryCodes']).length,
    )
  })

  it('a log-in that races with the enabling of a factor leaves no session without it', async function () {
    this.timeout(60_000)
    for (let round = 0; round < 10; round += 1) {
      const by = await house.enter()
      await house.ok('auth-mfa-setup', {}, by)
      await Promise.all([
        house.ok('auth-mfa-enable', { type: 'totp' }, by),
        ...Array.from({ length: 8 }, (_, index) => house.ask(
          'auth-login', { email: by.email, password: by.password }, undefined, url(index),
        )),
      ])
      const open = await house.sql('select 1 from sessions where user_id = ? and ended_at is null and id <> ?', [by.id, by.sessionId])
      expect(open).to.have.length(0)
    }
  })

  it('the check catches a token that is looked at first and spent after', async () => {
    await house.sql('create table naive (id int primary key, used boolean not null default false)')
    await house.sql('insert into naive values (1, false)')
    const won = await parallel(4, async () => {
      const [found] = await house.sql('select used, pg_sleep(0.05)::text from naive where id = 1')
      if (found?.['used'] !== false) return false
      await house.sql('update naive set used = true where id = 1')
      return true
    })
    expect(won.filter(Boolean).length).to.be.greaterThan(1)
  })
})
