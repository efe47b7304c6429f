// No `any`, and no comment that switches a check off: a rule with a back door is a wish.
import { expect } from 'chai'
import { sources } from './sources.ts'
import type { Source } from './sources.ts'
import { tokens } from './tokens.ts'

const switches = /@ts-(ignore|nocheck)|(eslint|oxlint)-disable/

/** The word `any` where it is a type: not a member (`chai.any`), nor a key (`any:`), nor a function (`any(`). */
const isAny = (before: string | undefined, word: string, after: string | undefined): boolean =>
  word === 'any' && before !== '.' && after !== ':' && after !== '('

const untyped = (all: readonly Source[]): string[] => all.flatMap(({ path, text }) => {
  const found = tokens(text)
  const code = found.filter(({ kind }) => kind !== 'comment')
  const anys = code.filter(({ kind, text: word }, index) => kind === 'word' && isAny(code[index - 1]?.text, word, code[index + 1]?.text))
  const off = found.filter(({ kind, text: comment }) => kind === 'comment' && switches.test(comment))
  return [...anys.map(({ line }) => `${path}:${line}: any`), ...off.map(({ line, text: comment }) => `${path}:${line}:${comment}`)]
})

describe('architecture: types', () => {
  it('there is no any, and no check is switched off', () => {
    expect(untyped(sources())).to.deep.equal([])
  })

  const bad = [
    'const a: any = 1', 'let b = c as any', 'type D = Map<string, any>', 'type E = any[]', 'function f<T = any>() {}', 'type G = { any: any }',
    '// @ts-ignore', '// @ts-nocheck', '/* eslint-disable */', '// oxlint-disable-next-line no-console', 'a // eslint-disable-line',
  ]
  for (const text of bad) it(`catches ${text}`, () => expect(untyped([{ path: 'core/a.ts', text }])).to.have.length(1))

  const good = [
    '// for any row', "log('any')", 'expect(x).to.have.any.keys(y)', 'await Promise.any(z)',
    'const a = { any: 1 }', '// @ts-expect-error: not a site',
  ]
  for (const text of good) it(`lets ${text}`, () => expect(untyped([{ path: 'core/a.ts', text }])).to.deep.equal([]))
})
