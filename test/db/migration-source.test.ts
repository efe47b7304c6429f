// Which migrations are found, in which order, and under which names they go down in history.

import { mkdirSync, writeFileSync } from 'node:fs'
import { expect } from 'chai'
import { migrationSource } from '../../core/db/migration-source.ts'
import { folderOf, writeMigration } from './migrations.ts'
import { cleanUp, messageOf, temporaryDirectory } from './support.ts'

describe('migration source', () => {
  afterEach(cleanUp)

  it('names migrations by owner and file, owners in the given order, files by name', async () => {
    const directory = await temporaryDirectory()
    const zebra = folderOf(directory, 'zebra', ['002_b.ts', '001_a.ts', '20261122_c.js', '010_d.ts'])
    const ape = folderOf(directory, 'ape', ['001_e.ts'])
    const source = migrationSource([zebra, ape])
    const found = await source.getMigrations([])
    expect(found.map((each) => source.getMigrationName(each))).to.deep.equal([
      'zebra/001_a', 'zebra/002_b', 'zebra/010_d', 'zebra/20261122_c', 'ape/001_e',
    ])
    for (const each of found) expect(await source.getMigration(each)).to.include.keys('up', 'down')
  })

  it('passes over declarations, maps, other files and owners without a folder', async () => {
    const folder = folderOf(await temporaryDirectory(), 'some', ['001_a.ts'])
    for (const name of ['001_a.d.ts', '001_a.js.map', 'README.md', 'data.json']) writeFileSync(new URL(name, folder.directory), '')
    mkdirSync(new URL('nested', folder.directory))
    const source = migrationSource([{ owner: 'none', directory: new URL('../nowhere/', folder.directory) }, folder])
    expect((await source.getMigrations([])).map(({ file }) => file)).to.deep.equal(['some/001_a'])
  })

  it('takes the source where source and build lie side by side', async () => {
    const folder = folderOf(await temporaryDirectory(), 'some', ['001_a.js', '001_a.ts'])
    const found = await migrationSource([folder]).getMigrations([])
    expect(found.map(({ url }) => url.pathname.slice(-8))).to.deep.equal(['001_a.ts'])
  })

  it('copes with unusual names and a directory without a slash at its end', async () => {
    const folder = folderOf(`${await temporaryDirectory()}/a b#c`, 'some')
    writeMigration(folder, '001_100%25.ts')
    const source = migrationSource([{ owner: 'some', directory: new URL(folder.directory.href.slice(0, -1)) }])
    const found = await source.getMigrations([])
    expect(found.map(({ file }) => file)).to.deep.equal(['some/001_100%'])
    for (const each of found) expect(await source.getMigration(each)).to.include.keys('up')
  })

  it('refuses an owner that is listed twice with the same migration', async () => {
    const directory = await temporaryDirectory()
    const folders = [folderOf(`${directory}/1`, 'some', ['001_a.ts']), folderOf(`${directory}/2`, 'some', ['001_a.ts'])]
    expect(await messageOf(() => migrationSource(folders).getMigrations([]))).to.include('some/001_a')
  })
})
