// What may be a password: the policy of the settings, 72 bytes, the most common ones, the former ones; at every door that sets one.
import { expect } from 'chai'
import { faultPaths, type Row } from '../kit/replies.ts'
import { otherPassword, unique, type TestServer, type Session } from '../kit/test-server.ts'
import { onHouse } from './on-house.ts'

type Setter = (house: TestServer, by: Session, password: string) => Promise<[event: string, payload: Row, path: string, by?: Session]>

const setters: Readonly<Record<string, Setter>> = {
  'auth-change-password': (_house, by, newPassword) => Promise.resolve([
    'auth-change-password', { currentPassword: by.password, newPassword }, 'newPassword', by,
  ]),
  'auth-reset': async (house, by, password) => {
    await house.ok('auth-request-reset', { email: by.email })
    return ['auth-reset', { token: await house.mailedToken(by.email, '/reset-password'), password }, 'password']
  },
  'user-update': (house, by, password) => Promise.resolve(['user-update', { id: by.id, password }, 'password', house.admin]),
  'user-create': (house, _by, password) =>
    Promise.resolve([
      'user-create', { firstName: 'A', lastName: 'B', email: `${unique('new')}@example.com`, password }, 'password', house.admin,
    ]),
}

const refused: Readonly<Record<string, string>> = {
  'too short': 'Ab3-xyz',
  'empty': '',
  'too long': 'Quiet-River-'.repeat(6),
  '36 characters of 73 bytes': `${'é'.repeat(35)}abc`,
  'with NUL': 'Quiet-River\0-52-Lantern',
  'with a lone surrogate': 'Quiet-River-\ud800-Lantern',
  'only spaces': ' '.repeat(12),
  'common': 'password1',
  'common, in other letters': 'QWERTYUIOP',
}

onHouse('what may be a password', (house) => {
  for (const [event, set] of Object.entries(setters)) {
    for (const [what, password] of Object.entries(refused)) {
      it(`${event} refuses one that is ${what}`, async () => {
        const [name, payload, path, by] = await set(house, await house.enter(), password)
        expect(faultPaths(await house.no('invalid_payload', name, payload, by))).to.include(path)
      })
    }
  }

  it('72 bytes are taken, and none of them is left out', async () => {
    await house.set('account_password_max_length', 72)
    const long = 'Quiet-River-52-Lantern-'.padEnd(72, 'x7')
    const person = { ...await house.person(), password: long }
    await house.ok('user-update', { id: person.id, password: long }, house.admin)
    await house.login(person)
    for (const near of [`${long.slice(0, 71)}y`, long.slice(0, 71), `${long}x`, `${long}${long}`])
      await house.no('unauthenticated', 'auth-login', { email: person.email, password: near })
    await house.unset('account_password_max_length')
  })

  it('nothing is trimmed and no case is folded', async () => {
    const person = { ...await house.person(), password: ' Spaced River-52 ' }
    await house.ok('user-update', { id: person.id, password: person.password }, house.admin)
    for (const near of ['Spaced River-52', ' spaced river-52 '])
      await house.no('unauthenticated', 'auth-login', { email: person.email, password: near })
    await house.login(person)
  })

  it('the settings count at once, each with its fault', async () => {
    const keys = ['uppercase', 'lowercase', 'digit', 'special_char'].map((kind) => `account_password_must_have_${kind}`)
    for (const key of keys) await house.set(key, true)
    const by = await house.enter()
    const faults = async (newPassword: string): Promise<number> => {
      const { details } = await house.no('invalid_payload', 'auth-change-password', { currentPassword: by.password, newPassword }, by)
      return Array.isArray(details) ? details.length : 0
    }
    expect(await faults('ümlautüümlaut')).to.equal(3)
    expect(await faults('alllowercaseletters7')).to.equal(2)
    expect(await faults('Lowercase7letters')).to.equal(1)
    await house.ok('auth-change-password', { currentPassword: by.password, newPassword: 'Lowercase-7-letters' }, by)
    expect(await house.ok('auth-password-policy')).to.include({
      mustHaveUppercase: true, mustHaveLowercase: true, mustHaveDigit: true, mustHaveSpecialChar: true,
    })
    await house.unset(...keys)
  })

  it('former passwords are refused, as many as the setting says; 0 turns it off', async () => {
    await house.set('account_password_history_count', 2)
    let by = await house.enter()
    const change = (newPassword: string) => ['auth-change-password', { currentPassword: by.password, newPassword }, by] as const
    const go = async (password: string): Promise<void> => {
      await house.ok(...change(password))
      by = { ...by, password }
    }
    const first = by.password
    expect(faultPaths(await house.no('invalid_payload', ...change(first)))).to.deep.equal(['newPassword'])
    await go(otherPassword)
    await house.no('invalid_payload', ...change(first))
    await go('Third-Harbour-19-Copper')
    await go(first)
    await house.set('account_password_history_count', 0)
    await go(first)
    await house.unset('account_password_history_count')
  })

  it('auth-change-password needs the current password; a wrong one counts for the lock', async () => {
    const by = await house.enter()
    const payload = (currentPassword: string) => ({ currentPassword, newPassword: otherPassword })
    for (let time = 0; time < 5; time += 1) await house.no('unauthenticated', 'auth-change-password', payload('Wrong-River-52-Lantern'), by)
    await house.no('unauthenticated', 'auth-change-password', payload(by.password), by)
    await house.no('unauthenticated', 'auth-login', { email: by.email, password: by.password })
  })

  it('the reply of a change holds no more than success, and the old password is dead', async () => {
    const by = await house.enter()
    expect(await house.ok('auth-change-password', { currentPassword: by.password, newPassword: otherPassword }, by)).to.deep.equal({
      success: true,
    })
    await house.no('unauthenticated', 'auth-login', { email: by.email, password: by.password })
    await house.login({ ...by, password: otherPassword })
  })
})
