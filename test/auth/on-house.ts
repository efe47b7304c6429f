// Describes a suite on each database that the run has, or on PostgreSQL alone, with a server of its own.
import { onEachDatabase, type Kind } from '../support/databases.ts'
import type { Environment } from '../jobs/support.ts'
import { House } from './house.ts'

/** Milliseconds that a start may take on a busy machine. */
const patience = 120_000

const withHouse = (house: House, body: (house: House) => void): void => {
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

/** The same tests on each database; the server is shared by the tests of the suite. */
export const onHouse = (title: string, body: (house: House, kind: Kind) => void, extra: Environment = {}): void =>
  onEachDatabase(`auth: ${title}`, (kind) => withHouse(new House(kind, extra), (house) => body(house, kind)))

const wanted = (process.env['TEST_DATABASES'] ?? 'postgres').split(',').map((name) => name.trim())
const enabled = (process.env['TEST_DATABASE_URL'] ?? '') !== '' && wanted.includes('postgres')

/** Where real parallel transactions are needed: on PostgreSQL, or not at all. */
export const onPostgres = (title: string, body: (house: House) => void, extra: Environment = {}): void => {
  describe(`auth: ${title} [postgres]`, () => {
    if (!enabled) return void it('skipped: TEST_DATABASE_URL is unset')
    withHouse(new House('postgres', extra), body)
  })
}

/** Runs the work for 0, 1, … count - 1, all at once. */
export const parallel = <T>(times: number, work: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: times }, (_, index) => work(index)))
