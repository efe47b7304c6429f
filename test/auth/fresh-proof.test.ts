// What hardens or opens an account needs a log-in, or auth-reauthenticate, of lately; a stolen access token alone does not do.
import { expect } from 'chai'
import { row, text, type Row } from '../kit/replies.ts'
import { codeNow } from './authenticator.ts'
import { otherPassword, unique, type TestServer, type Person, type Session } from '../kit/test-server.ts'
import { enrol, enrolled, freeSteps, loginWithCode } from './mfa-support.ts'
import { onHouse } from './on-house.ts'

/** As if the log-in and all proofs were so many minutes ago. */
const age = (house: TestServer, { sessionId }: Session, minutes = 16) =>
  house.sql('update sessions set created_at = now() - make_interval(mins => ?), proved_at = proved_at - make_interval(mins => ?) where id = ?', [minutes, minutes, sessionId])

interface Guarded {
  readonly by: Session
  readonly payload: Row
}

/** Every event that asks for it, ready to succeed but for its age. */
const guarded: Readonly<Record<string, (house: TestServer) => Promise<Guarded>>> = {
  'auth-token-create': async (house) => ({ by: await house.enter(), payload: { name: 'Backup' } }),
  'auth-mfa-setup': async (house) => ({ by: await house.enter(), payload: {} }),
  'auth-mfa-enable': async (house) => {
    const by = await house.enter()
    const secret = text((await house.ok('auth-mfa-setup', {}, by))['secret'])
    return { by, payload: { type: 'totp', code: codeNow(secret) } }
  },
  'auth-mfa-disable': async (house) => ({ by: await enrolled(house), payload: {} }),
  'auth-mfa-recovery-codes': async (house) => {
    const by = await enrolled(house)
    await freeSteps(house, by)
    return { by, payload: { code: codeNow(by.secret) } }
  },
}

onHouse('fresh proof', (house) => {
  const refusedStale = async (event: string, payload: Row, by: Session): Promise<void> => {
    expect((await house.no('unauthenticated', event, payload, by)).details, event).to.deep.equal({ reason: 'reauthenticate' })
  }
  const proveAgain = async (by: Session): Promise<void> => {
    expect(await house.ok('auth-reauthenticate', { password: by.password }, by)).to.deep.equal({ success: true })
  }

  for (const [event, prepare] of Object.entries(guarded)) {
    it(`${event}: refused 16 minutes after the log-in, over HTTP and on a socket; the password anew opens it`, async () => {
      const { by, payload } = await prepare(house)
      await age(house, by)
      await refusedStale(event, payload, by)
      const socket = await house.socket(by)
      expect((await socket.no(event, payload, 'unauthenticated')).details).to.deep.equal({ reason: 'reauthenticate' })
      expect(await house.sql('select failures from mfa_factors where user_id = ? and failures > 0', [by.id]), 'no code was tried')
        .to.deep.equal([])
      await proveAgain(by)
      await socket.ok(event, payload)
    })

    it(`${event}: the proof lasts 15 minutes; a refresh is none`, async () => {
      const { by, payload } = await prepare(house)
      await age(house, by)
      await proveAgain(by)
      await age(house, by)
      const refreshed = await house.ok('auth-refresh', { refreshToken: by.refreshToken })
      await refusedStale(event, payload, { ...by, token: text(refreshed['accessToken']) })
      await age(house, by, 14)
      await house.ok(event, payload, by)
    })
  }

  it("another session's proof is none for this one", async () => {
    const by = await house.enter()
    const other = await house.login(by)
    await age(house, by)
    await proveAgain(other)
    await refusedStale('auth-mfa-setup', {}, by)
  })

  it('a log-in with a second factor and an accepted invitation are log-ins', async () => {
    await house.ok('auth-token-create', { name: 'x' }, await loginWithCode(house, await enrolled(house)))
    const invited = await house.ok('invitation-create', { email: `${unique('guest')}@example.com` }, house.admin)
    const person: Person = { id: '', email: text(invited['email']), password: otherPassword }
    const accepted = await house.ok('invitation-accept', {
      token: invited['token'], password: otherPassword, firstName: 'In', lastName: 'Vited',
    })
    await house.ok('auth-token-create', { name: 'x' }, house.sessionOf(person, accepted))
  })

  it('account_reauthenticate_after says how long', async () => {
    const by = await house.enter()
    await age(house, by)
    await house.set('account_reauthenticate_after', 20)
    await house.ok('auth-token-create', { name: 'x' }, by)
    await house.set('account_reauthenticate_after', 10)
    await age(house, by, 14)
    await refusedStale('auth-token-create', { name: 'x' }, by)
    await house.unset('account_reauthenticate_after')
    await house.ok('auth-token-create', { name: 'x' }, by)
  })

  it('what carries the password itself asks for no other proof, and what is no danger for none', async () => {
    const by = await house.enter({ can: ['read-sites'] })
    const other = await house.login(by)
    await age(house, by)
    await house.ok('site-list-request', {}, by)
    await house.ok('auth-session-revoke', { id: other.sessionId }, by)
    await house.ok('auth-change-email', { email: `${unique('new')}@example.com`, password: by.password }, by)
    await house.ok('auth-change-password', { currentPassword: by.password, newPassword: otherPassword }, by)
    await refusedStale('auth-token-create', { name: 'x' }, by)
  })

  it('a wrong password is refused, counted like a log-in, and leaves one entry', async () => {
    const by = await house.enter()
    await age(house, by)
    for (let time = 0; time < 5; time += 1) expect(
      (await house.no('unauthenticated', 'auth-reauthenticate', { password: `Wrong-River-5${time}-Lantern` }, by)).details,
    ).to.equal(undefined)
    // Locked: the right one is refused too, here and at the log-in.
    await house.no('unauthenticated', 'auth-reauthenticate', { password: by.password }, by)
    await house.no('unauthenticated', 'auth-login', { email: by.email, password: by.password })
    await refusedStale('auth-mfa-setup', {}, by)
    const entries = await house.sql("select details from audit_entries where action = 'auth-reauthenticate' and target_id = ?", [by.id])
    expect(entries).to.have.length(6)
    await house.sql('delete from attempts')
    await proveAgain(by)
    expect(await house.sql("select 1 from audit_entries where action = 'auth-reauthenticate' and target_id = ?", [by.id])).to.have.length(7)
    await house.ok('auth-mfa-setup', {}, by)
  })

  it('wrong passwords here and at the log-in add up', async () => {
    const by = await house.enter()
    for (let time = 0; time < 3; time += 1)
      await house.no('unauthenticated', 'auth-reauthenticate', { password: `Wrong-River-5${time}-Lantern` }, by)
    for (let time = 0; time < 2; time += 1)
      await house.no('unauthenticated', 'auth-login', { email: by.email, password: `Wrong-River-6${time}-Lantern` })
    await house.no('unauthenticated', 'auth-reauthenticate', { password: by.password }, by)
  })

  it('an API token proves nothing and opens none of it', async () => {
    const by = await house.enter()
    const token = { token: text((await house.ok('auth-token-create', { name: 'x' }, by))['token']) }
    for (const [event, prepare] of Object.entries(guarded)) {
      const { payload } = await prepare(house)
      expect((await house.no('forbidden', event, payload, token)).details, event).to.deep.equal({ reason: 'auth.token' })
    }
    expect((await house.no('forbidden', 'auth-reauthenticate', { password: by.password }, token)).details).to.deep.equal({
      reason: 'auth.token',
    })
  })

  it("auth-mfa-reset is no way around it: one's own factor ends with auth-mfa-disable", async () => {
    const by = await enrol(house, await house.enter({ can: ['manage-mfa', 'read-user'] }))
    expect((await house.no('forbidden', 'auth-mfa-reset', { id: by.id }, by)).details).to.deep.equal({ reason: 'mfa.own' })
    expect(row((await house.ok('auth-me', {}, by))['user'])['mfaEnabled']).to.equal(true)
  })
})
