// What the server says is wrong with a field is read by people who speak another language: every sentence of its own is translated.
import { expect } from 'chai'
import { array, number, string, type Schema } from 'yup'
import { dateTime, email, httpUrl, id, json, label } from '../../core/define/fields.ts'
import { faultsOf } from '../../core/define/validate.ts'
import type { Setting } from '../../core/define/settings.ts'
import { createPolicy } from '../../plugins/auth/policy.ts'
import { fieldFault } from '../../plugins/console/browser/app/server-faults.ts'
import { speak } from '../../plugins/console/browser/texts/texts.ts'

/** What is given to which schema. */
const wrong: readonly (readonly [Schema, unknown])[] = [
  [string().required(), undefined], [string().defined(), null],
  [string().min(3), 'a'], [string().max(3), 'abcd'], [string().length(2), 'a'],
  [string().matches(/^a/), 'b'], [string().lowercase(), 'A'], [string().oneOf(['a', 'b']), 'c'], [string().notOneOf(['a']), 'a'],
  [number().min(3), 2], [number().max(-3), 2], [number().integer(), 0.5], [array().min(1), []], [array().max(1), [1, 2]],
  [id(), '-'], [label(10), ' a '], [label(10), '\u200b'], [label(10), 'a\nb'], [label(10), 'a\u202e'], [email(), 'a'], [httpUrl(), 'a'],
  [dateTime(), 'a'], [json(4), { a: 1 }],
]

describe('console: the server\'s faults, in the language of the person', () => {
  const sentences = wrong.flatMap(([schema, value]) => faultsOf(schema, value, 'field').map(({ message }) => message))

  before(() => speak('fr'))

  it('each of them is found by its schema', () => expect(sentences.length).to.be.at.least(wrong.length))

  for (const message of sentences)
    it(`"${message}"`, () => expect(fieldFault(message)).to.not.equal(message).and.not.match(/\b(?:must|is|of the)\b/))

  it('what is wrong with a password', async () => {
    const values: Readonly<Record<string, unknown>> = {
      account_password_min_length: 8, account_password_max_length: 64, account_password_min_score: 3,
    }
    const policy = createPolicy({
      // All kinds of characters are wanted.
      settings: { get: <T>({ key }: Setting<T>) => (values[key] ?? true) as T },
      hashing: { guess: async () => ({ guesses: 1, warning: 'A common name' }) }, names: ['sovrane'],
    })
    const found = ['', 'password', 'A'.repeat(65), 'ÀÉ'.repeat(40), ' '.repeat(9)].flatMap((password) => policy.faults(password))
    const easy = await policy.easy('Correct-Horse-9', { words: [], shares: {} as never })
    const own = await policy.easy('Sovrane1', { words: [], shares: {} as never })
    const all = [...new Set([...found, easy ?? '', own ?? '', 'must not be one of the last 5 passwords'])]
    expect(all).to.have.length.greaterThan(10)
    for (const message of all) expect(fieldFault(message), message).to.not.equal(message).and.not.match(/\b(?:must|is|of the)\b/)
  })

  it('keeps what it does not know', () => expect(fieldFault('must be painted blue')).to.equal('must be painted blue'))
})
