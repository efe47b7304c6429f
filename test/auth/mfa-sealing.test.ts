// Secrets at rest: encrypted, bound to their user, useless in a dump, and readable across a change of the key.
import { randomBytes } from 'node:crypto'
import { expect } from 'chai'
import { text } from '../kit/replies.ts'
import { codeNow } from './authenticator.ts'
import { challenge, enrolled, freeSteps, loginWithCode, type Enrolled } from './mfa-support.ts'
import { onHouse } from './on-house.ts'

onHouse('secrets at rest', (house) => {
  const attempt = async (person: Enrolled, code: string): Promise<string> => {
    await freeSteps(house, person)
    const { userId, mfaToken } = await challenge(house, person)
    return JSON.stringify(await house.ask('auth-mfa-verify', { userId, mfaToken, code }))
  }

  it('no form of the secret is in the database', async () => {
    const person = await enrolled(house)
    await house.ok('auth-mfa-setup', {}, person)
    const rows = JSON.stringify(await house.sql('select * from mfa_factors'))
    expect(rows).to.not.include(person.secret).and.not.include(Buffer.from(person.secret).toString('base64url')).and.not.include(
      Buffer.from(person.secret).toString('hex'),
    )
  })

  it('the row of another in its place opens nothing: neither with his code nor with the own one', async () => {
    const [victim, thief] = [await enrolled(house), await enrolled(house)]
    const secretOf = async (person: Enrolled) =>
      text((await house.sql('select secret from mfa_factors where user_id = ?', [person.id]))[0]?.['secret'])
    const [own, stolen] = [await secretOf(victim), await secretOf(thief)]
    await house.sql('update mfa_factors set secret = ? where user_id = ?', [stolen, victim.id])
    for (const code of [codeNow(thief.secret), codeNow(victim.secret)]) expect(await attempt(victim, code)).to.not.include('accessToken')
    await house.sql('update mfa_factors set secret = ? where user_id = ?', [own, victim.id])
    expect(await attempt(victim, codeNow(victim.secret))).to.include('accessToken')
  })

  it('an empty, missing or broken one opens nothing', async () => {
    const person = await enrolled(house)
    for (const secret of ["''", 'null', "'AAAA'", `'${Buffer.alloc(60).toString('base64url')}'`]) {
      await house.sql(`update mfa_factors set secret = ${secret} where user_id = ?`, [person.id])
      for (const code of ['', '000000', codeNow(person.secret), codeNow('A'.repeat(32))])
        expect(await attempt(person, code)).to.not.include('accessToken')
    }
  })

  it('a new MFA_ENCRYPTION_KEY before the old one opens the old secrets; without the old one they are closed', async () => {
    const person = await enrolled(house)
    const old = house.environment['MFA_ENCRYPTION_KEY'] ?? ''
    const fresh = randomBytes(48).toString('base64url')
    await house.restart({ MFA_ENCRYPTION_KEY: `${fresh},${old}` })
    await house.renew()
    await loginWithCode(house, person)
    await house.restart({ MFA_ENCRYPTION_KEY: fresh })
    await house.renew()
    expect(await attempt(person, codeNow(person.secret))).to.not.include('accessToken')
    expect(await attempt(person, person.recoveryCodes[0] ?? '')).to.include('accessToken')
  })
})
