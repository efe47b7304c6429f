// What JSON holds of numbers arrives unchanged or is refused: a number that passes is written back as the value that came in.
import { expect } from 'chai'
import fc from 'fast-check'
import { markInexact } from '../../core/transport/exact-numbers.ts'

/** Printed with the title; FC_SEED runs the same again. */
const seed = Number(process.env['FC_SEED'] ?? Date.now() % 1_000_000_000)

const digits = (least: number, most: number) =>
  fc.array(fc.integer({ min: 0, max: 9 }), { minLength: least, maxLength: most }).map((list) => list.join(''))
const literals = fc
  .tuple(
    fc.constantFrom('', '-'), digits(1, 25), fc.option(digits(1, 25), { nil: '' }),
    fc.option(fc.integer({ min: -350, max: 350 }), { nil: undefined, freq: 1 }),
  )
  .map(
    ([sign, whole, fraction, exponent]) =>
      `${sign}${BigInt(whole)}${fraction === '' ? '' : `.${fraction}`}${exponent === undefined ? '' : `e${exponent}`}`,
  )

/** Whether two decimal literals are the same number, by whole arithmetic. */
const same = (a: string, b: string): boolean => {
  const parts = (text: string): [bigint, number] => {
    const [mantissa = '', exponent = '0'] = text.toLowerCase().split('e')
    const [whole = '', fraction = ''] = mantissa.split('.')
    return [BigInt(`${whole}${fraction}`.replace('-', '')) * (text.startsWith('-') ? -1n : 1n), Number(exponent) - fraction.length]
  }
  const [[x, i], [y, j]] = [parts(a), parts(b)]
  const least = Math.min(i, j)
  return x * 10n ** BigInt(i - least) === y * 10n ** BigInt(j - least)
}

describe(`property: numbers (FC_SEED=${seed})`, () => {
it('a literal passes if and only if it is given back as it was written, and is no unsafe integer', () =>
fc.assert(
  fc.property(literals, (literal) => {
    const read = JSON.parse(markInexact(`[${literal}]`)) as [number]
    const value = Number(literal)
    const unsafe = !/e/i.test(literal) && Number.isInteger(value) && !Number.isSafeInteger(value)
    const kept = Number.isFinite(value) && !unsafe && same(literal, String(value))
    expect(Number.isFinite(read[0]), literal).to.equal(kept)
    if (kept) expect(Object.is(read[0], value), literal).to.equal(true)
  }), { seed, numRuns: 5000 }))

  it('JSON that JavaScript has written passes as it is', () =>
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        const written = JSON.stringify(value, (_key, each: unknown) =>
          typeof each === 'number' && Number.isInteger(each) && !Number.isSafeInteger(each) ? 0 : each,
        )
        expect(markInexact(written)).to.equal(written)
      }),
      { seed, numRuns: 2000 },
    ))

  it('leaves texts alone, whatever they hold, and what is no JSON to the parser', () => {
    for (const text of [
      '"9007199254740993"', '{"9007199254740993":"1e400 \\\\"}', '"\\"9007199254740993', '"'.repeat(50_000),
      '\\'.repeat(50_000), `"${'\\"'.repeat(50_000)}`,
    ])
      expect(markInexact(text)).to.equal(text)
    expect(markInexact('{"a":"\\\\","b":9007199254740993}')).to.equal('{"a":"\\\\","b":1e999}')
  })
})
