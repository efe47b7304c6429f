// `npm run migration:diff` as it is called, in somebody's project: what it writes and where, what it asks, and what it refuses.
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect } from 'chai'
import { number, object, string } from 'yup'
import { app } from '../../app.ts'
import { ArgumentError } from '../../core/boot/command.ts'
import { migrationDiff } from '../../core/boot/migration-diff.ts'
import { defineApp, defineResource, label, type AnyResource, type App } from '../../core/define/index.ts'
import { onAnyDatabase } from '../kit/databases.ts'
import { cleanUp, freshEnvironment, temporaryDirectory } from '../kit/place.ts'

const text = () => string().max(20).nullable().default(null)
const list = { sort: ['label'] } as const
const plain = { label: label(80).required() }
const boat = defineResource({ name: 'boat', schema: object(plain), list })
const ship = defineResource({ name: 'ship', schema: object({ ...plain, seats: number().integer().default(4), berth: text() }), list })

onAnyDatabase('boot: migration:diff', (kind) => {
  let root = ''
  let environment: Readonly<Record<string, string>> = {}

  before(async function () {
    this.timeout(120_000)
    environment = await freshEnvironment(kind)
    root = await temporaryDirectory()
    await writeFile(join(root, 'app.ts'), "import { defineApp } from 'sovrane'\n")
    await mkdir(join(root, 'migrations'))
    await writeFile(join(root, 'package.json'), '{ "type": "module" }')
    // The package, as it would be installed.
    const installed = join(root, 'node_modules/sovrane')
    await mkdir(installed, { recursive: true })
    await writeFile(join(installed, 'package.json'), '{ "name": "sovrane", "type": "module", "exports": "./index.js" }')
    await writeFile(join(installed, 'index.js'), `export * from '${new URL('../../core/define/index.ts', import.meta.url).href}'\n`)
  })
  after(cleanUp)

  /** Their own definitions beside those of the app; their migrations lie in a folder of the project. */
  const appWith = (...resources: AnyResource[]): App => {
    const directory = pathToFileURL(join(root, 'migrations/'))
    return defineApp({ ...app, resources: [...app.resources, ...resources], migrations: directory })
  }
  const files = (): Promise<string[]> => readdir(join(root, 'migrations'))

  const diff = async (of: App, ...argv: string[]): Promise<{ readonly isGood: boolean; readonly said: readonly string[] }> => {
    const said: string[] = []
    const isGood = await migrationDiff(of, argv, { root, environment, print: (line) => void said.push(line) })
    return { isGood, said }
  }

  /** What it says when it writes nothing. */
  const refusal = async (of: App, ...argv: string[]): Promise<string> => {
    const before = await files()
    const thrown: unknown = await diff(of, ...argv).then(() => undefined, (error: unknown) => error)
    expect(thrown, argv.join(' ')).to.be.instanceOf(ArgumentError)
    expect(await files()).to.deep.equal(before)
    return thrown instanceof ArgumentError ? thrown.message : ''
  }

  it('says what differs, and writes nothing, where it only checks', async () => {
    expect(await diff(appWith(), '--check')).to.deep.equal({ isGood: true, said: ['The database is what the definitions say'] })
    expect(await diff(appWith(boat), '--check')).to.deep.equal({ isGood: false, said: [
      'needed: boat: there is no table "boats". The migration is written by: npm run migration:diff -- boats', '1 difference',
    ] })
    expect(await files()).to.deep.equal([])
  })

  it('says so where there is nothing to write', async () => {
    expect(await diff(appWith(), 'nothing')).to.deep.equal({
      isGood: true, said: ['The tables of resources are what the definitions say: nothing is to be written'],
    })
    expect(await files()).to.deep.equal([])
  })

  it('writes one migration, and knows of it although it has not run', async () => {
    const { said } = await diff(appWith(boat), 'boats')
    const [name = ''] = await files()
    expect(name).to.match(/^\d{14}_boats\.ts$/)
    expect(said).to.deep.equal([`Wrote migrations/${name}. Read it; the next start runs it`])
    expect(await readFile(join(root, 'migrations', name), 'utf8')).to.include(
      "import { indexList, resourceColumns, trackChanges } from 'sovrane'",
    )
    expect((await diff(appWith(boat), 'boats')).said).to.deep.equal([
      'The tables of resources are what the definitions say: nothing is to be written',
    ])
    // Without the file it is as before: what was looked at was not run for good.
    expect((await diff(appWith(boat, ship), 'ships')).isGood).to.equal(true)
    const written = await files()
    expect(written.map((each) => each.slice(15))).to.deep.equal(['boats.ts', 'ships.ts'])
  })

  it('asks what is meant where a field goes and one like it comes', async () => {
    const schema = object({ ...plain, capacity: number().integer().default(4), berth: text() })
    const changed = appWith(boat, defineResource({ name: 'ship', schema, list }))
    expect(await refusal(changed, 'capacity')).to.match(/^The column "seats" of the table "ships" .* Then say --rename ships\.seats:capacity\. If it is not: --drop ships\.seats$/)
    expect(await refusal(changed, 'capacity', '--rename', 'seats:size'))
      .to.match(/^--rename seats:size: there must be a column "seats" .*, in one table; or a table "seats" that no definition has any longer, and one "size" that is not there yet$/)
    expect(await refusal(changed, 'capacity', '--rename', 'boats.seats:capacity')).to.match(/in one table, here "boats"$/)
    expect(await refusal(changed, 'capacity', '--rename', 'capacity')).to.equal('"capacity" is not a rename: say --rename old:new, or --rename table.old:new')
    expect(await refusal(changed, 'capacity', '--drop', 'label')).to.equal('--drop label: every column and table of that name is one of a '
      + 'definition, or there is none. Columns that can be dropped: ships.seats; tables: none')
    const { said } = await diff(changed, 'capacity', '--drop', 'seats')
    expect(said[1]).to.equal('What would lose something is commented out in it, with the reason')
  })

  it('asks what is meant where a table goes and one like it comes, by whichever name', async () => {
    const schema = object({ ...plain, seats: number().integer().default(4), berth: text() })
    const ferry = defineResource({ name: 'ferry', plural: 'ferries', schema, list })
    const changed = appWith(boat, ferry)
    expect(await refusal(changed, 'ferries'))
      .to.equal('The table "ships" is no longer that of a definition, and "ferries" is new. Is it the same under another name? '
        + 'Then say --rename ships:ferries. If it is not: --drop ships')
    expect((await diff(changed, '--check')).said).to.include.members([
      'needed: ferry: there is no table "ferries". If it is "ships", which no definition has any longer, its rows come along with '
        + '--rename ships:ferries. The migration is written by: npm run migration:diff -- ferries',
      'spare: the table "ships" is tracked, as that of "ship", and no definition has it. Its rows are kept; a migration of your own drops it',
    ])
    const textOf = async (name: string, ...words: string[]): Promise<string> => {
      await diff(changed, name, ...words)
      const path = join(root, 'migrations', (await files()).find((each) => each.endsWith(`_${name}.ts`)) ?? '')
      const written = await readFile(path, 'utf8')
      await rm(path)
      return written
    }
    expect(await textOf('ferries', '--rename', 'ship:ferry')).to.include("renameTable('ships', 'ferries')").and.not.include('createTable')
    expect(await refusal(changed, 'others', '--drop', 'ships', '--drop', 'boat'))
      .to.match(/^--drop boat: .* Columns that can be dropped: none; tables: ships$/)
    expect(await textOf('others', '--drop', 'ships'))
      .to.include("createTable('ferries'").and.include("// await knex.schema.dropTable('ships')")
    // One that has nothing of it is simply new.
    const pages = number().nullable().default(null)
    const note = defineResource({ name: 'note', schema: object({ subject: label(80).required(), body: text(), pages }) })
    expect((await diff(appWith(boat, note), 'notes')).isGood).to.equal(true)
    await rm(join(root, 'migrations', (await files()).find((each) => each.endsWith('_notes.ts')) ?? ''))
    // A resource under another name, whose table keeps its own.
    const kept = appWith(boat, defineResource({ ...ship, name: 'ferry', plural: 'ships' }))
    expect(await refusal(kept, 'ferries')).to.match(/^The table "ships" is tracked as that of "ship", .* Then say --rename ship:ferry\./)
    expect((await diff(kept, '--check')).said.find((each) => each.startsWith('needed')))
      .to.match(/^needed: ferry: the table "ships" is tracked as that of "ship", .* with --rename ship:ferry; if not, choose another plural/)
  })

  it('refuses what it cannot do, in a sentence', async () => {
    const of = appWith(boat, ship)
    expect(await refusal(of)).to.equal('What is the migration to be called? Say npm run migration:diff -- add-capacity')
    expect(await refusal(of, 'two', 'names')).to.equal('A migration has one name: two-names')
    for (const name of ['../up', 'a b', 'ä', 'a'.repeat(81)]) expect(await refusal(of, name)).to.match(/cannot be the name of a file/)
    expect(await refusal(of, 'a', '--check')).to.equal('--check writes nothing, so it takes no name')
    expect(await refusal(of, 'a', '--ower', 'resources')).to.match(/^Unknown option '--ower'/)
    for (const owner of ['core', 'nobody'])
      expect(await refusal(of, 'a', '--owner', owner)).to.match(/^There is no owner ".*" whose definitions have tables; the owners are resources, config, /)
    const words = appWith(defineResource({ name: 'purchase', plural: 'order', schema: object({}) }))
    expect(await refusal(words, 'a')).to.match(/^No migration can mend this:\n {2}- purchase\.plural: "order" is a word of SQL/)
  })
})
