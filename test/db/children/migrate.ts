// Migrates DATA_DIR or DATABASE_URL with the folders given as JSON, and prints the names of what it ran.

import { openDatabase } from '../../../core/db/database.ts'
import { migrateLatest } from '../../../core/db/migrate.ts'

const { DATA_DIR = '', DATABASE_URL = '' } = process.env
const folders = (JSON.parse(process.argv[2] ?? '[]') as { owner: string; directory: string }[]).map(({ owner, directory }) => ({
  owner,
  directory: new URL(directory),
}))
const database = await openDatabase({
  dataDir: DATA_DIR, databaseUrl: DATABASE_URL, poolMax: 1, statementTimeout: 5_000, acquireTimeout: 5_000,
})
console.log(JSON.stringify(await migrateLatest(database, folders)))
await database.close()
