// The contract suite: every definition of the app, and one that the engine has never seen, over both doors and on each database: so
// .ci/nightly has it. `npm test` asks the definitions of the app over one door, for contract/doors and test/wire ask each event over each.
// .ci/run has two of those, the tree and the one with the most rules, and the other definition.
import { onAnyDatabase } from '../kit/databases.ts'
import { isGate, isWhole } from '../kit/extent.ts'
import { roomApp } from '../support/room/app.ts'
import { contractSuite } from './suite.ts'

onAnyDatabase('contract', (kind) => contractSuite(roomApp, kind, ({ name }, door) => {
  if (isWhole) return true
  if (name === 'room') return true
  if (isGate && !['department', 'user'].includes(name)) return false
  return door === (kind === 'embedded' ? 'socket' : 'http')
}))
