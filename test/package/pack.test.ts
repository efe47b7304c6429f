// `npm pack`: only what is needed, with entries that Node, bundlers and compilers find, and their types.
import { readFile } from 'node:fs/promises'
import { isBuiltin } from 'node:module'
import { checkPackage, createPackageFromTarballData, type Package } from '@arethetypeswrong/core'
import { expect } from 'chai'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { tarball } from './tarball.ts'

/** For whom the package is: ES modules on Node, and bundlers. Elsewhere it has nothing to resolve. */
const resolutions = new Set(['node16-esm', 'bundler'])

describe('package: npm pack', function () {
  this.timeout(300_000)
  let data: Uint8Array<ArrayBuffer>
  let unpacked: Package

  before(async () => {
    data = Uint8Array.from(await readFile(await tarball()))
    unpacked = createPackageFromTarballData(data)
  })

  it('holds what was built, its documents, and neither sources nor tests', () => {
    const files = unpacked.listFiles().map((path) => path.replace(/^\/node_modules\/sovrane\//, ''))
    expect([...new Set(files.map((path) => path.split('/')[0] ?? ''))].toSorted())
      .to.deep.equal(['CHANGELOG.md', 'LICENSE', 'README.md', 'dist', 'docs', 'package.json'])
    const built = files.filter((path) => path.startsWith('dist/') && !path.startsWith('dist/cli/template/'))
    expect(built.filter((path) => /(?<!\.d)\.ts$/.test(path))).to.deep.equal([])
    expect(new Set(built.map((path) => path.split('/')[1]))).to.not.include('test').and.not.include('bench')
    expect(built).to.include.members([
      'dist/core/migrations/001_changes.js', 'dist/plugins/auth/hash-worker.js', 'dist/core/db/migration.stub', 'dist/cli/bin.js',
    ])
    expect(files).to.include('dist/cli/template/gitignore')
  })

  it('names no file of the sources', () => {
    const built = unpacked.listFiles().filter((path) => /\/dist\/.+\.(?:js|d\.ts)$/.test(path))
    const text = built.map((path) => [path, unpacked.readFile(path)] as const)
    expect(text).to.not.have.length(0)
    const importing = /(?:from |import |import\()['"](?:#sovrane|\.{1,2}\/[^'"\n]+\.ts)['"][;)]/
    expect(text.filter(([, code]) => importing.test(code)).map(([path]) => path)).to.deep.equal([])
    expect(importing.test("import { id } from '#sovrane';") && importing.test("export * from './core/a.ts';")).to.equal(true)
  })

  it('keeps the texts of files that it writes for projects, which import sources', () => {
    const generator = unpacked.readFile('/node_modules/sovrane/dist/core/generate/plugin.js')
    expect(generator).to.include("import { app } from '../app.ts'\n").and.to.include("wanted.engine === '#sovrane'")
    expect(generator).to.not.include("'../app.js'")
  })

  it('imports what it brings along, or what a project adds for it', () => {
    const manifest = JSON.parse(unpacked.readFile('/node_modules/sovrane/package.json')) as Readonly<Record<string, object>>
    const had = new Set(Object.keys({ ...manifest['dependencies'], ...manifest['peerDependencies'] }))
    // `ws` is Socket.IO's own.
    const isHad = (name: string): boolean => had.has(name) || isBuiltin(name) || name === 'ws'
    const importing = /^(?:import|export|\}).* from '((?:@[\w-]+\/)?\w[\w:.-]*)[\w./-]*';$/gm
    const own = unpacked.listFiles().filter((path) => /\/dist\/(?!.*\/(?:built|template)\/).+\.js$/.test(path))
    const named = own.flatMap((path) => [...unpacked.readFile(path).matchAll(importing)].map(([, name = '']) => name))
    expect(named).to.include.members(['yup', 'chai', 'node:fs'])
    expect([...new Set(named)].filter((name) => !isHad(name))).to.deep.equal([])
    expect(isHad('mocha') || isHad('smtp-server')).to.equal(false)
  })

  it('is as publint wants it', async () => {
    const { messages, pkg } = await publint({ pack: { tarball: data.buffer }, strict: true, level: 'suggestion' })
    expect(messages.map((message) => formatMessage(message, pkg as Record<string, unknown>))).to.deep.equal([])
  })

  it('has types that fit its entries, as Are the types wrong? finds them', async () => {
    const result = await checkPackage(unpacked)
    if (result.types === false) throw new Error('there are no types')
    expect(Object.keys(result.entrypoints)).to.include.members(['.', './resources', './client', './client/react', './testing', './app'])
    const problems = result.problems.filter((problem) => !('resolutionKind' in problem) || resolutions.has(problem.resolutionKind))
    expect(problems).to.deep.equal([])
  })

  it('has the program sovrane', () => {
    const manifest = JSON.parse(unpacked.readFile('/node_modules/sovrane/package.json')) as Readonly<Record<string, object>>
    expect(manifest).to.not.have.property('private')
    expect(manifest['bin']).to.deep.equal({ sovrane: 'dist/cli/bin.js' })
    expect(unpacked.readFile('/node_modules/sovrane/dist/cli/bin.js')).to.match(/^#!\/usr\/bin\/env node\n/)
  })
})
