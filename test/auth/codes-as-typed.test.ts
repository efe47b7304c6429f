// Codes as apps show them and people type or paste them: blanks, dashes, full-width digits and small letters are the same code,
// at every door that takes one.
import { expect } from 'chai'
import { makeSecret } from '../../plugins/mfa/totp.ts'
import { text } from '../kit/replies.ts'
import { codeNow } from './authenticator.ts'
import type { TestServer } from '../kit/test-server.ts'
import { challenge, enrolled, freeSteps, loginWithCode, type Enrolled } from './mfa-support.ts'
import { onHouse } from './on-house.ts'

const halves = (code: string, between: string): string => `${code.slice(0, 3)}${between}${code.slice(3)}`

const spellings: Readonly<Record<string, (code: string) => string>> = {
  'a blank in the middle': (code) => halves(code, ' '),
  'blanks around it': (code) => ` ${code}  `,
  'a line break at the end': (code) => `${code}\r\n`,
  'a no-break space': (code) => halves(code, '\u00A0'),
  'a narrow no-break space': (code) => halves(code, '\u202F'),
  'a zero-width space': (code) => halves(code, '\u200B'),
  'a dash': (code) => halves(code, '-'),
  'full-width digits': (code) => code.replaceAll(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit))),
}

/** Every event that takes a code, given one in some spelling. */
const doors: Readonly<Record<string, (house: TestServer, spell: (code: string) => string) => Promise<unknown>>> = {
  'auth-mfa-enable': async (house, spell) => {
    const by = await house.enter()
    const secret = text((await house.ok('auth-mfa-setup', {}, by))['secret'])
    return house.ok('auth-mfa-enable', { type: 'totp', code: spell(codeNow(secret)) }, by)
  },
  'auth-mfa-enable, by mail': async (house, spell) => {
    const by = await house.enter()
    await house.ok('auth-mfa-setup', { type: 'email' }, by)
    return house.ok('auth-mfa-enable', { type: 'email', code: spell(await house.mailedCode(by.email)) }, by)
  },
  'auth-mfa-verify': async (house, spell) => {
    const person = await enrolled(house)
    await freeSteps(house, person)
    const { userId, mfaToken } = await challenge(house, person)
    return house.ok('auth-mfa-verify', { userId, mfaToken, code: spell(codeNow(person.secret)) })
  },
  'auth-mfa-verify, by mail': async (house, spell) => {
    const by = await house.enter()
    await house.ok('auth-mfa-setup', { type: 'email' }, by)
    await house.ok('auth-mfa-enable', { type: 'email', code: await house.mailedCode(by.email) }, by)
    const { userId, mfaToken } = await challenge(house, by)
    return house.ok('auth-mfa-verify', { userId, mfaToken, code: spell(await house.mailedCode(by.email)) })
  },
  'auth-mfa-disable': async (house, spell) => {
    const person = await enrolled(house)
    await freeSteps(house, person)
    await house.sql('update sessions set factor_passed_at = null where id = ?', [person.sessionId])
    return house.ok('auth-mfa-disable', { code: spell(codeNow(person.secret)) }, person)
  },
  'auth-mfa-recovery-codes': async (house, spell) => {
    const person = await enrolled(house)
    await freeSteps(house, person)
    return house.ok('auth-mfa-recovery-codes', { code: spell(codeNow(person.secret)) }, person)
  },
}

onHouse('codes as they are typed', (house) => {
  for (const [door, pass] of Object.entries(doors)) {
    it(`${door} takes them all`, async () => {
      for (const spell of Object.values(spellings)) await pass(house, spell)
    })
  }

  const recover = async (person: Enrolled, code: string) => {
    const { userId, mfaToken } = await challenge(house, person)
    return house.ask('auth-mfa-verify', { userId, mfaToken, code })
  }

  it('a recovery code in small letters, with blanks for dashes, or with none; each once', async () => {
    const person = await enrolled(house)
    const ways = [
      (code: string) => code.toLowerCase(), (code: string) => ` ${code.replaceAll('-', ' ')} `, (code: string) => code.replaceAll('-', ''),
      (code: string) => code.replaceAll('-', '\u00A0'),
    ]
    for (const [index, way] of ways.entries()) {
      const code = way(person.recoveryCodes[index] ?? '')
      expect(await recover(person, code)).to.include.keys('accessToken')
      expect(await recover(person, code)).to.include.keys('error')
    }
  })

  it('none of it counts as a failure', async () => {
    const person = await enrolled(house)
    for (let time = 0; time < 12; time += 1) {
      await freeSteps(house, person)
      const { userId, mfaToken } = await challenge(house, person)
      await house.ok('auth-mfa-verify', { userId, mfaToken, code: halves(codeNow(person.secret), ' ') })
    }
    expect(await house.sql('select failures from mfa_factors where user_id = ?', [person.id])).to.deep.equal([{ failures: 0 }])
    await loginWithCode(house, person)
  })
})

describe('auth: secrets of authenticator apps', () => {
  it('are 160 random bits: 32 characters of base32, each of which may be any', () => {
    const secrets = Array.from({ length: 400 }, makeSecret)
    expect(new Set(secrets)).to.have.property('size', 400)
    for (const secret of secrets) expect(secret).to.match(/^[A-Z2-7]{32}$/)
    // Made of bytes of text, only some characters could stand at a place.
    for (let place = 0; place < 32; place += 1) expect(new Set(secrets.map((secret) => secret[place])).size, `place ${place}`).to.equal(32)
  })
})
