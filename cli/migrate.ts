// `sovrane migrate`: the migrations of the app on its database, and new ones.
import { relative } from 'node:path'
import { parseArgs } from 'node:util'
import { databaseConfig, makeConfig } from '../core/boot/command-line.ts'
import { migrationDiff, migrationHelp } from '../core/boot/migration-diff.ts'
import { openMigrator, type Migrator } from '../core/db/migrator.ts'
import { ownerOfResources, type App } from '../core/define/app.ts'
import { ArgumentError } from '../core/define/command.ts'
import type { AppSource } from './program.ts'

export const migrateUsage = `Usage: sovrane migrate [latest]           runs what has not run yet, as the server does when it starts
       sovrane migrate rollback [--all]   undoes the last batch, or all
       sovrane migrate up | down [NAME]   runs the next, or undoes the last, or the one of this name
       sovrane migrate status             lists what has run and what has not
       sovrane migrate make NAME [--owner OWNER]
                                          writes an empty migration; without --owner one of the app's own resources
       sovrane migrate diff NAME          writes the migration that the definitions need; diff --help has the rest

The database is the one of DATABASE_URL or DATA_DIR; stop the server first when it is the embedded one.`

interface Arguments {
  readonly action: string
  readonly name: string | undefined
  readonly all: boolean
  readonly owner: string | undefined
}

const say = (text: string): void => void process.stdout.write(`${text}\n`)

const read = (argv: readonly string[]): Arguments => {
  try {
    const { values, positionals: [action = 'latest', name, ...more] } = parseArgs({
      args: [...argv], allowPositionals: true, options: { all: { type: 'boolean', default: false }, owner: { type: 'string' } },
    })
    if (more.length > 0) throw new Error(`"${String(more[0]).slice(0, 40)}" is one word too many`)
    return { action, name, all: values.all, owner: values.owner }
  } catch (error) {
    throw new ArgumentError(error instanceof Error ? error.message : String(error), { cause: error })
  }
}

const listed = (names: readonly string[], none: string): string => (names.length === 0 ? none : names.join('\n'))

const make = async ({ migrations }: App, { name, owner: asked }: Arguments): Promise<void> => {
  const owner = asked ?? process.env['OWNER'] ?? ownerOfResources(migrations.map((each) => each.owner))
  if (name === undefined || !/^[A-Za-z0-9_-]+$/.test(name))
    throw new ArgumentError('A migration has a name of letters, digits and dashes: sovrane migrate make add-seats')
  const migrator = openMigrator(makeConfig(migrations, owner, '--owner OWNER'))
  say(`Written: ${relative(process.cwd(), await migrator.make(name))}`)
  await migrator.close()
}

/** What is done on a database, and said afterwards. */
const onDatabase: Readonly<Record<string, (migrator: Migrator, args: Arguments) => Promise<string>>> = {
  latest: async (migrator) => listed(await migrator.latest(), 'Nothing to run: the database is up to date'),
  rollback: async (migrator, { all }) => listed(await migrator.rollback(all), 'Nothing to undo'),
  up: async (migrator, { name }) => listed(await migrator.up(name), 'Nothing to run'),
  down: async (migrator, { name }) => listed(await migrator.down(name), 'Nothing to undo'),
  async status(migrator) {
    const { done, pending } = await migrator.status()
    return [...done.map((name) => `done     ${name}`), ...pending.map((name) => `pending  ${name}`)].join('\n')
  },
}

const diff = async (argv: readonly string[], source: AppSource): Promise<void> => {
  if (argv.includes('--help')) return say(migrationHelp)
  const isGood = await migrationDiff(await source.load(), argv, { root: process.cwd(), environment: process.env, print: say })
  if (!isGood) process.exitCode = 1
}

export const migrate = async (argv: readonly string[], source: AppSource): Promise<void> => {
  if (argv[0] === 'diff') return diff(argv.slice(1), source)
  const wanted = read(argv)
  const work = Object.hasOwn(onDatabase, wanted.action) ? onDatabase[wanted.action] : undefined
  if (!work && wanted.action !== 'make') throw new ArgumentError(`There is no "sovrane migrate ${wanted.action.slice(0, 40)}"`)
  const app = await source.load()
  if (!work) return make(app, wanted)
  const migrator = openMigrator(await databaseConfig(app.migrations, process.env))
  try {
    say(await work(migrator, wanted))
  } finally {
    await migrator.close()
  }
}
