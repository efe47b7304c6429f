// The client runs in browsers: of the server it knows the types of the contract alone, and of packages only what is meant for it.
import { expect } from 'chai'
import { imports } from './imports.ts'
import { sources } from './sources.ts'
import type { Source } from './sources.ts'
import { tokens } from './tokens.ts'

/** What says how an app's contract looks, as types. */
const contract = new Set(['core/define/contract.ts', 'core/define/wire.ts'])

/** By the file that may import it. */
const packages: Readonly<Record<string, string>> = { 'client/wire.ts': 'socket.io-client', 'client/react.ts': 'react' }

const wrongImports = (all: readonly Source[]): string[] => all
  .filter(({ path }) => path.startsWith('client/'))
  .flatMap(imports)
  .filter(({ from, to, typeOnly }) => !(to.startsWith('client/') || (typeOnly && contract.has(to)) || packages[from] === to))
  .map(({ from, to, line }) => `${from}:${line} imports ${to}`)

/** What Node has and browsers have not, or only in pages that came over TLS. */
const nodeOnly = /\b(?:randomUUID|process|Buffer|require|__dirname|__filename|setImmediate|global)\b/

describe('architecture: the client', () => {
  it('imports nothing that a browser has not', () => {
    expect(sources().filter(({ path }) => path.startsWith('client/'))).to.not.have.length(0)
    expect(wrongImports(sources())).to.deep.equal([])
  })

  it('names nothing that only Node has', () => {
    const code = (text: string): string => tokens(text).flatMap(({ kind, text: word }) => (kind === 'word' ? [word] : [])).join(' ')
    const named = sources().filter(({ path, text }) => path.startsWith('client/') && nodeOnly.test(code(text)))
    expect(named.map(({ path }) => path)).to.deep.equal([])
    expect(nodeOnly.test(code("x(Buffer.from('text'))"))).to.equal(true)
  })

  for (const [path, text] of [
    ['client/a.ts', "import { readFile } from 'node:fs'"],
    ['client/a.ts', "import type { Server } from '../core/boot/server.ts'"],
    ['client/a.ts', "import { catalogue } from '../core/define/errors.ts'"],
    ['client/a.ts', "import { ContractOf } from '../core/define/contract.ts'"],
    ['client/index.ts', "import { useState } from 'react'"],
  ] as const) it(`catches ${text}`, () => expect(wrongImports([{ path, text }])).to.have.length(1))

  for (const [path, text] of [
    ['client/a.ts', "import type { ContractOf } from '../core/define/contract.ts'"],
    ['client/wire.ts', "import { io } from 'socket.io-client'"],
    ['core/a.ts', "import { readFile } from 'node:fs'"],
  ] as const) it(`lets ${path} ${text}`, () => expect(wrongImports([{ path, text }])).to.deep.equal([]))
})
