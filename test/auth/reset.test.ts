// auth-request-reset and auth-reset: mails that a real mail server caught, their links followed, and what a token is good for.
import { expect } from 'chai'
import { send } from '../kit/http.ts'
import { success } from '../kit/replies.ts'
import { otherPassword, unique, type Person } from '../kit/test-server.ts'
import { challenge, enrolled, loginWithCode } from './mfa-support.ts'
import { onHouse } from './on-house.ts'

onHouse('reset', (house) => {
  const ask = ({ email }: { readonly email: string }) => house.ok('auth-request-reset', { email })
  const mailed = (person: Person) => house.mailedToken(person.email, '/reset-password')
  /** Lets the minute between two mails pass. */
  const wait = (person: Person) =>
    house.sql("update password_resets set mailed_at = now() - interval '61 seconds' where user_id = ?", [person.id])

  it('the link in the mail sets a new password, once', async () => {
    const person = await house.person({ locale: 'fr' })
    await ask({ email: person.email.toUpperCase() })
    expect((await house.mailsTo(person.email)).at(-1)).to.match(/30 minutes/)
    const token = await mailed(person)
    expect(await house.ok('auth-reset', { token, password: otherPassword })).to.deep.equal({ success: true })
    await house.no('unauthenticated', 'auth-login', { email: person.email, password: person.password })
    await house.login({ ...person, password: otherPassword })
    await house.no('unauthenticated', 'auth-reset', { token, password: 'Third-Harbour-19-Copper' })
    await house.login({ ...person, password: otherPassword })
  })

  it('known, unknown, suspended: one answer; a mail to the known one alone', async () => {
    const [known, suspended] = [await house.person(), await house.person({ status: 'suspended' })]
    const nobody = `${unique('nobody')}@example.com`
    const bodies = []
    for (const email of [known.email, suspended.email, nobody])
      bodies.push(JSON.stringify(await house.ask('auth-request-reset', { email, requestId: 'same' })))
    expect([...new Set(bodies)]).to.deep.equal(['{"success":true,"requestId":"same"}'])
    for (const email of ['not an address', ` ${known.email}`, `${known.email} `])
      await house.no('invalid_payload', 'auth-request-reset', { email })
    expect(await house.mailsTo(known.email)).to.have.length(1)
    for (const email of [suspended.email, nobody]) expect(await house.mailsTo(email)).to.deep.equal([])
  })

  it('one mail an account and minute; the newest token kills the older', async () => {
    const person = await house.person()
    await ask(person)
    const first = await mailed(person)
    await ask(person)
    await ask(person)
    expect(await house.mailsTo(person.email)).to.have.length(1)
    await wait(person)
    await ask(person)
    const second = await mailed(person)
    expect(second).to.not.equal(first)
    await house.no('unauthenticated', 'auth-reset', { token: first, password: otherPassword })
    await house.ok('auth-reset', { token: second, password: otherPassword })
  })

  it('it is good for 30 minutes by the clock of the database', async () => {
    const person = await house.person()
    await ask(person)
    const token = await mailed(person)
    const [row] = await house.sql("select expires_at > now() + interval '29 minutes' and expires_at <= now() + interval '30 minutes' as fits from password_resets where user_id = ?", [person.id])
    expect(row).to.deep.equal({ fits: true })
    await house.sql("update password_resets set expires_at = now() - interval '1 second' where user_id = ?", [person.id])
    await house.no('unauthenticated', 'auth-reset', { token, password: otherPassword })
  })

  it('a refused password does not spend it', async () => {
    const person = await house.person()
    await ask(person)
    const token = await mailed(person)
    for (const password of ['short', 'password1', person.password]) await house.no('invalid_payload', 'auth-reset', { token, password })
    await house.ok('auth-reset', { token, password: otherPassword })
  })

  it('who was suspended or deleted since cannot use it', async () => {
    const [suspended, deleted] = [await house.person(), await house.person()]
    const tokens = []
    for (const person of [suspended, deleted]) {
      await ask(person)
      tokens.push(await mailed(person))
    }
    await house.ok('user-update', { id: suspended.id, status: 'suspended' }, house.admin)
    await house.ok('user-delete', { id: deleted.id }, house.admin)
    for (const token of tokens) await house.no('unauthenticated', 'auth-reset', { token, password: otherPassword })
  })

  it('links that are on their way die when the password or the address changes', async () => {
    const [changed, moved] = [await house.enter(), await house.person()]
    await ask(changed)
    await ask(moved)
    const tokens = [await mailed(changed), await mailed(moved)]
    await house.ok('auth-change-password', { currentPassword: changed.password, newPassword: otherPassword }, changed)
    await house.ok('user-update', { id: moved.id, email: `moved-${moved.email}` }, house.admin)
    for (const token of tokens) await house.no('unauthenticated', 'auth-reset', { token, password: 'Third-Harbour-19-Copper' })
  })

  it('an account with a second factor gets no session by it, and keeps the factor', async () => {
    const person = await enrolled(house)
    await ask(person)
    expect(await house.ok('auth-reset', { token: await mailed(person), password: otherPassword })).to.deep.equal({ success: true })
    const again = { ...person, password: otherPassword }
    expect(await challenge(house, again)).to.include({ mfaRequired: true, mfaType: 'totp' })
    await loginWithCode(house, again)
  })

  it('the link begins with PUBLIC_URL whatever the request says', async () => {
    const person = await house.person()
    const headers = {
      'content-type': 'application/json', 'host': 'evil.example', 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'gopher',
      'forwarded': 'host=evil.example',
    }
    success((await send(house.url, { path: '/api/auth-request-reset', headers, body: JSON.stringify({ email: person.email }) })).body)
    await mailed(person)
    expect((await house.mailSources()).join('\n')).to.not.include('evil.example')
  })

  it('a dump of the database opens nothing: only hashes are stored, and nothing guessable is taken', async () => {
    const person = await house.person()
    await ask(person)
    const token = await mailed(person)
    expect(token).to.match(/^[\w-]{43}$/)
    const [stored] = await house.sql('select * from password_resets where user_id = ?', [person.id])
    expect(JSON.stringify(stored)).to.not.include(token)
    for (const guess of [stored?.['token_hash'], '', 'x', `${token}x`, token.toLowerCase(), ` ${token}`]) {
      const reply = JSON.stringify(await house.ask('auth-reset', { token: guess, password: otherPassword }))
      expect(reply).to.match(/unauthenticated|invalid_payload/)
    }
    await house.ok('auth-reset', { token, password: otherPassword })
  })
})
