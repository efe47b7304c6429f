// Writes one committed row after the other into DATA_DIR or DATABASE_URL and prints each number, until it is killed.

import { openDatabase } from '../../../core/db/database.ts'

const { DATA_DIR = '', DATABASE_URL = '' } = process.env
const database = await openDatabase({
  dataDir: DATA_DIR, databaseUrl: DATABASE_URL, poolMax: 2, statementTimeout: 5_000, acquireTimeout: 5_000,
})
await database.knex.raw('create table if not exists written (n int primary key)')
for (let n = 1; ; n += 1) {
  await database.knex.transaction((trx) => trx('written').insert({ n }))
  console.log(n)
}
