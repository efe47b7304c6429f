// Pages that repeat what the code says: the moments of a call, the error codes, the variables. Each says the same.
import { expect } from 'chai'
import { lifecycle } from '../../core/call/lifecycle.ts'
import { schemaFields } from '../../core/boot/fields.ts'
import { settings } from '../../core/boot/settings.ts'
import { app } from '../../app.ts'
import { catalogue } from '../../core/define/index.ts'
import { sources } from '../architecture/sources.ts'
import { read } from './markdown.ts'

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
    const listed = rows(read('docs/errors.md')).map(([code, status]) => [bare(code), Number(status)])
    expect(listed).to.deep.equal(Object.entries(catalogue).map(([code, { status }]) => [code, status]))
  })

  /** Every variable that core or a plugin of the app reads, with its default. */
  const variables = new Map<string, string>([
    ...[settings, ...app.plugins.flatMap((plugin) => ('config' in plugin && plugin.config ? [plugin.config] : []))].flatMap(schemaFields)
      .map(([name, field]): [string, string] => [name, String(field.getDefault() ?? '')]),
    ...sources().filter(({ path }) => app.plugins.some(({ name }) => path.startsWith(`plugins/${name}/`))).flatMap(({ text }) => [...text.matchAll(/\bsecret\('(\w+)'\)/g)].map(([, name = '']): [string, string] => [name, ''])),
  ])

  it('operations.md lists every variable with its default, and no other', () => {
    const [, table = ''] = read('docs/operations.md').split('## Environment')
    const listed = rows(table.split('\n## ')[0] ?? '').map(([name, initial]): [string, string] => [bare(name), bare(initial)])
    expect(Object.fromEntries(listed)).to.deep.equal(Object.fromEntries(variables))
  })

  it('the README lists no variable that there is not', () => {
    const [, table = ''] = read('README.md').split('## Configuration')
    const named = rows(table.split('\n## ')[0] ?? '').flatMap(([names]) => [...(names ?? '').matchAll(/[A-Z][A-Z_]+/g)].map(([name]) => name))
    expect(named.filter((name) => !variables.has(name))).to.deep.equal([])
  })
})
