// Makes an embedded database without tables in the directory that it is given. A program for ready.ts.
import { openDatabase } from '../core/db/database.ts'

const [, , dataDir = ''] = process.argv
const database = await openDatabase({ dataDir, poolMax: 2, statementTimeout: 5000, acquireTimeout: 5000 })
await database.close()
