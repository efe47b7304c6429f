// The contract suite: every definition of the app, and one that the engine has never seen, over both doors and on each database.
// To stay within the minutes of .ci/run each database has all definitions over one door and `room` over the other; CONTRACT=full, as
// the nightly run has it, is all of them over both.
import { onEachDatabase } from '../kit/databases.ts'
import { roomApp } from '../support/room/app.ts'
import { contractSuite } from './suite.ts'

const isFull = process.env['CONTRACT'] === 'full'

onEachDatabase('contract', (kind) => contractSuite(roomApp, kind, ({ name }, door) =>
  isFull || name === 'room' || door === (kind === 'embedded' ? 'socket' : 'http')))
