// `npm run new`: what it refuses, it says. That what it writes compiles and runs takes minutes: test/nightly/generate.test.ts.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { app } from '../../app.ts'
import { ArgumentError } from '../../core/boot/command.ts'
import { writeNew } from '../../core/boot/new.ts'
import { cleanUp, temporaryDirectory } from '../kit/place.ts'
import { root } from '../docs/markdown.ts'

describe('generate: npm run new', () => {
  afterEach(cleanUp)

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
