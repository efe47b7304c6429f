// One spelling of an address: folding is done once and for all, gives an address, and does not depend on case or composition.
import { expect } from 'chai'
import fc from 'fast-check'
import { foldAddress, isAddress, lengthOf } from '../../core/define/text.ts'

/** Printed with the title; FC_SEED runs the same again. */
const seed = Number(process.env['FC_SEED'] ?? Date.now() % 1_000_000_000)

const letters = fc.constantFrom(
  'a', 'B', 'z', '0', 'é', 'É', 'e\u0301', 'ü', 'ß', 'ẞ', 'Ω', 'ς', 'σ', 'İ', 'ı', '\u212A', 'ж', '用', 'ｅ', 'ŉ', 'ﬁ',
  'ǆ', '👩', '\u200d', '\u00ad', '\u0301', '-', '_', '.', "'", '+',
)
const words = fc.array(letters, { minLength: 1, maxLength: 8 }).map((parts) => parts.join(''))
const domains = fc.oneof(
  words,
  fc.constantFrom('example.com', 'münchen.example', 'xn--mnchen-3ya.example', 'XN--E1AFMKFD.com', 'faß.de', 'a.b.c', '0x7f.1', '1.2.3.4'),
)
const addresses = fc.tuple(words, domains).map(([local, domain]) => `${local}@${domain}`)

describe(`property: addresses (FC_SEED=${seed})`, () => {
  const always = (check: (address: string) => void): void => fc.assert(fc.property(addresses, check), { seed, numRuns: 3000 })

  it('what is folded stays as it is, and an address stays one', () => always((address) => {
    const once = foldAddress(address)
    expect(foldAddress(once)).to.equal(once)
    expect(once).to.equal(once.normalize('NFC'))
    if (isAddress(address)) expect(isAddress(once), once).to.equal(true)
  }))

  it('composition does not matter, nor does case but where a letter has no single other', () => always((address) => {
    if (!isAddress(address)) return
    const once = foldAddress(address)
    for (const spelling of [address.normalize('NFD'), address.normalize('NFC'), address.toLowerCase()])
      expect(foldAddress(spelling), spelling).to.equal(once)
    // ß becomes SS, a final ς any Σ, ı an I: those who write capitals write something else.
    if (address.toUpperCase().toLowerCase() === address.toLowerCase()) expect(foldAddress(address.toUpperCase())).to.equal(once)
  }))

  it('takes nothing that cannot be seen', () => always((address) => {
    if (/[\u200b-\u200f\u00ad\u2060\ufeff\u0000-\u0020]/u.test(address)) expect(isAddress(address)).to.equal(false)
  }))

  it('is linear in the length', () => {
    // A pattern that backtracks would take minutes for these.
    for (const text of [
      'a'.repeat(60_000), `${'a.'.repeat(30_000)}@`, `a@${'a-'.repeat(30_000)}`, '@'.repeat(60_000),
      `a@${'é.'.repeat(30_000)}`,
    ])
      expect(isAddress(text)).to.equal(false)
  })

  it('lengths are in code points', () => {
    expect([lengthOf(''), lengthOf('é'), lengthOf('🦊🦊'), lengthOf('👩‍🚀')]).to.deep.equal([0, 1, 2, 3])
  })
})
