// The reader under the other checks: comments, strings, patterns, templates and imports are told apart.
import { expect } from 'chai'
import { imports } from './imports.ts'
import { sources } from './sources.ts'
import { tokens } from './tokens.ts'

const of = (kind: string, text: string): string[] => tokens(text).filter((token) => token.kind === kind).map((token) => token.text)

describe('architecture: the reader', () => {
  it('tells comments from strings and patterns', () => {
    const text = "const a = '// no' // yes\nconst b = /['\"/*]/.test(c) /* also */\nconst d = e / f / g"
    expect(of('comment', text)).to.deep.equal([' yes', ' also '])
    expect(of('string', text)).to.deep.equal(['// no'])
    expect(of('pattern', text)).to.deep.equal(['[\'"/*]'])
    expect(of('word', text)).to.include.members(['e', 'f', 'g'])
  })

  it('reads code inside templates, nested ones too', () => {
    const text = 'const s = `a ${ f({ x: `b ${y} c` }) } d`; const t = 1'
    expect(of('string', text)).to.deep.equal(['a ', 'b ', ' c', ' d'])
    expect(of('word', text)).to.include.members(['f', 'x', 'y', 't'])
  })

  it('counts lines', () => {
    expect(tokens('a\n/* b\n */\nc').map((token) => [token.text, token.line])).to.deep.equal([['a', 1], [' b\n ', 2], ['c', 4]])
  })

  it('finds each form of import', () => {
    const text = `// import no from './comment.ts'
import a from './a.ts'
import { b, type c } from '../b.ts'
import type { d } from './d.ts'
import type from './type.ts'
import * as e from 'pg'
import './f.ts'
export { g } from './g.ts'
export * from './h.ts'
export type { i } from './i.ts'
export { j }
export const k = "./k.ts"
const l = await import('./l.ts')
console.log(import.meta.url, './m.ts')`
    expect(imports({ path: 'core/x/y.ts', text }).map(({ to, typeOnly }) => (typeOnly ? `type ${to}` : to))).to.deep.equal([
      'core/x/a.ts', 'core/b.ts', 'type core/x/d.ts', 'core/x/type.ts', 'pg', 'core/x/f.ts',
      'core/x/g.ts', 'core/x/h.ts', 'type core/x/i.ts', 'core/x/l.ts',
    ])
  })

  it('resolves every relative import of the project to a file', () => {
    const known = new Set(sources().map(({ path }) => path))
    const lost = sources().flatMap(imports).filter(({ to }) => to.endsWith('.ts') && !known.has(to))
    expect(lost.map(({ from, to, line }) => `${from}:${line}: ${to}`)).to.deep.equal([])
  })
})
