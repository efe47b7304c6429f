// Files are short, say first what they are for, and bear a name that says it too.
import { expect } from 'chai'
import { files, product, sources } from './sources.ts'
import type { Source } from './sources.ts'

const limit = 300
const medianLimit = 100

const lines = ({ text }: Source): number => text.replace(/\n$/, '').split('\n').length

const tooLong = (all: readonly Source[]): string[] =>
  all.filter((source) => lines(source) > limit).map((source) => `${source.path}: ${lines(source)} lines`)

const median = (all: readonly Source[]): number => all.map(lines).toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0

/** Files whose first line (after `#!`) is not a comment of a few words. */
const unexplained = (all: readonly Source[]): string[] =>
  all.filter(({ text }) => !/^(#!.*\n)?\/\/ \S+ \S+ \S+/.test(text)).map(({ path }) => path)

/** Names that say nothing: what lies in such a file is about something, and that is its name. */
const empty = new Set(['util', 'utils', 'utility', 'utilities', 'helper', 'helpers', 'common', 'misc', 'manager', 'managers'])

/** By the last word of each folder's and file's name: `query-helpers.ts`, `connectionManager.ts`, but not `common-columns.ts`. */
const emptyNames = (paths: readonly string[]): string[] => paths.filter((path) => path.split('/').some((part) => {
  const [name = ''] = part.replace(/^\./, '').split('.')
  const last = name.split(/[_-]|(?<=[a-z0-9])(?=[A-Z])/).at(-1) ?? ''
  return empty.has(last.toLowerCase())
}))

/** Two that landed on one day: they are recorded under these names in databases, and run in the order of their names. */
const sameNumber = new Set(['core/migrations/004_request_sessions.ts'])

/** Migrations whose number another of their owner has: which runs first would depend on a word. */
const doubled = (paths: readonly string[]): string[] => {
  const numbered = paths
    .filter((path) => /\/migrations\/\d+_\w+\.ts$/.test(path))
    .map((path) => ({ path, place: /^.*\/\d+/.exec(path)?.[0] }))
  return numbered.filter(({ place }, index) => numbered.findIndex((other) => other.place === place) < index).map(({ path }) => path)
}

describe('architecture: files', () => {
  it(`have at most ${limit} lines`, () => {
    expect(tooLong(sources())).to.deep.equal([])
    expect(tooLong([{ path: 'core/long.ts', text: 'x\n'.repeat(limit + 1) }])).to.deep.equal([`core/long.ts: ${limit + 1} lines`])
    expect(tooLong([{ path: 'core/full.ts', text: 'x\n'.repeat(limit) }])).to.deep.equal([])
  })

  it(`have a median under ${medianLimit} lines`, () => {
    expect(median(product())).to.be.greaterThan(0).and.lessThan(medianLimit)
    expect(median([1, 500, 120].map((count) => ({ path: 'x.ts', text: 'x\n'.repeat(count) })))).to.equal(120)
  })

  it('say in their first line what they are for', () => {
    expect(unexplained(sources())).to.deep.equal([])
    const bad = ["import x from './x.ts'\n", '// TODO\n', '\n// Too late to say it.\n', '']
    expect(unexplained(bad.map((text, index) => ({ path: String(index), text })))).to.have.length(bad.length)
    expect(unexplained([{ path: 'bin.ts', text: '#!/usr/bin/env node\n// Starts the server at once.\n' }])).to.deep.equal([])
  })

  it('have a number of their own where they are migrations', () => {
    expect(doubled(files().toSorted()).filter((path) => !sameNumber.has(path))).to.deep.equal([])
    expect(doubled(['core/migrations/001_a.ts', 'core/migrations/002_b.ts', 'core/migrations/002_c.ts', 'x/migrations/002_b.ts'])).to.deep.equal(['core/migrations/002_c.ts'])
  })

  it('have names that say something', () => {
    expect(emptyNames(files())).to.deep.equal([])
    const bad = ['core/utils.ts', 'core/utils/date.ts', 'core/db/connectionManager.ts', 'core/db/query-helpers.ts', 'test/common/a.test.ts']
    expect(emptyNames(bad)).to.deep.equal(bad)
    expect(emptyNames(['core/define/commonality.ts', 'core/db/manage.ts', 'test/wire/common-columns.test.ts'])).to.deep.equal([])
  })
})
