// Writes folders of migrations for the tests, each of which makes one table.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { MigrationFolder } from '../../core/db/migration-source.ts'

const body = (table: string, before: string): string => `// Makes a table for a test.
export const up = async (knex) => { ${before}; await knex.schema.createTable('${table}', (columns) => { columns.integer('n') }) }
export const down = async (knex) => { await knex.schema.dropTable('${table}') }
`

/** A migration that makes the table that its name ends with (`001_rooms`: rooms), after running the code `before`. */
export const writeMigration = (folder: MigrationFolder, file: string, before = ''): void => {
  mkdirSync(folder.directory, { recursive: true })
  writeFileSync(new URL(file, folder.directory), body(file.replace(/^\d+_|\.[tj]s$/g, ''), before))
}

/** The folder of an owner below a directory, with migrations of these file names. */
export const folderOf = (directory: string, owner: string, files: readonly string[] = []): MigrationFolder => {
  const folder = { owner, directory: pathToFileURL(join(directory, owner, 'migrations/')) }
  // Node takes `.js` for a module only below a package that says so.
  mkdirSync(directory, { recursive: true })
  writeFileSync(join(directory, 'package.json'), '{ "type": "module" }')
  for (const file of files) writeMigration(folder, file)
  return folder
}
