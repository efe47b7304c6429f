// What is committed and then refused, as the end of a stolen session: one entry, the refusal's; heard at once;
// nothing kept under its requestId.
import { expect } from 'chai'
import { codeNow } from './authenticator.ts'
import { unique, type TestServer, type Person } from '../kit/test-server.ts'
import { challenge, enrolled, freeSteps } from './mfa-support.ts'
import { onEachHouse } from './on-house.ts'

const entriesOf = async (house: TestServer, action: string, { id }: Pick<Person, 'id'>) =>
  house.sql("select level, details from audit_entries where action = ? and target_id = ? and at > now() - interval '1 minute' and details ->> 'error' is not null", [action, id])

onEachHouse('refused once it was committed', (house) => {
  it('a spent refresh token: one entry', async () => {
    const by = await house.enter()
    await house.ok('auth-refresh', { refreshToken: by.refreshToken })
    await house.endGrace(by)
    const count = async () => (await house.sql("select 1 from audit_entries where action = 'auth-refresh'")).length
    const before = await count()
    await house.no('unauthenticated', 'auth-refresh', { refreshToken: by.refreshToken })
    expect(await count()).to.equal(before + 1)
    expect(await entriesOf(house, 'auth-refresh', by)).to.deep.equal([
      { level: 'warning', details: { error: 'unauthenticated', reason: 'reuse' } },
    ])
  })

  it('an expired password after the second factor: one entry, and the code is spent', async () => {
    const person = await enrolled(house)
    await freeSteps(house, person)
    await house.set('account_password_expire', true)
    await house.sql("update credentials set password_changed_at = now() - interval '91 days' where user_id = ?", [person.id])
    const { userId, mfaToken } = await challenge(house, person)
    const count = async () => (await house.sql("select 1 from audit_entries where action = 'auth-mfa-verify'")).length
    const before = await count()
    const code = codeNow(person.secret)
    await house.no('password_expired', 'auth-mfa-verify', { userId, mfaToken, code })
    await house.unset('account_password_expire')
    expect(await count()).to.equal(before + 1)
    expect(await entriesOf(house, 'auth-mfa-verify', person)).to.deep.equal([{ level: 'warning', details: { error: 'password_expired' } }])
    const again = await challenge(house, person)
    await house.no('unauthenticated', 'auth-mfa-verify', { userId, mfaToken: again['mfaToken'], code })
  })

  it('is no success that a requestId would keep', async () => {
    const by = await house.enter()
    await house.ok('auth-refresh', { refreshToken: by.refreshToken })
    await house.endGrace(by)
    const socket = await house.socket(await house.enter())
    const payload = { refreshToken: by.refreshToken, requestId: unique('request') }
    for (let time = 0; time < 2; time += 1) await socket.no('auth-refresh', payload, 'unauthenticated')
    expect(await house.sql('select 1 from requests where request_id = ?', [payload.requestId])).to.deep.equal([])
  })
})
