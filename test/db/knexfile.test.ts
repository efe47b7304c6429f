// The knex command line, run as its users run it, on both databases.

import { execFile } from 'node:child_process'
import { cp, readFile, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { migrateLatest } from '../../core/db/migrate.ts'
import type { MigrationFolder } from '../../core/db/migration-source.ts'
import { anyOf } from '../kit/databases.ts'
import { longTest } from '../kit/extent.ts'
import { folderOf, writeMigration } from './migrations.ts'
import { type Place, cleanUp, freshDataDir, onBothDatabases, open, temporaryDirectory, thrownBy } from './support.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

interface Outcome {
  readonly code: number
  /** What it printed, both streams. */
  readonly text: string
}

const runIn = (cwd: string, program: string, args: readonly string[], env: Record<string, string>): Promise<Outcome> =>
  new Promise((done) => {
    const { NODE_OPTIONS: _, ...clean } = process.env
    execFile(program, args, { cwd, env: { ...clean, ...env } }, (error, stdout, stderr) => {
      done({ code: error === null ? 0 : Number(error.code), text: stdout + stderr })
    })
  })

/** Runs `npx knex …` in a directory. */
const npxKnexIn = (cwd: string, args: readonly string[], env: Record<string, string>): Promise<Outcome> =>
  runIn(cwd, 'npx', ['--no-install', 'knex', ...args], env)

/** What npx runs, with the options that .npmrc gives: npx alone takes a second. Optimized code would not pay in so short a life. */
const knexIn = (cwd: string, args: readonly string[], env: Record<string, string>): Promise<Outcome> =>
  runIn(cwd, process.execPath, ['--liftoff-only', 'node_modules/knex/bin/cli.js', ...args], { NODE_OPTIONS: '--import=tsx', ...env })

interface Project {
  readonly directory: string
  readonly resources: MigrationFolder
  readonly booking: MigrationFolder
  readonly folders: readonly MigrationFolder[]
}

/** A project of our knexfile, our settings and core, with an app that has two owners. */
const project = async (): Promise<Project> => {
  const directory = await temporaryDirectory()
  const resources = folderOf(directory, 'resources', ['001_rooms.ts'])
  const booking = folderOf(join(directory, 'plugins'), 'booking', ['001_bookings.ts'])
  const folders = [resources, booking]
  for (const file of ['knexfile.ts', '.npmrc']) await cp(join(root, file), join(directory, file))
  for (const folder of ['core', 'node_modules']) await symlink(join(root, folder), join(directory, folder))
  const list = folders.map(({ owner, directory: url }) => `{ owner: '${owner}', directory: new URL('${url.href}') }`)
  await writeFile(join(directory, 'app.ts'), `// An app for a test.\nexport const app = { migrations: [${list.join(', ')}] }\n`)
  return { directory, resources, booking, folders }
}

describe('npx knex', () => {
  afterEach(cleanUp)

  onBothDatabases((freshPlace) => {
    let place: Place
    let made: Project
    const knex = (...args: string[]): Promise<Outcome> => knexIn(made.directory, args, place.env)

    beforeEach(async () => {
      place = await freshPlace()
      made = await project()
    })

    longTest('shows, runs and rolls back what the server would run', async () => {
      const before = await npxKnexIn(made.directory, ['migrate:status'], place.env)
      expect(before.text).to.include('Found 2 Pending').and.include('resources/001_rooms').and.include('booking/001_bookings')
      const latest = await knex('migrate:latest', '--verbose')
      expect(latest.code, latest.text).to.equal(0)
      expect(latest.text).to.include('2 migrations')

      const database = await open(place.options)
      expect(await migrateLatest(database, made.folders)).to.deep.equal([])
      expect(await database.knex('bookings')).to.deep.equal([])
      writeMigration(made.resources, '002_chairs.ts')
      expect(await migrateLatest(database, made.folders)).to.deep.equal(['resources/002_chairs'])
      await database.close()

      expect((await knex('migrate:status')).text).to.include('Found 3 Completed').and.include('No Pending')
      expect((await knex('migrate:rollback')).text).to.include('1 migrations')
      expect((await knex('migrate:rollback')).text).to.include('2 migrations')
      expect((await knex('migrate:status')).text).to.include('Found 3 Pending')
    }).timeout(90_000)

    longTest('goes on after a kill that left the lock of knex set', async () => {
      const database = await open(place.options)
      await migrateLatest(database, made.folders)
      await database.knex('sovrane_migrations_lock').update({ is_locked: 1 })
      await database.close()
      const rollback = await knex('migrate:rollback')
      expect(rollback.code, rollback.text).to.equal(0)
      expect(rollback.text).to.include('2 migrations')
    })
  }, anyOf())

  it('is refused while another process runs the embedded database, with the reason only', async () => {
    const { directory } = await project()
    const dataDir = await freshDataDir()
    await open({ dataDir })
    const { code, text } = await knexIn(directory, ['migrate:latest'], { DATA_DIR: dataDir, DATABASE_URL: '' })
    expect(code).to.equal(1)
    expect(text).to.include(`in use by process ${process.pid}`).and.include('DATA_DIR').and.not.include('    at ')
  })

  it('says when the server cannot be reached', async () => {
    const { directory } = await project()
    const { code, text } = await knexIn(directory, ['migrate:status'], { DATABASE_URL: 'postgres://someone:secret@127.0.0.1:1/x' })
    expect(code).to.equal(1)
    expect(text).to.include('ECONNREFUSED').and.not.include('secret')
  })

  longTest('makes a migration for the owner that it is told, which stops until it is written, and then runs', async () => {
    const { directory, booking, folders } = await project()
    const made = await knexIn(directory, ['migrate:make', 'add_tables'], { OWNER: 'booking' })
    expect(made.code, made.text).to.equal(0)
    const files = await readdir(booking.directory)
    const name = files.find((file) => file.endsWith('_add_tables.ts')) ?? ''
    expect(name).to.match(/^\d{14}_add_tables\.ts$/)
    expect(made.text).to.include(name)
    expect(await readFile(new URL(name, booking.directory), 'utf8')).to.equal(await readFile(join(root, 'core/db/migration.stub'), 'utf8'))
    expect(await readdir(directory)).to.not.include('data')
    const recorded = `booking/${name.slice(0, -3)}`
    const database = await open({ dataDir: await freshDataDir() })
    const error = await thrownBy(() => migrateLatest(database, folders))
    expect(String(error)).to.include(`The migration ${recorded} failed; nothing was changed`).and.include('has not been written yet')
    // By the command line too; and it is not recorded as done.
    const { code, text } = await knexIn(directory, ['migrate:latest'], { DATA_DIR: await freshDataDir(), DATABASE_URL: '' })
    expect(code).to.equal(1)
    expect(text).to.include('has not been written yet')
    // Sources are loaded once a process: written, it is what the next start finds.
    const written = name.replace('add_tables', 'add_tables_written')
    await rename(new URL(name, booking.directory), new URL(written, booking.directory))
    await writeFile(new URL(written, booking.directory), 'export const up = (knex) => knex.schema.createTable("later", () => undefined)\nexport const down = (knex) => knex.schema.dropTable("later")\n')
    expect(await migrateLatest(database, folders)).to.include(`booking/${written.slice(0, -3)}`)
  })

  for (const [what, text] of [['an empty file', ''], ['a file without up()', 'export const down = () => undefined\n']] as const) {
    it(`does not record ${what} as done`, async () => {
      const { booking, folders } = await project()
      await writeFile(new URL('20300101000000_empty.ts', booking.directory), text)
      const database = await open({ dataDir: await freshDataDir() })
      expect(String(await thrownBy(() => migrateLatest(database, folders)))).to.include('must have both an up and down')
      await rm(new URL('20300101000000_empty.ts', booking.directory))
      expect(await migrateLatest(database, folders)).to.not.include('booking/20300101000000_empty')
    })
  }

  for (const [what, env] of [['nobody', {}], ['an unknown owner', { OWNER: 'bookings' }]] as const) {
    longTest(`makes no migration for ${what}, and lists the owners`, async () => {
      const { directory, folders } = await project()
      const { code, text } = await knexIn(directory, ['migrate:make', 'add_tables'], { OWNER: '', ...env })
      expect(code).to.equal(1)
      expect(text).to.include('OWNER=').and.include('resources, booking').and.not.include('    at ')
      for (const folder of folders) expect(await readdir(folder.directory)).to.have.length(1)
    })
  }
})
