// `npm run migration:diff -- <name>`: writes the migration that makes the database what the definitions say.
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { openDatabase } from '../db/database.ts'
import { foreseeLatest } from '../db/migrate.ts'
import { readCatalogue, type Catalogue } from '../db/catalogue.ts'
import { ownerOfResources, type App } from '../define/app.ts'
import { engineOf, fromRoot, migrationPath } from '../generate/project.ts'
import { differencesOf, migrationText, planMigration, type Wishes } from '../generate/migration.ts'
import { Unclear } from '../generate/renames.ts'
import { formerSentences, namesOf } from '../schema/compare.ts'
import { gradeOf } from '../schema/differences.ts'
import { sentenceOf } from '../schema/sentences.ts'
import { assemble, type Assembly } from './assemble.ts'
import { ArgumentError } from './command.ts'
import type { Environment } from './environment.ts'
import { createLog } from './log.ts'
import { definitionsOf } from './tables.ts'

export const migrationHelp = `\
Writes the migration that makes the database what the definitions say.

  npm run migration:diff -- <name>            compares, and writes <time>_<name>.ts into the folder of migrations
  npm run migration:diff -- --check           says what differs, and fails if anything does; writes nothing

  --owner <owner>       whose definitions and migrations: the app's own (the usual one) or a plugin's
  --rename <old:new>    a field, a table or a resource has another name; <table.old:new> where several tables have the field
  --drop <name>         a field or a table is gone, although a new one is like it

The database is that of DATABASE_URL or DATA_DIR, as it will be once its migrations have run: none of them is run for good.
Stop the server first when it is the embedded one.`

/** Where a project is, and what it says. */
export interface Surroundings {
  readonly root: string
  readonly environment: Environment
  /** Writes for the person at the terminal. */
  readonly print: (line: string) => void
}

interface Asked extends Wishes {
  /** Undefined: nothing is written. */
  readonly name: string | undefined
}

const read = (argv: readonly string[], usual: string): Asked => {
  const text = { type: 'string' } as const
  const many = { type: 'string', multiple: true } as const
  const { values, positionals: [name, ...rest] } = parsed(() => parseArgs({
    args: [...argv], allowPositionals: true, options: { owner: text, rename: many, drop: many, check: { type: 'boolean' } },
  }))
  const isCheck = values.check === true
  if (rest.length > 0) throw new ArgumentError(`A migration has one name: ${[name, ...rest].join('-')}`)
  if (name === undefined && !isCheck)
    throw new ArgumentError('What is the migration to be called? Say npm run migration:diff -- add-capacity')
  if (name !== undefined && !/^[a-z0-9]+(?:[-_][a-z0-9]+)*$/i.test(name) || (name?.length ?? 0) > 80)
    throw new ArgumentError(`"${name ?? ''}" cannot be the name of a file: use letters, digits and dashes, such as add-capacity`)
  if (name !== undefined && isCheck) throw new ArgumentError('--check writes nothing, so it takes no name')
  return { name, owner: values.owner ?? usual, renames: values.rename ?? [], drops: values.drop ?? [] }
}

const parsed = <T>(parse: () => T): T => {
  try {
    return parse()
  } catch (error) {
    throw new ArgumentError(error instanceof Error ? error.message : String(error))
  }
}

/** The database once all migrations have run, which leaves it as it is. */
const foreseen = async ({ app, resources, variables }: Assembly): Promise<Catalogue> => {
  const database = await openDatabase({
    ...(variables.DATABASE_URL === undefined ? {} : { databaseUrl: variables.DATABASE_URL }),
    dataDir: variables.DATA_DIR, poolMax: 2, statementTimeout: 0, acquireTimeout: variables.DATABASE_ACQUIRE_TIMEOUT,
  })
  try {
    return await foreseeLatest(database, app.migrations, (knex) => readCatalogue(knex, namesOf(resources)))
  } finally {
    await database.close()
  }
}

const check = (assembly: Assembly, catalogue: Catalogue, print: Surroundings['print']): boolean => {
  const definitions = definitionsOf(assembly)
  const all = definitions.order.flatMap((owner) => differencesOf(definitions, catalogue, owner))
  for (const difference of all) print(`${gradeOf(difference)}: ${sentenceOf(difference)}`)
  // Kept rows are no fault: those of a plugin that is taken out for a while.
  for (const each of formerSentences(definitions, catalogue)) print(`spare: ${each}`)
  print(all.length === 0 ? 'The database is what the definitions say' : `${all.length} ${all.length === 1 ? 'difference' : 'differences'}`)
  return all.length === 0
}

/**
 * Writes the migration, or says that there is nothing to write. Answers false where --check finds something.
 * @throws ArgumentError when it is called wrongly, or something must be said first
 */
export const migrationDiff = async (app: App, argv: readonly string[], { root, environment, print }: Surroundings): Promise<boolean> => {
  const { name, ...wishes } = read(argv, ownerOfResources(app.migrations.map(({ owner }) => owner)))
  const folder = app.migrations.find(({ owner }) => owner === wishes.owner)
  const owners = app.migrations.map(({ owner }) => owner).filter((owner) => owner !== 'core')
  if (!folder || wishes.owner === 'core')
    throw new ArgumentError(`There is no owner "${wishes.owner}" whose definitions have tables; the owners are ${owners.join(', ')}`)
  const assembly = assemble(app, environment, createLog({ environment, usual: 'error', isTerminal: false }))
  const catalogue = await foreseen(assembly)
  if (name === undefined) return check(assembly, catalogue, print)
  const directory = fileURLToPath(folder.directory)
  try {
    const plan = planMigration(definitionsOf(assembly), catalogue, wishes)
    if (!plan) {
      print(`The tables of ${wishes.owner} are what the definitions say: nothing is to be written`)
      return true
    }
    const path = migrationPath(directory, name)
    if (existsSync(path)) throw new ArgumentError(`${fromRoot(root, path)} is there already`)
    await mkdir(directory, { recursive: true })
    await writeFile(path, migrationText(plan.title, plan.steps, engineOf(root)), { flag: 'wx' })
    print(`Wrote ${fromRoot(root, path)}. Read it; the next start runs it`)
    if (plan.steps.some((each) => each.unsafe !== undefined)) print('What would lose something is commented out in it, with the reason')
    return true
  } catch (error) {
    throw error instanceof Unclear ? new ArgumentError(error.message) : error
  }
}
