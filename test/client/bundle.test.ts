// The client as a browser loads it: how large it is, and that it needs nothing of Node.
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { expect } from 'chai'
import { root } from '../docs/markdown.ts'

/** Bytes after gzip, Socket.IO's client and all. */
const most = 25 * 1024

const bundle = async (entry: string): Promise<string> => {
  const { outputFiles } = await build({
    stdin: { contents: entry, resolveDir: root }, bundle: true, minify: true, format: 'esm', platform: 'browser', write: false,
    logLevel: 'silent', external: ['react'],
  })
  return outputFiles[0]?.text ?? ''
}

describe('client: the bundle', () => {
  it(`is at most ${most} bytes after gzip`, async () => {
    const text = await bundle("export * from './client/index.ts'")
    expect(text).to.include('sovrane')
    expect(gzipSync(text, { level: 9 }).length).to.be.greaterThan(10_000).and.at.most(most)
  })

  it('is what other projects import as sovrane/client, once it is built', async () => {
    const text = await readFile(`${root}/package.json`, 'utf8')
    const { exports } = JSON.parse(text) as { exports: Record<string, string | { types: string }> }
    const sourceOf = (target: string): string => target.replace('./dist/', './').replace(/(?:\.d\.ts|\.js)$/, '.ts')
    // What authors import is another matter: test/package.
    const own = Object.entries(exports).filter(([name]) => name === './app' || name.startsWith('./client'))
    const sources = own.map(([name, to]) => [name, sourceOf(typeof to === 'string' ? to : to.types)])
    expect(Object.fromEntries(sources)).to.deep.equal({
      './client': './client/index.ts', './client/react': './client/react.ts', './client/signals': './client/signals.ts', './app': './app.ts',
    })
    for (const [, source] of sources) expect(existsSync(`${root}/${source}`), source).to.equal(true)
  })

  it('is a check that catches what only Node has', async () => {
    const failed = await bundle("import { readFileSync } from 'node:fs'; readFileSync('x')").then(() => 'bundled', () => 'refused')
    expect(failed).to.equal('refused')
  })
})
