// The contract suite: every definition of the app, and one that the engine has never seen, over both doors and on each database.
// CONTRACT=full, as .ci/nightly has it, is all of that. Without it each database has the definitions of the app over one door. With
// CONTRACT=gate, as in .ci/run, they are asked on PostgreSQL, over HTTP: contract/doors and test/wire ask each event over each door.
import { onEachDatabase } from '../kit/databases.ts'
import { roomApp } from '../support/room/app.ts'
import { contractSuite } from './suite.ts'

const extent = process.env['CONTRACT'] ?? ''

onEachDatabase('contract', (kind) => contractSuite(roomApp, kind, ({ name }, door) => {
  if (extent === 'full' || name === 'room') return true
  if (extent === 'gate') return kind === 'postgres' && door === 'http'
  return door === (kind === 'embedded' ? 'socket' : 'http')
}))
