// Passwords that expire, and hashes that get stronger at the log-in.
import { expect } from 'chai'
import { row, text } from '../kit/replies.ts'
import { otherPassword, type Person } from '../kit/test-server.ts'
import { codeNow } from './authenticator.ts'
import { challenge, enrolled, freeSteps, loginWithCode } from './mfa-support.ts'
import { onHouse } from './on-house.ts'

onHouse('expiring passwords', (house) => {
  const age = (person: Person, days: number) =>
    house.sql(`update credentials set password_changed_at = now() - interval '${days} days' where user_id = ?`, [person.id])
  const login = ({ email, password }: Person) => ({ email, password })

  before(() => house.set('account_password_expire', true))

  it('near the end a log-in says so', async () => {
    const person = await house.person()
    for (const [days, soon] of [[0, false], [82, false], [84, true], [89, true]] as const) {
      await age(person, days)
      expect((await house.ok('auth-login', login(person)))['passwordWillExpireSoon'], `${days} days`).to.equal(soon)
    }
  })

  it('after it the right password gets password_expired with a token that resets, once', async () => {
    const person = await house.person()
    await age(person, 91)
    const error = await house.no('password_expired', 'auth-login', login(person))
    expect(Object.keys(row(error.details))).to.deep.equal(['resetToken'])
    const token = text(row(error.details)['resetToken'])
    await house.no('unauthenticated', 'auth-login', { ...login(person), password: otherPassword })
    await house.no('invalid_payload', 'auth-reset', { token, password: person.password })
    expect(await house.ok('auth-reset', { token, password: otherPassword })).to.deep.equal({ success: true })
    await house.no('unauthenticated', 'auth-reset', { token, password: 'Third-Harbour-19-Copper' })
    await house.login({ ...person, password: otherPassword })
    await house.no('unauthenticated', 'auth-login', login(person))
  })

  it('a token of an expired password dies with that password, and is bound to its account', async () => {
    const [person, other] = [await house.person(), await house.person()]
    await age(person, 91)
    const token = text(row((await house.no('password_expired', 'auth-login', login(person))).details)['resetToken'])
    const [prefix, body = '', signature = ''] = token.split('.')
    const forged = Buffer.from(Buffer.from(body, 'base64url').toString('utf8').replace(person.id, other.id)).toString('base64url')
    const later = Buffer.from(`${person.id} 99999999999`).toString('base64url')
    for (const bad of [
      `${prefix}.${forged}.${signature}`, `${prefix}.${later}.${signature}`, `${prefix}.${body}.`, `${prefix}.${body}`, `${token}.x`,
    ]) {
      await house.no('unauthenticated', 'auth-reset', { token: bad, password: otherPassword })
    }
    await house.ok('user-update', { id: person.id, password: 'Third-Harbour-19-Copper' }, house.admin)
    await house.no('unauthenticated', 'auth-reset', { token, password: otherPassword })
  })

  it('with a second factor it comes after the code, which is spent by it', async () => {
    const person = await enrolled(house)
    await age(person, 91)
    await freeSteps(house, person)
    const { userId, mfaToken } = await challenge(house, person)
    const code = codeNow(person.secret)
    const error = await house.no('password_expired', 'auth-mfa-verify', { userId, mfaToken, code })
    await house.no('unauthenticated', 'auth-mfa-verify', { userId, mfaToken, code })
    await house.no('unauthenticated', 'auth-mfa-verify', { userId, mfaToken: (await challenge(house, person))['mfaToken'], code })
    const recovery = person.recoveryCodes[0]
    await house.no('password_expired', 'auth-mfa-verify', {
      userId, mfaToken: (await challenge(house, person))['mfaToken'], code: recovery,
    })
    await house.no('unauthenticated', 'auth-mfa-verify', { userId, mfaToken: (await challenge(house, person))['mfaToken'], code: recovery })
    await house.ok('auth-reset', { token: row(error.details)['resetToken'], password: otherPassword })
    await loginWithCode(house, { ...person, password: otherPassword })
  })
})

onHouse('stronger hashes', (house) => {
  const stored = async (person: Person): Promise<string> =>
    text((await house.sql('select password_hash from credentials where user_id = ?', [person.id]))[0]?.['password_hash'])

  it('a log-in after BCRYPT_COST was raised stores a stronger hash, and nothing else changes', async () => {
    const person = await house.person()
    const former = await stored(person)
    expect(former).to.match(/^\$2b\$04\$/)
    await house.restart({ BCRYPT_COST: '5' })
    await house.renew()
    const before = await house.ok('user-get', { id: person.id }, house.admin)
    await house.no('unauthenticated', 'auth-login', { email: person.email, password: otherPassword })
    expect(await stored(person)).to.equal(former)
    await house.login(person)
    const stronger = await stored(person)
    expect(stronger).to.match(/^\$2b\$05\$/)
    await house.login(person)
    expect(await stored(person)).to.equal(stronger)
    const after = await house.ok('user-get', { id: person.id }, house.admin)
    const [{ lastLoginAt: _first, ...unchanged }, { lastLoginAt: _last, ...now }] = [before, after]
    expect(now).to.deep.equal(unchanged)
    expect(await house.sql('select 1 from password_history where user_id = ?', [person.id])).to.have.length(0)
  })

  it('a lowered cost weakens nothing', async () => {
    const person = await house.person()
    await house.restart({ BCRYPT_COST: '4' })
    await house.renew()
    await house.login(person)
    expect(await stored(person)).to.match(/^\$2b\$05\$/)
  })
})
