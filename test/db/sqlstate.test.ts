// Real errors of both databases and of objection become the errors of the catalogue, without a word of the driver.

import { expect } from 'chai'
import type { Knex } from 'knex'
import { Model } from 'objection'
import { AppError } from '../../core/define/errors.ts'
import type { Database } from '../../core/db/database.ts'
import { isRetryable, toAppError } from '../../core/db/sqlstate.ts'
import { cleanUp, onBothDatabases, open, thrownBy } from './support.ts'

const schema = `
  create table parents (id int primary key);
  create table rows (
    id serial primary key, email text not null, site_id int, code varchar(3), label text, amount int check (amount > 0),
    seen timestamptz, active boolean, parent_id int references parents);
  create unique index rows_email on rows (lower(email));
  create unique index rows_label on rows (site_id, coalesce(label, 'a)=(b')) where site_id is not null;
  insert into rows (email, site_id) values ('Secret@host', 1);`

const insert = (values: object) => (knex: Knex) => knex('rows').insert({ email: 'other', ...values })

/** What is done, and the code and details that come of it. */
const cases: readonly [string, (knex: Knex) => PromiseLike<unknown>, string, unknown][] = [
  ['a unique expression', insert({ email: 'sECRET@host' }), 'conflict', { fields: ['email'] }],
  ['a unique pair with an expression', insert({ site_id: 1 }), 'conflict', { fields: ['siteId', 'label'] }],
  ['a primary key', insert({ id: 1 }), 'conflict', { fields: ['id'] }],
  ['a value that imitates a key', insert({ email: 'secret@HOST' }), 'conflict', { fields: ['email'] }],
  ['a missing reference', insert({ parent_id: 7 }), 'conflict', { reason: 'reference' }],
  ['a broken check', insert({ amount: 0 }), 'invalid_payload', [{ path: '', message: 'breaks a rule of the database' }]],
  ['a text too long', insert({ code: 'secret' }), 'invalid_payload', [{ path: '', message: 'holds a value that cannot be stored' }]],
  ['a number out of range', insert({ amount: 1e12 }), 'invalid_payload', [{ path: '', message: 'holds a value that cannot be stored' }]],
  ['a NUL', insert({ label: 'secret\0' }), 'invalid_payload', [{ path: '', message: 'holds a value that cannot be stored' }]],
  [
    'a lock not to be had in time',
    (knex) => knex.raw(`do $$ begin raise exception 'secret' using errcode = '55P03'; end $$`),
    'unavailable', undefined,
  ],
  [
    'a full disk',
    (knex) => knex.raw(`do $$ begin raise exception 'secret' using errcode = '53100'; end $$`),
    'unavailable', undefined,
  ],
  [
    'a database that takes no writes',
    (knex) => knex.raw(`do $$ begin raise exception 'secret' using errcode = '25006'; end $$`),
    'unavailable', undefined,
  ],
  [
    'too many connections',
    (knex) => knex.raw(`do $$ begin raise exception 'secret' using errcode = '53300'; end $$`),
    'unavailable', undefined,
  ],
  [
    'a deadlock',
    (knex) => knex.raw(`do $$ begin raise exception 'secret' using errcode = '40P01'; end $$`),
    'conflict',
    { reason: 'busy' },
  ],
]

class Row extends Model {
  static override tableName = 'rows'
}

describe('driver errors', () => {
  onBothDatabases((freshPlace) => {
    let database: Database

    // One for all: what they do to it fails.
    before(async () => {
      database = await open((await freshPlace()).options)
      await database.knex.raw(schema)
    })
    after(cleanUp)

    it('become errors of the catalogue, with nothing of the text or the values', async () => {
      for (const [what, run, code, details] of cases) {
        const cause = await thrownBy(() => run(database.knex))
        const error = toAppError(cause)
        expect(error?.code, `${what}: ${String(cause)}`).to.equal(code)
        expect(error?.details, what).to.deep.equal(details)
        expect(error?.retryAfter, what).to.equal(code === 'unavailable' ? 1 : undefined)
        expect(error?.message, what).to.not.match(/secret|rows/i)
        expect(error?.cause, what).to.equal(cause)
      }
    })

    it('are a fault of ours where a column has no value: nobody was asked for one', async () => {
      expect(toAppError(await thrownBy(() => insert({ email: null })(database.knex)))).to.equal(undefined)
      expect(toAppError(await thrownBy(() => Row.query(database.knex).insert({ email: null } as unknown as Partial<Row>)))).to.equal(
        undefined,
      )
    })

    it('hold no values in what goes to the log', async () => {
      const error = (await thrownBy(() => insert({ label: 'hash', code: 'too long' })(database.knex))) as Error & { params?: unknown }
      expect(error.message).to.not.include('hash')
      expect(error.params).to.equal(undefined)
    })

    it('are seen through the wrapping of objection', async () => {
      const error = await thrownBy(() => Row.query(database.knex).insert({ email: 'secret@host' } as Partial<Row>))
      expect(error).to.have.property('nativeError')
      expect(toAppError(error)?.details).to.deep.equal({ fields: ['email'] })
    })

    it('of a value of the wrong type are the same on both', async () => {
      for (const value of [{ active: 'maybe' }, { seen: 'yesterdayish' }, { amount: 'many' }]) {
        expect(toAppError(await thrownBy(() => insert(value)(database.knex)))?.code, JSON.stringify(value)).to.equal('invalid_payload')
      }
    })

    it('that ask for a retry are told apart', async () => {
      const raise = (state: string) =>
        thrownBy(() => database.knex.raw(`do $$ begin raise exception 'x' using errcode = '${state}'; end $$`))
      expect(isRetryable(await raise('40001'))).to.equal(true)
      expect(isRetryable(await raise('40P01'))).to.equal(true)
      expect(isRetryable(await raise('23505'))).to.equal(false)
      expect(isRetryable(undefined)).to.equal(false)
    })

    it('of our own making stay unknown', async () => {
      for (const sql of ['selec 1', 'select missing()', `do $$ begin raise exception 'x'; end $$`]) {
        expect(toAppError(await thrownBy(() => database.knex.raw(sql))), sql).to.equal(undefined)
      }
    })

    it('of a table or a column that is not there say that the database differs from the definitions', async () => {
      for (const sql of ['select * from nowhere', 'select nothing from pg_class']) {
        const error = toAppError(await thrownBy(() => database.knex.raw(sql)))
        expect(error, sql).to.include({ code: 'internal' }).and.to.have.deep.property('details', { reason: 'drift' })
      }
    })

    it('after the database was closed are unavailable', async () => {
      await database.close()
      expect(toAppError(await thrownBy(() => database.knex.raw('select 1')))?.code).to.equal('unavailable')
    })
  })

  it('leave an AppError as it is, and know nothing of other things', () => {
    const own = new AppError('forbidden')
    expect(toAppError(own)).to.equal(own)
    for (const other of [undefined, null, 'text', 7, {}, new Error('anything'), new TypeError('x')])
      expect(toAppError(other)).to.equal(undefined)
  })

  it('of an unreachable server are unavailable', async () => {
    const databaseUrl = 'postgres://someone:secret@127.0.0.1:1/nothing'
    const error = (await thrownBy(() => open({ dataDir: '/nowhere', databaseUrl }))) as Error
    expect(error.message).to.include('127.0.0.1:1').and.not.include('secret')
    expect(toAppError(error.cause)?.code).to.equal('unavailable')
  })
})
