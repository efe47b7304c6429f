// The codes of plugins/mfa/totp.ts against the vectors of RFC 6238 and the authenticator of these tests.
import { expect } from 'chai'
import { codeAt, makeSecret, otpauthUrl, stepOf } from '../../plugins/mfa/totp.ts'
import { codeOfStep } from './authenticator.ts'

/** "12345678901234567890" in base32: the key of RFC 6238, appendix B. */
const key = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'

/** Its SHA-1 rows: seconds and the eight digits, of which six are used. */
const vectors = [
  [59, '94287082'], [1111111109, '07081804'], [1111111111, '14050471'], [1234567890, '89005924'], [2000000000, '69279037'],
  [20000000000, '65353130'],
] as const

describe('auth: TOTP', () => {
  for (const [at, digits] of vectors) {
    it(`RFC 6238 at ${at}`, () => {
      expect(codeAt(key, at)).to.equal(digits.slice(2))
      expect(codeOfStep(key, Math.floor(at / 30))).to.equal(digits.slice(2))
      expect(stepOf(key, digits.slice(2), at * 1000)).to.equal(Math.floor(at / 30))
    })
  }

  it('a thousand secrets and times agree with another implementation', () => {
    for (let index = 0; index < 1000; index += 1) {
      const [secret, step] = [makeSecret(), 50_000_000 + index * 77_777]
      expect(codeAt(secret, step * 30)).to.equal(codeOfStep(secret, step))
    }
  })

  it('takes the steps one before and one after, and none further', () => {
    const now = 1234567890_000
    const step = Math.floor(now / 30_000)
    for (const off of [-1, 0, 1]) expect(stepOf(key, codeOfStep(key, step + off), now)).to.equal(step + off)
    for (const off of [-3, -2, 2, 3]) expect(stepOf(key, codeOfStep(key, step + off), now)).to.equal(undefined)
  })

  it('takes six ASCII digits and nothing that resembles them', () => {
    const now = 1234567890_000
    const code = codeOfStep(key, Math.floor(now / 30_000))
    const wide = Array.from(code, (digit) => String.fromCodePoint(0xff10 + Number(digit))).join('')
    for (const near of [
      ` ${code}`, `${code} `, `${code}\n`, code.slice(1), `0${code}`, wide, `+${code.slice(1)}`, '', '000000 ', `${code}e0`,
    ]) {
      expect(stepOf(key, near, now), JSON.stringify(near)).to.equal(undefined)
    }
  })

  it('an empty or shortened secret verifies nothing', () => {
    const now = 1234567890_000
    for (const secret of ['', 'GEZDGNBV'])
      expect(stepOf(secret, codeOfStep(secret === '' ? key : secret, Math.floor(now / 30_000)), now)).to.equal(undefined)
  })

  it('secrets have 160 bits and do not repeat', () => {
    const secrets = Array.from({ length: 200 }, makeSecret)
    for (const secret of secrets) expect(secret).to.match(/^[A-Z2-7]{32}$/)
    expect(new Set(secrets)).to.have.property('size', 200)
  })

  it('the URL of the QR code is read by the parameters that apps know', () => {
    const url = new URL(otpauthUrl(key, 'ada+x@example.com'))
    expect(Object.fromEntries(url.searchParams)).to.deep.equal({
      secret: key, issuer: 'Sovrane', algorithm: 'SHA1', digits: '6', period: '30',
    })
    expect(decodeURIComponent(url.pathname)).to.match(/Sovrane:ada\+x@example\.com$/)
  })
})
