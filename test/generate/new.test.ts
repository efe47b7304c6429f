// `npm run new`: what it writes compiles, pleases lint and passes the contract suite as it is; what it refuses, it says.
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { app } from '../../app.ts'
import { ArgumentError } from '../../core/boot/command.ts'
import { writeNew } from '../../core/boot/new.ts'
import { cleanUp, freshEnvironment, temporaryDirectory } from '../kit/place.ts'
import { root } from '../docs/markdown.ts'
import { run } from '../docs/processes.ts'
import { copyProject, type ProjectCopy } from '../docs/project-copy.ts'

const vehicle = [
  'resource', 'vehicle', '--field', 'label:string', '--field', 'seats:integer', '--field', 'plate:string:unique', '--field', 'notes:text:optional',
  '--field', 'state:choice:ready,repair', '--field', 'ready:boolean', '--field', 'inspectedAt:time:optional', '--field', 'length:number:default=4.5',
  '--field', 'mail:email:optional', '--field', 'manual:url:optional', '--field', 'extra:json:optional',
  '--one', 'site', '--one', 'user:driver', '--one', 'vehicle:tower', '--many', 'user:watchers', '--scope',
]

describe('generate: npm run new', function () {
  this.timeout(600_000)
  afterEach(cleanUp)
  if (!(process.env['TEST_DATABASES'] ?? 'embedded').includes('embedded')) return

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

  it('names what is wrong, and writes nothing', async () => {
    const directory = await temporaryDirectory()
    const appText = await readFile(join(root, 'app.ts'), 'utf8')
    await writeFile(join(directory, 'app.ts'), appText)
    await mkdir(join(directory, 'resources'))
    await writeFile(join(directory, 'resources/boat.ts'), '// Theirs.\n')
    const before = await readdir(directory, { recursive: true })
    const label = ['--field', 'label:string']
    const cases: readonly [argv: readonly string[], said: RegExp][] = [
      [[], /^What is to be new\? Say resource or plugin$/],
      [['table', 'x'], /^What is to be new\? Say resource or plugin, not "table"$/],
      [['resource'], /^What is the resource to be called\?/],
      [['resource', 'car', 'label:string'], /^A resource has one name, and fields are said as --field label:string$/],
      [['resource', 'Car', ...label], /^"Car" cannot name a resource; it is named by one lower-case word/],
      [['resource', 'car-park', ...label], /^"car-park" cannot name a resource/],
      [['resource', 'class', ...label], /^"class" is a word of TypeScript/],
      [['resource', 'user', ...label], /^There is a resource "user" already/],
      [['resource', 'invitation', ...label], /^There is a resource "invitation" already/],
      [['resource', 'audit', ...label], /^app\.ts has a "audit" already/],
      [['resource', 'session', ...label], /^There is a table "sessions" already, which auth\/001_auth\.ts makes; choose another name, or say --plural$/],
      [['resource', 'reference', ...label], /^"references" is a word of SQL and cannot name a table/],
      [['resource', 'purchase', '--plural', 'order', ...label], /^"order" is a word of SQL/],
      [['resource', 'purchase', '--plural', 'A b', ...label], /purchase\.plural: "A b" cannot name a table/],
      [['resource', 'boat', ...label], /^resources\/boat\.ts is there already; take it away, or choose another name$/],
      [['resource', 'car'], /^A car has at least one field, such as --field label:string$/],
      [['resource', 'car', '--field', 'label'], /^--field label: a field has a type, such as label:string; the types are string, text, integer, /],
      [['resource', 'car', '--field', 'label:strng'], /^--field label:strng: there is no type "strng"; the types are string, /],
      [['resource', 'car', '--field', 'label:constructor'], /there is no type "constructor"/],
      [['resource', 'car', '--field', 'Label:string'], /"Label" cannot be the name of a field/],
      [['resource', 'car', '--field', 'my-label:string'], /"my-label" cannot be the name of a field/],
      [['resource', 'car', '--field', 'version:integer'], /car\.version: is declared twice/],
      [['resource', 'car', '--field', 'include:string'], /car\.include: is a word of the protocol and cannot be a field/],
      [['resource', 'car', ...label, ...label], /^"label" is there twice/],
      [['resource', 'car', '--field', 'a:string:optinal'], /"optinal" says nothing; after the type come optional, unique or default=…$/],
      [['resource', 'car', '--field', 'a:integer:default=x'], /'x' cannot be its default$/],
      [['resource', 'car', '--field', 'a:string:default= '], /car\.a: its default is not a valid value of it/],
      [['resource', 'car', '--field', 'a:json:unique'], /values of that type cannot be compared, so not unique$/],
      [['resource', 'car', '--field', 'a:choice'], /name what it can be, such as state:choice:ready,repair$/],
      [['resource', 'car', ...label, '--one', 'sites'], /^--one sites: there is no resource "sites"; the resources are .*\bsite\b/],
      [['resource', 'car', ...label, '--many', 'person:owners'], /^--many person:owners: there is no resource "person"/],
      [['resource', 'car', ...label, '--many', 'user:own ers'], /"own ers" cannot name a relation/],
      [['resource', 'car', ...label, '--one', 'site', '--one', 'site'], /^"siteId" is there twice/],
      [['resource', 'car', ...label, '--fild', 'a:string'], /^Unknown option '--fild'/],
      [['plugin', 'Loans'], /^"Loans" cannot name a plugin/],
      [['plugin', 'auth'], /^There is a plugin "auth" already/],
      [['plugin', 'authority'], /^app\.ts has a "authority" already/],
      [['plugin', 'loans', ...label], /^A plugin has no fields and no relations/],
    ]
    for (const [argv, said] of cases) {
      const printed: string[] = []
      const thrown: unknown = await writeNew(app, argv, { root: directory, environment: {}, print: (line) => void printed.push(line) })
        .then(() => undefined, (error: unknown) => error)
      expect(thrown, argv.join(' ')).to.be.instanceOf(ArgumentError)
      if (thrown instanceof ArgumentError) expect(thrown.message, argv.join(' ')).to.match(said)
      expect(printed, argv.join(' ')).to.deep.equal([])
      expect(await readdir(directory, { recursive: true }), argv.join(' ')).to.deep.equal(before)
      expect(await readFile(join(directory, 'app.ts'), 'utf8')).to.equal(appText)
    }
  })
})
