// The lock of an account: when it comes, how long it lasts, what it refuses, what it tells (nothing), and what lifts it.
import { expect } from 'chai'
import { number } from '../kit/replies.ts'
import { otherPassword, unique, type Person } from '../kit/test-server.ts'
import { enrol } from './mfa-support.ts'
import { onHouse } from './on-house.ts'

onHouse('lockout', (house) => {
  const fail = async (person: Person, times: number): Promise<void> => {
    for (let time = 0; time < times; time += 1)
      await house.no('unauthenticated', 'auth-login', { email: person.email, password: `Wrong-River-${time}-Lantern` })
  }
  const right = ({ email, password }: Person) => ({ email, password })
  const key = ({ email }: Person): string => `account:${email}`
  /** Seconds that the account is still locked; 0 when it is not. */
  const lockedFor = async (person: Person): Promise<number> => {
    const [row] = await house.sql('select greatest(0, round(extract(epoch from locked_until - now())))::int as left from attempts where key = ?', [key(person)])
    return row ? number(row['left'] ?? 0) : 0
  }
  const endLock = (person: Person) =>
    house.sql("update attempts set locked_until = now() - interval '1 second' where key = ?", [key(person)])

  it('the fifth failure locks for 60 s; the right password is refused too, and does not shorten it', async () => {
    const person = await house.person()
    await fail(person, 4)
    expect(await lockedFor(person)).to.equal(0)
    await fail(person, 1)
    expect(await lockedFor(person)).to.be.within(50, 60)
    await house.no('unauthenticated', 'auth-login', right(person))
    expect(await lockedFor(person)).to.be.within(40, 60)
    await endLock(person)
    await house.login(person)
  })

  it('a success before it takes all failures back', async () => {
    const person = await house.person()
    for (let turn = 0; turn < 3; turn += 1) {
      await fail(person, 4)
      await house.login(person)
    }
  })

  it('the right password as the fifth attempt is let in', async () => {
    const person = await house.person()
    await fail(person, 4)
    await house.login(person)
    expect(await lockedFor(person)).to.equal(0)
    expect(await house.mailsTo(person.email)).to.deep.equal([])
  })

  it('each further lock is twice as long, up to 900 s', async () => {
    const person = await house.person()
    for (const wanted of [60, 120, 240, 480, 900, 900]) {
      await fail(person, 5)
      expect(await lockedFor(person)).to.be.within(wanted - 10, wanted)
      await endLock(person)
    }
    await house.login(person)
    await fail(person, 5)
    expect(await lockedFor(person)).to.be.within(50, 60)
  })

  it('half a day without a failure forgets them', async () => {
    const person = await house.person()
    await fail(person, 4)
    await house.sql("update attempts set since = now() - interval '12 hours 1 second' where key = ?", [key(person)])
    await fail(person, 4)
    await house.login(person)
  })

  it('the letters of the address do not matter', async () => {
    const person = await house.person()
    for (let time = 0; time < 5; time += 1) {
      const email = time % 2 === 0 ? person.email.toUpperCase() : person.email
      await house.no('unauthenticated', 'auth-login', { email, password: 'Wrong-River-52-Lantern' })
    }
    await house.no('unauthenticated', 'auth-login', right(person))
  })

  it('unknown, wrong, suspended, archived, locked, without password, with a second factor: one reply, but for requestId', async () => {
    const [wrong, suspended, archived, locked, bare, second] = [
      await house.person(), await house.person({ status: 'suspended' }), await house.person({ status: 'archived' }), await house.person(),
      { ...await house.person(), password: 'Never-Set-52-Lantern' }, await enrol(house, await house.enter()),
    ]
    await house.sql('delete from credentials where user_id = ?', [bare.id])
    await fail(locked, 5)
    const asked = [
      { email: `${unique('nobody')}@example.com`, password: wrong.password },
      { email: wrong.email, password: otherPassword }, right(suspended), right(archived), right(locked), right(bare),
      { email: second.email, password: otherPassword },
    ]
    const bodies = []
    for (const payload of asked) bodies.push(JSON.stringify(await house.ask('auth-login', { ...payload, requestId: 'the-same' })))
    expect([...new Set(bodies)]).to.deep.equal([bodies[0]])
    expect(bodies[0]).to.match(/^\{"error":\{"code":"unauthenticated"/)
    for (const email of ['not an address', ` ${wrong.email}`, `${wrong.email} `])
      await house.no('invalid_payload', 'auth-login', { email, password: wrong.password })
  })

  it('one mail a lock to the owner, in his language; none to an unknown address', async () => {
    const person = await house.person({ locale: 'fr' })
    await fail(person, 9)
    const [text, ...others] = await house.mailsTo(person.email)
    expect(others).to.deep.equal([])
    expect(text).to.include('verrouillé').and.include('https://sovrane.test/app/forgot-password')
    await endLock(person)
    await fail(person, 6)
    expect(await house.mailsTo(person.email)).to.have.length(2)
    const nobody = { id: '', email: `${unique('nobody')}@example.com`, password: '' }
    await fail(nobody, 6)
    expect(await lockedFor(nobody)).to.be.greaterThan(0)
    expect(await house.mailsTo(nobody.email)).to.deep.equal([])
  })

  it('a completed reset lifts the lock', async () => {
    const person = await house.person()
    await fail(person, 5)
    await house.ok('auth-request-reset', { email: person.email })
    await house.ok('auth-reset', { token: await house.mailedToken(person.email, '/reset-password'), password: otherPassword })
    await house.login({ ...person, password: otherPassword })
  })

  it('open sessions go on while the account is locked', async () => {
    const session = await house.enter()
    await fail(session, 6)
    await house.ok('auth-me', {}, session)
    await house.ok('auth-refresh', { refreshToken: session.refreshToken })
  })

  it('the settings decide: threshold, duration, and whether at all', async () => {
    const person = await house.person()
    await house.set('account_lock_fail_threshold', 2)
    await house.set('account_lock_duration', 300)
    await fail(person, 2)
    expect(await lockedFor(person)).to.be.within(290, 300)
    await house.unset('account_lock_fail_threshold', 'account_lock_duration')
    const other = await house.person()
    await house.set('account_lock_on_login_fail', false)
    await fail(other, 12)
    await house.login(other)
    await house.unset('account_lock_on_login_fail')
  })
})
