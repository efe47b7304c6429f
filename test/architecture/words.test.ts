// Plain technical English in comments, messages and documents, and no name that says nothing: one word for one thing.
import { expect } from 'chai'
import { documents, sources } from './sources.ts'
import type { Source } from './sources.ts'
import { tokens } from './tokens.ts'

interface Rule {
  readonly pattern: RegExp
  readonly say: string
  /** Texts that the rule must catch. */
  readonly bad: readonly string[]
  /** Texts that it must let pass. */
  readonly good?: readonly string[]
}

/** What is not written in texts, and what is written instead. */
const inTexts: readonly Rule[] = [
  {
    pattern: /\b(?:any|every|some)body\b|\bnobody\b(?!@)/i, say: 'anyone, everyone, someone, no one',
    bad: ['Nobody may', "everybody's"], good: ['nobody@example.com', 'the body'],
  },
  { pattern: /\bwho(?:so)?ever\b/i, say: 'who, those who, anyone who', bad: ['whoever writes'], good: ['however'] },
  {
    pattern: /\b(?:he|him|his|himself|she|hers?)\b/i, say: 'they, them, their', bad: ['his own row', 'He logs in'],
    good: ['the history of this', 'here'],
  },
  {
    pattern: /(?<!\bthere )\bis no (?!longer\b|one\b|more\b)[a-z]/i, say: 'is not a …; unknown …',
    bad: ['is no known field', 'x is no cursor'], good: ['there is no field', 'is no longer there'],
  },
  { pattern: /\bis none of\b/i, say: 'must be one of', bad: ['is none of verify, export'] },
  { pattern: /\bany more\b(?! than)/i, say: 'no longer', bad: ['not valid, or not any more'] },
  {
    pattern: /\bone must do\b|\bdoes not do\b|\bfor once only\b|\bfor want of\b|\bhas not\b(?=[,.;]|$)/i,
    say: 'a sentence that says it straight',
    bad: ['; one must do', 'an API token does not do', 'for once only', 'a date, which JSON has not;'],
  },
  {
    pattern: /(?:^|[.;:]\s+|^\s+)Of (?:what|which|whom|other|those)\b/, say: 'subject, verb, object',
    bad: ['Of what is sealed nothing is', 'so. Of other names are the jobs'],
    good: ['Of several changes only the last is told'],
  },
]

/** Words that are no name of a thing, as whole identifiers of the product. */
const inNames: readonly Rule[] = [
  { pattern: /^(?:Bare|Thing|Stuff|Data|Info|Misc)$/, say: 'the name of what it is', bad: ['Bare', 'Misc'], good: ['BareName', 'bare'] },
]

/** Where the texts are read. Migrations that have run are not changed. */
const isRead = (path: string): boolean =>
  /^(?:client|core|docs|plugins|resources|testing)\/|^\w+\.(?:md|ts)$/.test(path) && !path.includes('/migrations/')

interface Text { readonly text: string; readonly line: number }

const textsOf = ({ path, text }: Source): Text[] => {
  // A quoted reply is read where it comes from.
  if (path.endsWith('.md')) return text.split('\n').map((each, index) => ({ text: each.startsWith('←') ? '' : each, line: index + 1 }))
  return tokens(text).flatMap(({ kind, text: each, line }) => (kind === 'comment' || kind === 'string' ? [{ text: each, line }] : []))
}

const faults = (all: readonly Source[]): string[] => all.flatMap((source) => [
  ...textsOf(source).flatMap(({ text, line }) => inTexts.flatMap(({ pattern, say }) => {
    const found = pattern.exec(text)
    return found ? [`${source.path}:${line}: "${found[0]}": ${say}`] : []
  })),
  ...(source.path.endsWith('.md') ? [] : tokens(source.text).flatMap(({ kind, text, line }) => inNames
    .filter(({ pattern }) => kind === 'word' && pattern.test(text)).map(({ say }) => `${source.path}:${line}: "${text}": ${say}`))),
])

describe('architecture: words', () => {
  it('are plain, and the same for the same thing', () => {
    const read = [...sources(), ...documents()].filter(({ path }) => isRead(path))
    expect(read.length).to.be.greaterThan(100)
    expect(faults(read)).to.deep.equal([])
  })

  for (const { bad, good = [] } of inTexts) {
    for (const text of bad) it(`catches "${text}"`, () => expect(faults([{ path: 'core/a.ts', text: `// ${text}` }])).to.have.length(1))
    for (const text of bad)
      it(`catches "${text}" in a message`, () =>
        expect(faults([{ path: 'core/a.ts', text: `x(${JSON.stringify(text)})` }])).to.have.length(1))
    for (const text of good) it(`lets "${text}"`, () => expect(faults([{ path: 'docs/a.md', text }])).to.deep.equal([]))
  }
  for (const { bad, good = [] } of inNames) {
    for (const text of bad)
      it(`catches the name ${text}`, () => expect(faults([{ path: 'core/a.ts', text: `type ${text} = 1` }])).to.have.length(1))
    for (const text of good)
      it(`lets the name ${text}`, () => expect(faults([{ path: 'core/a.ts', text: `type ${text} = 1` }])).to.deep.equal([]))
  }
})
