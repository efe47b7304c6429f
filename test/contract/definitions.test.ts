// The contract suite: every definition of the app, and one that the engine has never seen, over both doors and on each database.
// CONTRACT=full, as .ci/nightly has it, is all of that. Without it each database has the definitions of the app over one door. With
// CONTRACT=gate, as in .ci/run, they are asked on PostgreSQL, over HTTP: contract/doors and test/wire ask each event over each door; and
// the other definition over both doors there, and over HTTP on the embedded database, of which a second door would ask the same.
import { onEachDatabase } from '../kit/databases.ts'
import { roomApp } from '../support/room/app.ts'
import { contractSuite } from './suite.ts'

const extent = process.env['CONTRACT'] ?? ''

onEachDatabase('contract', (kind) => contractSuite(roomApp, kind, ({ name }, door) => {
  if (extent === 'full') return true
  if (extent === 'gate') return name === 'room' ? kind === 'postgres' || door === 'http' : kind === 'postgres' && door === 'http'
  if (name === 'room') return true
  return door === (kind === 'embedded' ? 'socket' : 'http')
}))
