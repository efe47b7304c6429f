// Whatever the database, the role or the pooler have as defaults: every connection that the server opens has what it relies on.
import { expect } from 'chai'
import pg from 'pg'
import { app } from '../../app.ts'
import { startServer } from '../../core/boot/server.ts'
import { firstStatement } from '../../core/db/postgres.ts'
import { recordingLog } from '../kit/server.ts'
import { administrator, commonEnvironment } from '../kit/ready.ts'
import { cleanUp, freshDataDir, freshPostgres, open, run, temporaryDirectory, testDatabaseUrl } from './support.ts'

/** A default that would do harm, and what the server must have. */
const defaults: Readonly<Record<string, readonly [harmful: string, wanted: string]>> = {
  TimeZone: ['Pacific/Auckland', 'UTC'],
  DateStyle: ['German, DMY', 'ISO, MDY'],
  IntervalStyle: ['sql_standard', 'postgres'],
  bytea_output: ['escape', 'hex'],
  extra_float_digits: ['-10', '1'],
  standard_conforming_strings: ['off', 'on'],
  array_nulls: ['off', 'on'],
  transform_null_equals: ['on', 'off'],
  row_security: ['off', 'on'],
  default_transaction_isolation: ['serializable', 'read committed'],
  default_transaction_deferrable: ['on', 'off'],
  exit_on_error: ['on', 'off'],
  gin_fuzzy_search_limit: ['5', '0'],
  jit: ['on', 'off'],
  xmlbinary: ['hex', 'base64'],
  client_encoding: ['LATIN1', 'UTF8'],
  idle_session_timeout: ['3s', '0'],
  lock_timeout: ['3s', '0'],
  statement_timeout: ['3s', '5s'],
  idle_in_transaction_session_timeout: ['3s', '4s'],
  session_replication_role: ['replica', 'origin'],
  quote_all_identifiers: ['on', 'off'],
}

const harm = (name: string): string =>
  Object.entries(defaults).map(([setting, [harmful]]) => `alter database "${name}" set ${setting} = '${harmful}';`).join('\n')
const nameOf = (url: string): string => new URL(url).pathname.slice(1)

const administer = async (url: string, sql: string): Promise<void> => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(sql)
  await client.end()
}

const shown = async (ask: (sql: string) => Promise<unknown[]>): Promise<Record<string, string>> => {
  const result: Record<string, string> = {}
  for (const name of Object.keys(defaults)) {
    const [row] = await ask(`select current_setting('${name}') as value`)
    result[name] = (row as { value: string }).value
  }
  return result
}

const wanted = (differing: Readonly<Record<string, string>> = {}): Record<string, string> =>
  Object.fromEntries(Object.entries(defaults).map(([name, [, right]]) => [name, differing[name] ?? right]))

describe('a session of the database', () => {
  afterEach(cleanUp)

  it('on the embedded database: is what the server relies on, whatever its files say', async () => {
    const dataDir = await freshDataDir()
    const first = await open({ dataDir })
    await run(first.knex, harm('postgres'))
    await first.close()
    const database = await open({ dataDir })
    const none = { statement_timeout: '0', idle_in_transaction_session_timeout: '0' }
    expect(await shown(async (sql) => (await run(database.knex, sql)).rows)).to.deep.equal(wanted(none))
  })

  if (testDatabaseUrl === undefined) return void it('skipped: TEST_DATABASE_URL is unset')

  it('on PostgreSQL: in the pool, beside it, and without limits', async () => {
    const databaseUrl = await freshPostgres()
    await administer(databaseUrl, harm(nameOf(databaseUrl)))
    const database = await open({ dataDir: await temporaryDirectory(), databaseUrl })
    expect(await shown(async (sql) => (await run(database.knex, sql)).rows), 'the pool').to.deep.equal(wanted())
    expect(await shown(async (sql) => (await run(database.upkeep, sql)).rows), 'beside the pool').to.deep.equal(wanted({
      lock_timeout: '500ms',
    }))
    const none = { statement_timeout: '0', idle_in_transaction_session_timeout: '0' }
    expect(await database.unhurried((knex) => shown(async (sql) => (await run(knex, sql)).rows)), 'without limits')
      .to.deep.equal(wanted(none))
  })

  it('on PostgreSQL: of a role that may set less than a superuser', async () => {
    const databaseUrl = await freshPostgres()
    await administer(databaseUrl, `do $$ begin if not exists (select 1 from pg_roles where rolname = 'sovrane_plain') then create role sovrane_plain; end if; end $$`)
    // What only a superuser sets, a superuser has set right.
    await administer(databaseUrl, harm(nameOf(databaseUrl)).replace(/^.*session_replication_role.*$/m, ''))
    const client = new pg.Client({ connectionString: databaseUrl })
    await client.connect()
    try {
      await client.query(`set role sovrane_plain; ${firstStatement({ statementTimeout: 5000 })}`)
      expect(await shown(async (sql) => (await client.query<{ value: string }>(sql)).rows)).to.deep.equal(wanted())
    } finally {
      await client.end()
    }
  })

  const paths: Readonly<Record<string, (name: string) => string>> = {
    'of nothing': (name) => `alter database "${name}" set search_path = ''`,
    'of a schema that is not there': (name) => `alter database "${name}" set search_path = nowhere`,
    'of another schema with tables of the same names': (name) =>
      `create schema other; create table other.users (id int); create table other.feed_state (id int); alter database "${name}" set search_path = other, public`,
  }
  for (const [what, sql] of Object.entries(paths)) {
    it(`on PostgreSQL: a search path ${what}, before the first start and after it`, async function () {
      this.timeout(120_000)
      for (const moment of ['before', 'after']) {
        const databaseUrl = await freshPostgres()
        const environment = { ...commonEnvironment(), DATABASE_URL: databaseUrl, DATA_DIR: await temporaryDirectory() }
        const start = () => startServer(app, { environment, log: recordingLog(), print: () => undefined, interactive: false })
        if (moment === 'after') await (await start()).stop()
        else if (what.startsWith('of another')) continue
        await administer(databaseUrl, sql(nameOf(databaseUrl)))
        const server = await start()
        const reply = await fetch(`${server.url}/api/auth-login`, {
          method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(administrator),
        })
        expect(reply.status, moment).to.equal(200)
        await server.stop()
      }
    })
  }
})
