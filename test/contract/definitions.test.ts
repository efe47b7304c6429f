// The contract suite: every definition of the app, and one that the engine has never seen, over both doors and on each database: so
// .ci/nightly has it. `npm test` asks the definitions of the app over one door. In .ci/run PostgreSQL has them, over HTTP, for
// contract/doors and test/wire ask each event over each door; and the other definition over both.
import { onAnyDatabase } from '../kit/databases.ts'
import { isWhole } from '../kit/extent.ts'
import { roomApp } from '../support/room/app.ts'
import { contractSuite } from './suite.ts'

onAnyDatabase('contract', (kind) => contractSuite(roomApp, kind, ({ name }, door) => {
  if (isWhole) return true
  if (name === 'room') return true
  return door === (kind === 'embedded' ? 'socket' : 'http')
}))
