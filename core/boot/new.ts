// `npm run new -- resource …` and `npm run new -- plugin …`: writes the files of something new, and its line in app.ts.
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { ownerOfResources, type App } from '../define/app.ts'
import type { AnyResource } from '../define/resource.ts'
import { importOf, namesIn, withNew } from '../generate/app-lines.ts'
import { fieldTypes } from '../generate/fields.ts'
import { migrationText, planNew } from '../generate/migration.ts'
import { requireIdentifier, requireTable } from '../generate/names.ts'
import { pluginMigration, pluginTest, pluginText, type NewPlugin } from '../generate/plugin.ts'
import { engineOf, fromRoot, migrationPath } from '../generate/project.ts'
import { Unclear } from '../generate/renames.ts'
import { draftResource, type NewResource } from '../generate/resource.ts'
import { BootError } from '../model/faults.ts'
import { snakeCase } from '../model/names.ts'
import { assemble, type Assembly } from './assemble.ts'
import { ArgumentError } from './command.ts'
import type { Environment } from './environment.ts'
import { createLog } from './log.ts'
import type { Surroundings } from './migration-diff.ts'
import { definitionsOf } from './tables.ts'

export const newHelp = `Writes something new, which runs at once and is yours to change.

  npm run new -- resource <name> --field <name:type> …     a definition, its migration, its line in app.ts
  npm run new -- plugin <name>                             a table, an operation, a hook, a job, a setting, and its test

  --field label:string       types: ${fieldTypes}
                             after the type: optional, unique, default=5; choices as state:choice:ready,repair
  --one <resource>           each row may name a row of another; <resource:home> gives it a name, <resource:home:required> demands it
  --many <resource:name>     rows are linked with many of another, under a name in the plural
  --plural people            where it is not the name with an s
  --scope                    grants can be limited to one of its rows

For example: npm run new -- resource vehicle --field label:string --field seats:integer:default=5 --one driver --many driver:owners`

/** By path, the text of each file that is new or changed. */
type Files = ReadonlyMap<string, string>

/** Writes all files or none: what is there already is not written over. `changed`: the one that is there. */
const write = async (files: Files, changed: string, root: string): Promise<void> => {
  const taken = [...files.keys()].find((path) => path !== changed && existsSync(path))
  if (taken !== undefined) throw new Unclear(`${fromRoot(root, taken)} is there already; take it away, or choose another name`)
  for (const [path, text] of files) {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, text, path === changed ? {} : { flag: 'wx' })
  }
}

/** The app with one resource more, compiled as for a start, with keys that are thrown away. */
const compiledWith = async (app: App, resources: readonly AnyResource[], environment: Environment): Promise<Assembly> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'sovrane-new-'))
  const key = (): string => randomBytes(48).toString('base64url')
  const given = { ...environment, DATA_DIR: dataDir, DATABASE_URL: undefined, JWT_SECRET: key() }
  try {
    const whole = { ...app, resources: [...app.resources, ...resources] }
    return assemble(whole, given, createLog({ environment: given, usual: 'silent', isTerminal: false }))
  } finally {
    await rm(dataDir, { recursive: true, force: true })
  }
}

interface Project extends Surroundings {
  readonly app: App
  /** The text of app.ts. */
  readonly text: string
  readonly engine: string
}

const resourceFiles = async (wanted: NewResource, { app, root, text, engine, environment }: Project): Promise<Files> => {
  const { name } = wanted
  if (!/^[a-z][a-z0-9]{0,40}$/.test(name)) throw new Unclear(`"${name}" cannot name a resource; it is named by one lower-case word, such as vehicle`)
  const before = await compiledWith(app, [], environment)
  if (before.resources.has(name)) throw new Unclear(`There is a resource "${name}" already; choose another name`)
  requireIdentifier(name, 'resource', namesIn(text))
  const { definition, text: file } = draftResource(wanted, before.resources, engine)
  const tables = [snakeCase(wanted.plural ?? `${name}s`), ...Object.values(definition.relations ?? {})
    .flatMap((relation) => (relation.kind === 'many' ? [relation.through.table] : []))]
  const advice = 'choose another name, or say --plural'
  for (const table of tables) requireTable(table, advice, app.migrations)
  const assembly = await compiledWith(app, [definition], environment)
  const plan = planNew(definitionsOf(assembly), name)
  const owner = ownerOfResources(app.migrations.map((each) => each.owner))
  const folder = app.migrations.find((each) => each.owner === owner)?.directory
  const path = migrationPath(folder ? fileURLToPath(folder) : join(root, 'migrations'), tables[0] ?? name)
  return new Map([
    [join(root, `resources/${name}.ts`), file],
    [path, migrationText(plan.title, plan.steps, engine)],
    [join(root, 'app.ts'), withNew(text, 'resources', name, `./resources/${name}.ts`)],
  ])
}

const camelCase = (name: string): string => name.replaceAll(/-([a-z0-9])/g, (_all, letter: string) => letter.toUpperCase())

const pluginFiles = async (name: string, { app, root, text, engine, environment }: Project): Promise<Files> => {
  if (!/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(name) || name.length > 40)
    throw new Unclear(`"${name}" cannot name a plugin; use lower-case words with dashes between them, such as loan-desk`)
  const { contributors, operations } = await compiledWith(app, [], environment)
  if (contributors.some(({ plugin }) => plugin.name === name) || ['core', 'resources'].includes(name))
    throw new Unclear(`There is a plugin "${name}" already; choose another name`)
  const [identifier, table] = [camelCase(name), `${name.replaceAll('-', '_')}_notes`]
  requireIdentifier(identifier, 'plugin', namesIn(text))
  requireTable(table, 'choose another name', app.migrations)
  if (operations.has(`${name}-add`)) throw new Unclear(`There is an event "${name}-add" already; choose another name`)
  const jobs = importOf(text, 'jobs')
  if (jobs === undefined) throw new Unclear('A plugin with a job needs the plugin "jobs": import it in app.ts and put it into plugins first')
  const wanted: NewPlugin = { name, identifier, table, actor: app.authority.actor, engine, jobs: jobs.replace(/^\.\/plugins\//, '../') }
  const folder = join(root, 'plugins', name)
  return new Map([
    [join(folder, 'index.ts'), pluginText(wanted)],
    [migrationPath(join(folder, 'migrations'), table), pluginMigration(wanted)],
    [join(root, `test/${name}.test.ts`), pluginTest(wanted)],
    [join(root, 'app.ts'), withNew(text, 'plugins', identifier, `./plugins/${name}/index.ts`)],
  ])
}

interface Asked {
  readonly kind: 'resource' | 'plugin'
  readonly wanted: NewResource
}

const read = (argv: readonly string[]): Asked => {
  const many = { type: 'string', multiple: true } as const
  const { values, positionals: [kind, name, ...rest] } = parseArgs({
    args: [...argv], allowPositionals: true,
    options: { field: many, one: many, many, plural: { type: 'string' }, scope: { type: 'boolean' } },
  })
  if (kind !== 'resource' && kind !== 'plugin')
    throw new Unclear(`What is to be new? Say resource or plugin${kind === undefined ? '' : `, not "${kind}"`}`)
  if (name === undefined) throw new Unclear(`What is the ${kind} to be called? Say npm run new -- ${kind} <name>`)
  if (rest.length > 0) throw new Unclear(`A ${kind} has one name, and fields are said as --field ${rest[0] ?? ''}`)
  if (kind === 'plugin' && Object.keys(values).length > 0)
    throw new Unclear('A plugin has no fields and no relations: --field and the like are said of a resource')
  return { kind, wanted: {
    name, ...(values.plural === undefined ? {} : { plural: values.plural }), fields: values.field ?? [], ones: values.one ?? [],
    manys: values.many ?? [], isScope: values.scope ?? false,
  } }
}

/** What to do then. */
const nextOf = (kind: Asked['kind'], { name }: NewResource, engine: string): string => {
  if (kind === 'plugin') return 'npm start runs its migration; its test says what it does'
  return `npm start runs the migration; ${engine === '#sovrane' ? 'npm run docs describes its events' : `npx sovrane describe ${name} tells its events`}`
}

/**
 * Writes something new, all of it or nothing.
 * @throws ArgumentError when it is called wrongly, or cannot be called so
 */
export const writeNew = async (app: App, argv: readonly string[], surroundings: Surroundings): Promise<void> => {
  const { root, print } = surroundings
  try {
    const { kind, wanted } = read(argv)
    const changed = join(root, 'app.ts')
    const project: Project = { ...surroundings, app, text: await readFile(changed, 'utf8'), engine: engineOf(root) }
    const files = kind === 'resource' ? await resourceFiles(wanted, project) : await pluginFiles(wanted.name, project)
    await write(files, changed, root)
    for (const path of files.keys()) print(`${path === changed ? 'changed' : 'wrote  '} ${fromRoot(root, path)}`)
    print(nextOf(kind, wanted, project.engine))
  } catch (error) {
    if (error instanceof BootError)
      throw new ArgumentError(`The app would not start with it:\n${error.faults.map((fault) => `  - ${fault}`).join('\n')}`)
    const isSaid = error instanceof Unclear || (error instanceof TypeError && 'code' in error)
    throw isSaid ? new ArgumentError(error.message) : error
  }
}
