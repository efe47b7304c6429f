// Describes a suite on each database that the run has, or on PostgreSQL alone, with a server of its own.
import { onAnyDatabase, onEachDatabase, onPostgres as onPostgresAlone, type Kind } from '../kit/databases.ts'
import type { Environment } from '../kit/server.ts'
import { openServer, type TestServer } from '../kit/test-server.ts'

/** The same tests on any database; the server is shared by the tests of the suite. */
export const onHouse = (title: string, body: (house: TestServer, kind: Kind) => void, extra: Environment = {}): void =>
  onAnyDatabase(`auth: ${title}`, (kind) => body(openServer(kind, { environment: extra }), kind))

/** On each database, for what it has a say in: what is committed, what SQL from outside does, who has its files. */
export const onEachHouse = (title: string, body: (house: TestServer, kind: Kind) => void, extra: Environment = {}): void =>
  onEachDatabase(`auth: ${title}`, (kind) => body(openServer(kind, { environment: extra }), kind))

/** Where real parallel transactions are needed: on PostgreSQL, or not at all. */
export const onPostgres = (title: string, body: (house: TestServer) => void, extra: Environment = {}): void =>
  onPostgresAlone(`auth: ${title}`, () => body(openServer('postgres', { environment: extra })))
