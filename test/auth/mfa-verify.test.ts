// auth-mfa-verify: only behind the password proof of the same flow, each code once, so many tries and no more.
import { expect } from 'chai'
import { row, text, type Row } from '../kit/replies.ts'
import { otherPassword } from '../kit/test-server.ts'
import { codeNow } from './authenticator.ts'
import { challenge, enrolled, freeSteps, loginWithCode, type Enrolled } from './mfa-support.ts'
import { onHouse } from './on-house.ts'

onHouse('verification of a second factor', (house) => {
  /** What goes with a code: a fresh proof of the password. */
  const proof = async (person: Enrolled): Promise<Row> => {
    const { userId, mfaToken } = await challenge(house, person)
    return { userId, mfaToken }
  }
  const passes = async (payload: Row) => house.ok('auth-mfa-verify', payload)
  const fails = async (payload: Row) => house.no('unauthenticated', 'auth-mfa-verify', payload)
  const ready = async (): Promise<Enrolled> => {
    const person = await enrolled(house)
    await freeSteps(house, person)
    return person
  }

  it('the demand holds no token but its own', async () => {
    const person = await ready()
    const reply = await challenge(house, person)
    expect(reply).to.have.all.keys('mfaRequired', 'userId', 'mfaType', 'mfaToken')
    expect(reply).to.include({ mfaRequired: true, userId: person.id, mfaType: 'totp' })
    await house.no('unauthenticated', 'auth-login', { email: person.email, password: otherPassword })
  })

  it('literally { userId, code } on the connection that proved the password, on / and on /auth', async () => {
    const person = await ready()
    for (const socket of [await house.lobby(), await house.socket(house.admin)]) {
      await freeSteps(house, person)
      await socket.no('auth-mfa-verify', { userId: person.id, code: codeNow(person.secret) }, 'unauthenticated')
      await socket.ok('auth-login', { email: person.email, password: person.password })
      const reply = await socket.ok('auth-mfa-verify', { userId: person.id, code: codeNow(person.secret) })
      await house.ok('auth-me', {}, { token: text(reply['accessToken']) })
      await freeSteps(house, person)
      await socket.no('auth-mfa-verify', { userId: person.id, code: codeNow(person.secret) }, 'unauthenticated')
    }
  })

  it("no proof, another connection's, another user's, a made-up one: the same refusal", async () => {
    const [person, other] = [await ready(), await ready()]
    const [proved, stranger] = [await house.lobby(), await house.lobby()]
    await proved.ok('auth-login', { email: person.email, password: person.password })
    const code = codeNow(person.secret)
    const theirs = await proof(other)
    await stranger.no('auth-mfa-verify', { userId: person.id, code }, 'unauthenticated')
    const errors = [
      await fails({ userId: person.id, code }),
      await fails({ userId: person.id, code, mfaToken: theirs['mfaToken'] }),
      await fails({ userId: other.id, code: codeNow(other.secret), mfaToken: (await proof(person))['mfaToken'] }),
      await fails({ userId: person.id, code, mfaToken: 'A'.repeat(43) }),
      await fails({ userId: person.id, code: '000000', mfaToken: (await proof(person))['mfaToken'] }),
      await fails({ userId: 'nobody', code, mfaToken: 'A'.repeat(43) }),
    ]
    expect(new Set(errors.map(({ message, details }) => JSON.stringify([message, details])))).to.have.property('size', 1)
    await proved.ok('auth-mfa-verify', { userId: person.id, code })
  })

  it('a proof is good for 5 minutes and one log-in', async () => {
    const person = await ready()
    const late = await proof(person)
    await house.sql("update mfa_challenges set expires_at = expires_at - interval '5 minutes' where user_id = ?", [person.id])
    await fails({ ...late, code: codeNow(person.secret) })
    const used = await proof(person)
    await passes({ ...used, code: codeNow(person.secret) })
    await fails({ ...used, code: person.recoveryCodes[0] })
    await passes({ ...await proof(person), code: person.recoveryCodes[0] })
  })

  it('a proof dies with the password that it proved, with the account and with the factor', async () => {
    const [changed, suspended, removed] = [await ready(), await ready(), await ready()]
    const proofs = [await proof(changed), await proof(suspended), await proof(removed)]
    await house.ok('user-update', { id: changed.id, password: otherPassword }, house.admin)
    await house.ok('user-update', { id: suspended.id, status: 'suspended' }, house.admin)
    await house.ok('auth-mfa-reset', { id: removed.id }, house.admin)
    for (const [index, person] of [changed, suspended, removed].entries()) await fails({ ...proofs[index], code: codeNow(person.secret) })
  })

  it('each step once: not the same again, not one before it; one before and after the present one do', async () => {
    const person = await ready()
    await passes({ ...await proof(person), code: codeNow(person.secret, -1) })
    const code = codeNow(person.secret)
    await passes({ ...await proof(person), code })
    await fails({ ...await proof(person), code })
    await fails({ ...await proof(person), code: codeNow(person.secret, -1) })
    await passes({ ...await proof(person), code: codeNow(person.secret, 1) })
    await fails({ ...await proof(person), code })
  })

  it('two steps off is too far', async () => {
    const person = await ready()
    for (const off of [-3, -2, 3]) await fails({ ...await proof(person), code: codeNow(person.secret, off) })
  })

  it('a code is text', async () => {
    const person = await ready()
    const payload = await proof(person)
    for (const code of [123456, ['123456'], { eq: '123456' }, null, true, '', '9'.repeat(65)])
      await house.no('invalid_payload', 'auth-mfa-verify', { ...payload, code })
    const code = codeNow(person.secret)
    for (const near of [`${code}.0`, `${code}0`, `+${code}`]) await fails({ ...payload, code: near })
  })

  it('5 tries a challenge: the sixth is refused though right', async () => {
    const person = await ready()
    const payload = await proof(person)
    for (let time = 0; time < 5; time += 1) await fails({ ...payload, code: `00000${time}` })
    await fails({ ...payload, code: codeNow(person.secret) })
    await passes({ ...await proof(person), code: codeNow(person.secret) })
  })

  it('10 an account over all challenges and kinds of codes: then account_locked until a time it tells', async () => {
    const person = await ready()
    for (let time = 0; time < 5; time += 1) await fails({ ...await proof(person), code: `00000${time}` })
    for (let time = 0; time < 3; time += 1) await fails({ ...await proof(person), code: `AAAAAA-AAAAAA-AAAAAA-AAAAA${time}` })
    for (let time = 0; time < 2; time += 1) await house.no('unauthenticated', 'auth-mfa-disable', { code: '000000' }, person)
    for (const code of [codeNow(person.secret), person.recoveryCodes[0]]) {
      const { details } = await house.no('account_locked', 'auth-mfa-verify', { ...await proof(person), code })
      expect(Object.keys(row(details))).to.deep.equal(['lockedUntil'])
      expect(Date.parse(text(row(details)['lockedUntil']))).to.be.within(Date.now() + 14 * 60_000, Date.now() + 15 * 60_000 + 5000)
    }
    await house.no('account_locked', 'auth-mfa-recovery-codes', { code: codeNow(person.secret) }, person)
    await house.sql("update mfa_factors set locked_until = now() - interval '1 second' where user_id = ?", [person.id])
    await passes({ ...await proof(person), code: codeNow(person.secret) })
  })

  it('who has no proof cannot lock an account, nor learn that it is', async () => {
    const person = await ready()
    for (let time = 0; time < 15; time += 1) await fails({ userId: person.id, mfaToken: 'A'.repeat(43), code: '000000' })
    await passes({ ...await proof(person), code: codeNow(person.secret) })
  })

  it('a right code takes the failures back', async () => {
    const person = await ready()
    for (let turn = 0; turn < 3; turn += 1) {
      for (let time = 0; time < 4; time += 1) await fails({ ...await proof(person), code: '000000' })
      await loginWithCode(house, person)
    }
  })

  it('the refresh token of such a session works without another code, and no log-in without one', async () => {
    const session = await loginWithCode(house, await ready())
    await house.ok('auth-refresh', { refreshToken: session.refreshToken })
    expect(await challenge(house, session)).to.not.have.any.keys('accessToken', 'refreshToken')
  })
})
