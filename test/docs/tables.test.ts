// Pages that repeat what the code says: the moments of a call, the error codes and reasons, the variables. Each says the same.
import { expect } from 'chai'
import { lifecycle } from '../../core/call/lifecycle.ts'
import { app } from '../../app.ts'
import { catalogue } from '../../core/define/index.ts'
import { sources } from '../architecture/sources.ts'
import { compiled } from '../kit/server.ts'
import { read } from './markdown.ts'
import { variablesOf } from './variables.ts'

/** The cells of a table's rows whose first cell begins with code. */
const rows = (text: string): string[][] =>
  [...text.matchAll(/^\|( `.+)\|$/gm)].map(([, row = '']) => row.split('|').map((cell) => cell.trim()))

const bare = (cell: string | undefined): string => (cell ?? '').replaceAll('`', '')

describe('docs: pages that repeat the code', () => {
  it('lifecycle.md lists the moments in their order', () => {
    const listed = [...read('docs/lifecycle.md').matchAll(/^\d+\. `(\w+)`/gm)].map(([, moment]) => moment)
    expect(listed).to.deep.equal([...lifecycle])
  })

  it('errors.md lists the codes with their statuses', () => {
    const [table = ''] = read('docs/errors.md').split('## Reasons')
    const listed = rows(table).map(([code, status]) => [bare(code), Number(status)])
    expect(listed).to.deep.equal(Object.entries(catalogue).map(([code, { status }]) => [code, status]))
  })

  it('errors.md says of each code what protocol.md says', () => {
    const lines = (document: string): string[] => read(document).split('\n').filter((line) => /^\| `\w+` \| [45]\d\d \|/.test(line))
    expect(lines('docs/errors.md')).to.deep.equal(lines('docs/protocol.md'))
  })

  it('errors.md lists every reason that the app declares, with its code and owner, and no other', () => {
    const [, table = ''] = read('docs/errors.md').split('## Reasons')
    const declared = [...compiled(app).reasons].map(([reason, { owner, refuse }]) => [reason, refuse().code, owner])
    expect(rows(table).map((cells) => cells.slice(0, 3).map(bare))).to.have.deep.members(declared)
    // What is declared and not listed by a definition or a plugin would be missing from both.
    const codes = Object.keys(catalogue).join('|')
    const written = sources().filter(({ path }) => /^(core|resources|plugins)\//.test(path))
      .flatMap(({ text }) => [...text.matchAll(new RegExp(`([\\w.]+)'?: \\['(?:${codes})'`, 'g'))].map(([, reason]) => reason))
      // The errors of an operation are written alike.
      .filter((reason) => reason !== 'errors')
    expect(written).to.have.members(declared.map(([reason]) => reason))
    for (const [reason, , , when, then] of rows(table)) expect([when, then], reason).not.to.include('')
  })

  const variables = variablesOf(app)

  it('operations.md lists every variable with its default, and no other', () => {
    const [, table = ''] = read('docs/operations.md').split('## Environment')
    const listed = rows(table.split('\n## ')[0] ?? '').map(([name, initial]): [string, string] => [bare(name), bare(initial)])
    expect(Object.fromEntries(listed)).to.deep.equal(Object.fromEntries(variables))
  })

  it('the README lists no variable that there is not', () => {
    const [, table = ''] = read('README.md').split('## Configuration')
    const named = rows(table.split('\n## ')[0] ?? '').flatMap(([names]) =>
      [...(names ?? '').matchAll(/[A-Z][A-Z_]+/g)].map(([name]) => name))
    expect(named.filter((name) => !variables.has(name))).to.deep.equal([])
  })
})
