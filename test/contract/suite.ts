// The contract suite of sovrane/testing over an app of these tests, on the server that suites share.
import { playContract, type Choice } from '../../testing/contract/suite.ts'
import type { Kind } from '../kit/databases.ts'
import type { AnyApp } from '../kit/server.ts'
import { sharedApp } from '../kit/shared-app.ts'

/** Defines the suite for an app on a database. */
export const contractSuite = (app: AnyApp, kind: Kind, isChosen: Choice): void =>
  playContract({ app, isChosen, start: () => sharedApp(app, kind) })
