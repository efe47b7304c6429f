// The program `sovrane`, as it is typed where an app is and where there is none.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { root } from '../docs/markdown.ts'
import { run, type Ended, type Variables } from '../docs/processes.ts'
import { longTest } from '../kit/extent.ts'
import { cleanUp, temporaryDirectory } from '../kit/place.ts'

const built = process.env['TEST_PROGRAMS'] === 'built'
const bin = built ? [process.execPath, join(root, 'dist/cli/bin.js')]
  : [process.execPath, `--import=${import.meta.resolve('tsx')}`, join(root, 'cli/bin.ts')]

/** An app of a project, with a plugin that has a command. */
const appFile = (core: string): string => `
import { defineApp, definePlugin } from '${core}/core/define/index.${built ? 'js' : 'ts'}'
const program = {
  trouble: 'No greeting', hint: (called) => called + ' NAME',
  main: (argv, { print, called }) => Promise.resolve(print(called + ': ' + argv.join(' '))),
}
const commands = { greet: { about: 'greets', load: () => Promise.resolve({ program }) } }
const greeter = definePlugin({ name: 'greeter', commands, setup: () => ({}) })
const here = new URL('migrations/', import.meta.url)
export const app = defineApp({ resources: [], plugins: [greeter], authority: undefined, migrations: { resources: here, app: here } })
`

describe('cli: sovrane', function () {
  this.timeout(120_000)
  afterEach(cleanUp)

  const sovrane = (directory: string, words: string, variables: Variables = {}): Promise<Ended> =>
    run(directory, [...bin, ...words.split(' ').filter((word) => word !== '')], variables)

  /** A folder with an app in JavaScript, under another name than usual where one is given. */
  const project = async (file = 'app.js'): Promise<string> => {
    const directory = await temporaryDirectory()
    await writeFile(join(directory, 'package.json'), '{ "type": "module" }')
    await writeFile(join(directory, file), appFile(built ? join(root, 'dist') : root))
    return directory
  }

  it('says where there is no app, and what to do', async () => {
    const directory = await temporaryDirectory()
    const { code, out, err } = await sovrane(directory, 'describe')
    expect({ code, out }).to.deep.equal({ code: 2, out: '' })
    expect(err).to.include(`There is no app.ts or app.js in ${directory}.`)
    expect(err).to.include('--app').and.to.include('npx sovrane init my-app')
    expect(err).to.not.include('\n    at ')
  })

  it('guesses what was meant, with an app and without', async () => {
    for (const directory of [await temporaryDirectory(), await project()]) {
      const { code, out, err } = await sovrane(directory, 'strat')
      expect({ code, out }).to.deep.equal({ code: 2, out: '' })
      expect(err).to.equal('There is no command "strat". Did you mean "start"? sovrane --help lists them.\n')
    }
    expect((await sovrane(await project(), 'gret')).err).to.include('Did you mean "greet"?')
    const far = await sovrane(await project(), 'xylophone')
    expect(far).to.deep.equal({ code: 2, out: '', err: 'There is no command "xylophone". sovrane --help lists them.\n' })
  })

  it('runs a command of a plugin, and tells of it in its help', async () => {
    const directory = await project()
    expect(await sovrane(directory, 'greet Ada')).to.deep.equal({ code: 0, out: 'npx sovrane greet: Ada\n', err: '' })
    const { code, out } = await sovrane(directory, '--help')
    expect(code).to.equal(0)
    for (const line of ['start ', 'migrate ', 'describe ', 'init ', 'greet ']) expect(out).to.include(`\n  ${line}`)
  })

  longTest('takes the file of --app, wherever it stands, and refuses one that is not there or exports no app', async () => {
    const directory = await project('other.js')
    for (const words of ['--app other.js greet Ada', 'greet --app=other.js Ada', 'greet Ada --app other.js'])
      expect((await sovrane(directory, words)).out, words).to.equal('npx sovrane greet: Ada\n')
    expect((await sovrane(directory, 'greet --app none.js')).err).to.include('none.js, which --app names')
    await writeFile(join(directory, 'empty.js'), 'export const application = 1\n')
    const { code, err } = await sovrane(directory, 'greet --app empty.js')
    expect(code).to.equal(2)
    expect(err).to.include('empty.js exports no app. It says: export const app = defineApp({ … })')
  })

  longTest('tells where an app that cannot be read goes wrong', async () => {
    const directory = await temporaryDirectory()
    await writeFile(join(directory, 'app.mjs'), 'export const app = undefined.resources\n')
    const { code, err } = await sovrane(directory, 'greet')
    expect(code).to.equal(1)
    expect(err).to.match(/^The app cannot be loaded: TypeError/).and.to.include('app.mjs:1')
  })

  it('writes a migration of the app, without a database', async () => {
    const directory = await project()
    const { code, out } = await sovrane(directory, 'migrate make add-seats')
    expect(code).to.equal(0)
    expect(out).to.match(/^Written: migrations\/\d{14}_add-seats\.ts\n$/)
    expect(await readFile(join(directory, out.slice('Written: '.length).trim()), 'utf8')).to.include('export const up')
    expect((await readdir(directory)).toSorted()).to.deep.equal(['app.js', 'migrations', 'package.json'])
  })

  longTest('says its version', async () => {
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { readonly version: string }
    expect(await sovrane(await temporaryDirectory(), '--version')).to.deep.equal({ code: 0, out: `${version}\n`, err: '' })
  })

  it('makes a project of five files, and nothing where there is something', async () => {
    const directory = await temporaryDirectory()
    expect((await sovrane(directory, 'init My-App')).code).to.equal(0)
    const made = join(directory, 'My-App')
    const files = (await readdir(made, { recursive: true })).toSorted()
    expect(files).to.deep.equal(['.gitignore', 'app.ts', 'package.json', 'test', 'test/app.test.ts', 'tsconfig.json'])
    const text = await readFile(join(made, 'package.json'), 'utf8')
    const manifest = JSON.parse(text) as { readonly name: string; readonly dependencies: object }
    expect(manifest.name).to.equal('my-app')
    expect(manifest.dependencies).to.have.property('sovrane').that.matches(/^\^\d+\.\d+\.\d+/)
    const before = await readFile(join(made, 'app.ts'), 'utf8')
    await writeFile(join(made, 'app.ts'), `${before}// mine\n`)
    const { code, err } = await sovrane(directory, 'init My-App')
    expect(code).to.equal(2)
    expect(err).to.include('is not empty: there is .gitignore and 4 more')
    expect(await readFile(join(made, 'app.ts'), 'utf8')).to.equal(`${before}// mine\n`)
    await mkdir(join(directory, 'empty'))
    expect((await sovrane(directory, 'init empty')).code).to.equal(0)
    expect(await sovrane(directory, 'init')).to.include({ code: 2 })
  })
})
