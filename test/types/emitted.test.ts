// The types of the client as they are built, as a stranger has them: without sources and the server's types, each declaration checked.
import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { check, tsc } from './compiler.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

const stranger = `// A contract by hand, and a client of it.
import { createClient } from './built/client/index.js'
import type { Contract, Request } from './built/core/define/wire.js'

interface Row { readonly id: string; readonly label: string }
interface Own extends Contract {
  readonly operations: 'ping'
  readonly events: {
    readonly 'ping': { readonly payload: Request; readonly reply: { readonly at: string } }
    readonly 'book-get': { readonly payload: Request & { readonly id: string }; readonly reply: Row }
    readonly 'book-create': { readonly payload: Request & { readonly label: string }; readonly reply: Row }
  }
  readonly resources: { readonly book: {
    readonly row: Row
    readonly create: { readonly label: string }
    readonly update: { readonly id: string; readonly label?: string }
    readonly filter: { readonly label: string }
    readonly sort: 'label'
    readonly relations: object
    readonly events: { readonly get: 'book-get'; readonly create: 'book-create' }
  } }
}
const client = createClient<Own>({ url: 'http://127.0.0.1' })
export const label: string = (await client.book.get({ id: 'x' })).label
export const at: string = (await client.ping()).at
await client.book.create({ lable: 'x' })
`

describe('types: the client as it is built', function () {
  this.timeout(120_000)

  it('checks with nothing but its own declarations and the contract of the wire', async () => {
    const place = mkdtempSync(join(tmpdir(), 'sovrane-types-'))
    try {
      writeFileSync(join(place, 'build.json'), JSON.stringify({
        extends: join(root, 'tsconfig.build.json'),
        compilerOptions: {
          outDir: join(place, 'all'), rootDir: root, emitDeclarationOnly: true,
          typeRoots: [join(root, 'node_modules/@types')],
        },
        files: ['index.ts', 'signals.ts'].map((file) => join(root, 'client', file)), include: [],
      }))
      await promisify(execFile)(process.execPath, [tsc, '-p', join(place, 'build.json')])
      mkdirSync(join(place, 'built/core/define'), { recursive: true })
      cpSync(join(place, 'all/client'), join(place, 'built/client'), { recursive: true })
      cpSync(join(place, 'all/core/define/wire.d.ts'), join(place, 'built/core/define/wire.d.ts'))
      rmSync(join(place, 'all'), { recursive: true })
      expect(readdirSync(join(place, 'built/client'))).to.include('index.d.ts')
      writeFileSync(join(place, 'package.json'), '{ "type": "module" }')
      writeFileSync(join(place, 'stranger.ts'), stranger)
      writeFileSync(join(place, 'tsconfig.json'), JSON.stringify({
        compilerOptions: {
          target: 'es2023', lib: ['es2023', 'dom'], module: 'nodenext', strict: true, exactOptionalPropertyTypes: true,
          skipLibCheck: false, types: [],
        },
        include: ['stranger.ts', 'built/**/*.d.ts'],
      }))
      const errors = (await check(place)).split('\n').filter((line) => line.includes('error TS'))
      // The one mistake of the stranger, and nothing else.
      expect(errors, errors.join("\n")).to.have.length(1)
      expect(errors[0]).to.include('stranger.ts').and.to.include("'lable'")
    } finally {
      rmSync(place, { recursive: true, force: true })
    }
  })
})
