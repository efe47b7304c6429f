// No file needs, at run time, a file that needs it: import order would decide what works.
import { expect } from 'chai'
import { imports } from './imports.ts'
import { product } from './sources.ts'
import type { Source } from './sources.ts'

/** Each cycle of value imports once, as the path that closes it. */
function cycles(all: readonly Source[]): string[] {
  const needs = new Map(all.map((source) => [source.path, imports(source).filter(({ typeOnly }) => !typeOnly).map(({ to }) => to)]))
  const done = new Set<string>()
  const found: string[] = []
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path)
    if (start !== -1) found.push([...trail.slice(start), path].join(' -> '))
    if (start !== -1 || done.has(path)) return
    for (const next of needs.get(path) ?? []) visit(next, [...trail, path])
    done.add(path)
  }
  for (const path of needs.keys()) visit(path, [])
  return found
}

describe('architecture: cycles', () => {
  it('there is none among value imports', () => {
    expect(cycles(product())).to.deep.equal([])
  })

  it('catches one over three files, and one over a re-export', () => {
    expect(cycles([
      { path: 'core/a.ts', text: "import { b } from './b.ts'" },
      { path: 'core/b.ts', text: "export * from './c.ts'" },
      { path: 'core/c.ts', text: "import './a.ts'" },
    ])).to.deep.equal(['core/a.ts -> core/b.ts -> core/c.ts -> core/a.ts'])
  })

  it('catches a file that imports itself', () => {
    expect(cycles([{ path: 'core/a.ts', text: "import * as a from './a.ts'" }])).to.have.length(1)
  })

  it('lets types refer to each other', () => {
    expect(cycles([
      { path: 'core/a.ts', text: "import type { B } from './b.ts'" },
      { path: 'core/b.ts', text: "import { a } from './a.ts'" },
    ])).to.deep.equal([])
  })
})
