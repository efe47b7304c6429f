// Migrations at start: history, unplugged owners, failures, kills in the middle and several nodes at once.

import { writeFileSync } from 'node:fs'
import { expect } from 'chai'
import type { Knex } from 'knex'
import type { Database } from '../../core/db/database.ts'
import { migrateLatest, migrationConfig } from '../../core/db/migrate.ts'
import type { MigrationFolder } from '../../core/db/migration-source.ts'
import { folderOf, writeMigration } from './migrations.ts'
import {
  type Place, cleanUp, freshPostgres, messageOf, onBothDatabases, open, startChild, temporaryDirectory,
  testDatabaseUrl,
} from './support.ts'

const history = (knex: Knex): Promise<string[]> => knex('sovrane_migrations').orderBy('id').pluck('name')

const asArgument = (folders: readonly MigrationFolder[]): string =>
  JSON.stringify(folders.map(({ owner, directory }) => ({ owner, directory: directory.href })))

describe('migrations', () => {
  afterEach(cleanUp)

  onBothDatabases((freshPlace) => {
    let place: Place
    let directory: string
    let database: Database

    beforeEach(async () => {
      place = await freshPlace()
      directory = await temporaryDirectory()
      database = await open(place.options)
    })

    it('run once, in order, and are recorded by owner and name', async () => {
      const core = folderOf(directory, 'core', ['001_a.ts', '002_b.ts'])
      const folders = [core, folderOf(directory, 'resources', ['001_c.ts'])]
      const names = ['core/001_a', 'core/002_b', 'resources/001_c']
      expect(await migrateLatest(database, folders)).to.deep.equal(names)
      expect(await migrateLatest(database, folders)).to.deep.equal([])
      expect(await history(database.knex)).to.deep.equal(names)
      writeMigration(core, '003_d.ts')
      expect(await migrateLatest(database, folders)).to.deep.equal(['core/003_d'])
      for (const table of ['a', 'b', 'c', 'd']) expect(await database.knex(table)).to.deep.equal([])
    })

    it('are the same history from sources and from a build', async () => {
      await migrateLatest(database, [folderOf(`${directory}/source`, 'core', ['001_a.ts', '002_b.ts'])])
      const build = folderOf(`${directory}/build`, 'core', ['001_a.js', '002_b.js', '003_c.js'])
      expect(await migrateLatest(database, [build])).to.deep.equal(['core/003_c'])
    })

    it('of an owner that is no longer plugged in stop nobody, and are not rolled back blindly', async () => {
      const core = folderOf(directory, 'core', ['001_a.ts'])
      const plugin = folderOf(directory, 'plugin', ['001_b.ts'])
      await migrateLatest(database, [core, plugin])
      writeMigration(core, '002_c.ts')
      expect(await migrateLatest(database, [core])).to.deep.equal(['core/002_c'])
      expect(await history(database.knex)).to.deep.equal(['core/001_a', 'plugin/001_b', 'core/002_c'])

      await database.knex.migrate.rollback(migrationConfig([core]))
      const before = await history(database.knex)
      const message = await messageOf(() => database.knex.migrate.rollback(migrationConfig([core])))
      expect(message).to.include('not plugged in').and.include('migrate:status')
      expect(await history(database.knex)).to.deep.equal(before)
      await database.knex.migrate.rollback(migrationConfig([core, plugin]))
      expect(await history(database.knex)).to.deep.equal([])
    })

    it('leave nothing behind when one fails, say which, and run when it is mended', async () => {
      const folder = folderOf(directory, 'core', ['001_a.ts'])
      writeMigration(folder, '002_b.ts', `await knex.raw('select * from nowhere')`)
      expect(await messageOf(() => migrateLatest(database, [folder]))).to.include('core/002_b').and.include('nowhere')
      expect(await database.knex.schema.hasTable('a')).to.equal(false)
      // Another folder, because a module that was imported once is not read again.
      const mended = folderOf(`${directory}/mended`, 'core', ['001_a.ts', '002_b.ts'])
      expect(await migrateLatest(database, [mended])).to.have.length(2)
    })

    it('go on after one was killed in the middle', async () => {
      await database.close()
      const folder = folderOf(directory, 'core', ['001_a.ts'])
      writeMigration(folder, '002_b.ts', `await knex.schema.createTable('half', () => {}); console.log('in the middle'); await new Promise((resolve) => setTimeout(resolve, 3600_000))`)
      const child = startChild('migrate.ts', [asArgument([folder])], place.env)
      expect(await child.line()).to.equal('in the middle')
      await child.kill()

      database = await open(place.options)
      writeMigration(folder, '002_b.ts')
      expect(await migrateLatest(database, [folder])).to.deep.equal(['core/001_a', 'core/002_b'])
      expect(await database.knex.schema.hasTable('half')).to.equal(false)
    })

    it('go on after a kill that left the lock of knex set', async () => {
      const folder = folderOf(directory, 'core', ['001_a.ts'])
      await migrateLatest(database, [folder])
      await database.knex('sovrane_migrations_lock').update({ is_locked: 1 })
      writeMigration(folder, '002_b.ts')
      expect(await migrateLatest(database, [folder])).to.deep.equal(['core/002_b'])
    })

    it('fail clearly on a file that is no migration', async () => {
      const folder = folderOf(directory, 'core', ['001_a.ts'])
      writeFileSync(new URL('002_b.ts', folder.directory), 'export const up = async () => {}\n')
      expect(await messageOf(() => migrateLatest(database, [folder]))).to.include('core/002_b must have both an up and down')
    })
  })

  describe('of several nodes at once', () => {
    if (testDatabaseUrl === undefined) return void it('skipped: TEST_DATABASE_URL is unset')

    const slow = async (): Promise<MigrationFolder> => {
      const folder = folderOf(await temporaryDirectory(), 'core', ['001_a.ts', '003_c.ts'])
      writeMigration(folder, '002_b.ts', `await knex.raw('select pg_sleep(0.2)')`)
      return folder
    }
    const nodes = async (databaseUrl: string): Promise<Database[]> =>
      Promise.all(Array.from({ length: 4 }, () => open({ dataDir: '/nowhere', databaseUrl, poolMax: 1 })))

    it('all succeed, and one has done it', async () => {
      const folder = await slow()
      const databases = await nodes(await freshPostgres())
      const done = await Promise.all(databases.map((each) => migrateLatest(each, [folder])))
      expect(done.map((names) => names.length)).to.have.members([0, 0, 0, 3])
      for (const { knex } of databases) expect(await history(knex)).to.have.length(3)
    })

    it('fail without the advisory lock', async () => {
      const folder = await slow()
      const databases = await nodes(await freshPostgres())
      const done = await Promise.allSettled(databases.map((each) => each.knex.migrate.latest(migrationConfig([folder]))))
      expect(done.map(({ status }) => status)).to.include('rejected')
    })

    it('go on when the one that migrates is killed', async () => {
      const folder = folderOf(await temporaryDirectory(), 'core')
      writeMigration(folder, '001_a.ts', `if (process.env.HANG) { console.log('in the middle'); await new Promise((resolve) => setTimeout(resolve, 3600_000)) }`)
      const databaseUrl = await freshPostgres()
      const hanging = startChild('migrate.ts', [asArgument([folder])], { DATABASE_URL: databaseUrl, HANG: '1' })
      expect(await hanging.line()).to.equal('in the middle')
      const waiting = startChild('migrate.ts', [asArgument([folder])], { DATABASE_URL: databaseUrl })
      const { knex } = await open({ dataDir: '/nowhere', databaseUrl })
      while ((await knex('pg_locks').where({ locktype: 'advisory', granted: false })).length === 0);
      await hanging.kill()
      expect(JSON.parse(await waiting.line())).to.deep.equal(['core/001_a'])
    })
  })
})
