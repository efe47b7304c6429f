// Describes a suite on each database that the run has, or on PostgreSQL alone, with a server of its own.
import { onAnyDatabase, onEachDatabase, onPostgres as onPostgresAlone, type Kind } from '../kit/databases.ts'
import type { Environment } from '../kit/server.ts'
import { TestServer } from '../kit/test-server.ts'

/** Milliseconds that a start may take on a busy machine. */
const patience = 120_000

const withHouse = (house: TestServer, body: (house: TestServer) => void): void => {
  before(async function () {
    this.timeout(patience)
    await house.open()
  })
  after(async function () {
    this.timeout(patience)
    await house.close()
  })
  body(house)
}

/** The same tests on any database; the server is shared by the tests of the suite. */
export const onHouse = (title: string, body: (house: TestServer, kind: Kind) => void, extra: Environment = {}): void =>
  onAnyDatabase(`auth: ${title}`, (kind) => withHouse(new TestServer(kind, { environment: extra }), (house) => body(house, kind)))

/** On each database, for what it has a say in: what is committed, what SQL from outside does, who has its files. */
export const onEachHouse = (title: string, body: (house: TestServer, kind: Kind) => void, extra: Environment = {}): void =>
  onEachDatabase(`auth: ${title}`, (kind) => withHouse(new TestServer(kind, { environment: extra }), (house) => body(house, kind)))

/** Where real parallel transactions are needed: on PostgreSQL, or not at all. */
export const onPostgres = (title: string, body: (house: TestServer) => void, extra: Environment = {}): void =>
  onPostgresAlone(`auth: ${title}`, () => withHouse(new TestServer('postgres', { environment: extra }), body))
