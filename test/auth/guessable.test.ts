// Passwords that are easily guessed: by who knows the account, this service, words and years; refused with the reason wherever one is set.
import { expect } from 'chai'
import { refusal, type Row } from '../kit/replies.ts'
import { unique, type TestServer } from '../kit/test-server.ts'
import { onHouse } from './on-house.ts'

const names = { firstName: 'Wanda', lastName: 'Okonkwo' }

/** One that no other test has, without a digit: those of a date would be found in it. */
const address = (): string => `${unique('mbeki').replaceAll(/\d/g, (digit) => 'bcdfghjklm'.charAt(Number(digit)))}@example.com`

interface Door {
  readonly event: string
  readonly payload: Row
  readonly path: string
  readonly by?: { readonly token: string }
}

/** Each for an account of these names with an address in `example.com`. */
const doors: Readonly<Record<string, (house: TestServer) => Promise<(password: string) => Door>>> = {
  'user-create': (house) => Promise.resolve((password) => ({
    event: 'user-create', payload: { ...names, email: address(), password }, path: 'password', by: house.admin,
  })),
  'user-update': async (house) => {
    const { id } = await house.person({ ...names, email: address() })
    return (password) => ({ event: 'user-update', payload: { id, password }, path: 'password', by: house.admin })
  },
  'auth-change-password': async (house) => {
    const email = address()
    const person = await house.person({ ...names, email })
    const by = await house.login({ ...person, email })
    return (newPassword) => ({
      event: 'auth-change-password', payload: { currentPassword: by.password, newPassword }, path: 'newPassword', by,
    })
  },
  'auth-reset': async (house) => {
    const email = address()
    await house.person({ ...names, email })
    await house.ok('auth-request-reset', { email })
    const token = await house.mailedToken(email, '/reset-password')
    return (password) => ({ event: 'auth-reset', payload: { token, password }, path: 'password' })
  },
  'invitation-accept': async (house) => {
    const { token } = await house.ok('invitation-create', { ...names, email: address() }, house.admin)
    return (password) => ({ event: 'invitation-accept', payload: { token, password }, path: 'password' })
  },
}

const own = /name or the address|name of this service/
const easy = /too easy to guess/

const refused: Readonly<Record<string, RegExp>> = {
  'Okonkwo-1985!': own, wandawanda: own, 'W4nda!0konkwo': own, 'adnaw-2001': own, 'mbeki.1977': own, 'OKONKWO wanda 7': own,
  'Sovrane-2026': own, 'S0vr4ne!!': own,
  'Summer2026!': easy, 'Bonjour2026!': easy, 'Soleil--1998!!': easy, 'Été2026!!': easy, 'P@ssw0rd!2024': easy, 'December-25': easy,
  aaaaaaaa1: easy, abcabcabcabc: easy, 'Summer2026!Summer2026!Summer2026!': easy, qwertzuiop1: easy, '2019-11-25': easy,
  'Dupont-1975': easy,
}

const taken = ['Plum-Kettle-41-Orbit', 'x7Kq9mPz', 'Xk7!pq2Z', 'correct horse battery staple', '🐘🦒🦓🐪🦛🦏🐃🐂', 'Brücken-Café-81-Größe', 'xWandaKq9mPz77']

onHouse('guessable passwords', (house) => {
  for (const [event, prepare] of Object.entries(doors)) {
    it(`${event} refuses each, and says why`, async function () {
      this.timeout(60_000)
      const door = await prepare(house)
      for (const [password, reason] of Object.entries(refused)) {
        const { payload, path, by } = door(password)
        const { details } = refusal(await house.ask(event, payload, by), 'invalid_payload')
        const [fault] = details as { path: string; message: string }[]
        expect(fault?.path, password).to.equal(path)
        // Of a row the name is looked at last: once one may set its password.
        expect(fault?.message, password).to.match(event === 'user-update' ? /name|too easy/ : reason).and.not.include(password)
      }
    })
  }

  it('what is hard to guess is taken, though it holds a name', async function () {
    this.timeout(60_000)
    for (const password of taken) await house.ok('user-create', { ...names, email: `${unique('kind')}@example.com`, password }, house.admin)
  })

  it('the setting says how strict, and the policy tells it', async () => {
    expect(await house.ok('auth-password-policy')).to.include({ minScore: 3 })
    const make = (password: string) => house.ask('user-create', { ...names, email: `${unique('kind')}@example.com`, password }, house.admin)
    await house.set('account_password_min_score', 0)
    for (const password of ['Summer2026!', 'Okonkwo-1985!']) expect(await make(password)).to.not.have.property('error')
    refusal(await make('password1'), 'invalid_payload')
    await house.set('account_password_min_score', 4)
    refusal(await make('x7Kq9mPz'), 'invalid_payload')
    expect(await make('Plum-Kettle-41-Orbit')).to.not.have.property('error')
    await house.unset('account_password_min_score')
  })

  it('who may not set the password of an account learns nothing of its name by trying', async () => {
    const superior = await house.person({ ...names, can: ['delete-user'] })
    for (const [by, code] of [
      [await house.enter({ can: ['update-user', 'read-user'] }), 'forbidden'], [await house.enter(), 'forbidden'],
    ] as const) {
      const answers = []
      for (const password of ['Okonkwo-Xq7-85', 'Mbathaa-Xq7-85'])
        answers.push(refusal(await house.ask('user-update', { id: superior.id, password }, by), code))
      expect(answers[0]?.details).to.deep.equal(answers[1]?.details)
    }
  })

  it('72 bytes of the costliest kind are looked at in time, and beside the event loop', async function () {
    this.timeout(30_000)
    await house.set('account_password_max_length', 72)
    for (const unit of ['4@8({<3$5!|1+7%2', '01/01/2010', 'l33t$p34kl']) {
      const password = `${unit.repeat(8).slice(0, 71)}x`
      refusal(await house.ask('auth-login', { email: 'nobody@example.com', password }), 'unauthenticated')
      await house.ask('user-create', { ...names, email: `${unique('cost')}@example.com`, password }, house.admin)
    }
    await house.unset('account_password_max_length')
  })
})
