// `npm run new`: what it writes compiles, pleases lint and passes the contract suite as it is.
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { root } from '../docs/markdown.ts'
import { run } from '../docs/processes.ts'
import { copyProject, type ProjectCopy } from '../docs/project-copy.ts'
import { onEmbedded } from '../kit/databases.ts'
import { cleanUp, freshEnvironment } from '../kit/place.ts'

const vehicle = [
  'resource', 'vehicle', '--field', 'label:string', '--field', 'seats:integer', '--field', 'plate:string:unique', '--field', 'notes:text:optional',
  '--field', 'state:choice:ready,repair', '--field', 'ready:boolean', '--field', 'inspectedAt:time:optional', '--field', 'length:number:default=4.5',
  '--field', 'mail:email:optional', '--field', 'manual:url:optional', '--field', 'extra:json:optional',
  '--one', 'site', '--one', 'user:driver', '--one', 'vehicle:tower', '--many', 'user:watchers', '--scope',
]

onEmbedded('generate: npm run new', () => {
  afterEach(cleanUp)

  const made = async (copy: ProjectCopy, ...argv: string[]): Promise<string[]> => {
    const { code, out, err } = await run(copy.directory, [process.execPath, '--import=tsx', 'main.ts', 'new', ...argv], {})
    expect({ code, err }).to.deep.equal({ code: 0, err: '' })
    return [...out.matchAll(/^(?:wrote {2}|changed) (\S+)$/gm)].flatMap(([, path]) => path ?? [])
  }

  /** The compiler and lint have nothing to say. */
  const expectClean = async (copy: ProjectCopy, paths: readonly string[]): Promise<void> => {
    await copy.compile(...paths)
    const rules = join(root, '.oxlintrc.json')
    const { code, out } = await copy.run('node_modules/.bin/oxlint', '--type-aware', '--deny-warnings', '--config', rules, ...paths)
    expect(code, out).to.equal(0)
  }
  const expectPassing = async (copy: ProjectCopy, ...argv: string[]): Promise<void> => {
    const { code, out } = await copy.run(process.execPath, 'node_modules/mocha/bin/mocha.js', ...argv)
    expect(code, out).to.equal(0)
    expect(out).to.match(/\d+ passing/).and.not.match(/^ +0 passing/m)
  }

  it('resource: its files are clean, its tables are as defined, and it passes the contract suite', async () => {
    const copy = await copyProject()
    const paths = await made(copy, ...vehicle)
    expect(paths.map((path) => path.replace(/\d{14}/, '*'))).to.deep.equal([
      'resources/vehicle.ts', 'resources/migrations/*_vehicles.ts', 'app.ts',
    ])
    await expectClean(copy, paths)
    const environment = await freshEnvironment('embedded')
    const checked = await run(copy.directory, [process.execPath, '--import=tsx', 'main.ts', 'migrate', 'diff', '--check'], environment)
    expect(checked.out).to.equal('The database is what the definitions say\n')
    await cp(join(root, 'test/contract'), join(copy.directory, 'test/contract'), { recursive: true })
    await expectPassing(copy, 'test/contract/definitions.test.ts', '-g', 'vehicle')
  })

  it('plugin: its files are clean, and its test passes', async () => {
    const copy = await copyProject()
    const paths = await made(copy, 'plugin', 'loan-desk')
    expect(paths.map((path) => path.replace(/\d{14}/, '*'))).to.deep.equal([
      'plugins/loan-desk/index.ts', 'plugins/loan-desk/migrations/*_loan_desk_notes.ts', 'test/loan-desk.test.ts', 'app.ts',
    ])
    await expectClean(copy, paths)
    await expectPassing(copy, 'test/loan-desk.test.ts')
  })
})
