// What both databases promise alike, and what each promises alone.

import { once } from 'node:events'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { type AddressInfo, type Socket, connect, createServer } from 'node:net'
import { join } from 'node:path'
import { expect } from 'chai'
import { toAppError } from '../../core/db/sqlstate.ts'
import { ask, prepared } from '../../core/define/statement.ts'
import {
  cleanUp, freshDataDir, freshPostgres, messageOf, onBothDatabases, open, run, startChild, temporaryDirectory,
  testDatabaseUrl, thrownBy,
} from './support.ts'
import { longTest } from '../kit/extent.ts'

describe('database', () => {
  afterEach(cleanUp)

  onBothDatabases((freshPlace) => {
    it('gives the same JavaScript values', async () => {
      const { knex } = await open((await freshPlace()).options)
      const { rows: [row] } = await run(knex, `select
        9007199254740991::int8 as big, array[1, null, 3]::int8[] as bigs, 12.50::numeric as amount, count(*) as count, 2.5::float8 as f,
        '2026-03-01 12:00:00.123+02'::timestamptz as at, '2026-03-01'::date as day, array['2026-03-01'::date] as days,
        interval '1 day' as span, true as yes, '{"a":[1]}'::jsonb as json, array['a','b']::text[] as texts,
        '\\x6869'::bytea as bytes, null::int as nothing`)
      expect(row).to.deep.equal({
        big: 9007199254740991, bigs: [1, null, 3], amount: 12.5, count: 1, f: 2.5,
        at: new Date('2026-03-01T10:00:00.123Z'), day: '2026-03-01', days: ['2026-03-01'],
        span: '1 day', yes: true, json: { a: [1] }, texts: ['a', 'b'],
        bytes: Buffer.from('hi'), nothing: null,
      })
      expect(row).to.have.property('bytes').instanceOf(Buffer)
    })

    it('gives the times of rows as texts, to the same millisecond', async () => {
      const { knex } = await open((await freshPlace()).options)
      const times = [
        '2026-03-01 12:00:00+02', '2026-03-01 12:00:00.12+02', '2026-03-01 12:00:00.9999+00', '0001-01-01 00:00:00+00',
        '9999-12-31 23:59:59.999999+00',
      ]
      const sql = `select ${times.map((time, index) => `'${time}'::timestamptz as "t${index}"`).join(', ')} where ?::boolean`
      const { rows: [dates] } = await ask<Record<string, Date>>(knex, prepared(sql), [true])
      const { rows: [texts] } = await ask<Record<string, string>>(knex, prepared(sql, { rows: true }), [true])
      const expected = Object.values(dates ?? {}).map((date) => date.toISOString())
      expect(expected).to.have.length(times.length)
      expect(Object.values(texts ?? {})).to.deep.equal(expected)
      // What has no such form stays what it is.
      const never = prepared("select 'infinity'::timestamptz as at where ?::boolean", { rows: true })
      expect((await ask<object>(knex, never, [true])).rows).to.deep.equal([{ at: Infinity }])
    })

    it('answers every kind of statement alike', async () => {
      const { knex } = await open((await freshPlace()).options)
      await knex.raw('create table things (id int primary key, name text); insert into things values (1, \'a\'), (2, \'b\')')
      expect(await knex('things').update({ name: 'c' })).to.equal(2)
      expect(await knex('things').where({ id: 1 }).first()).to.deep.equal({ id: 1, name: 'c' })
      expect(await knex('things').orderBy('id').pluck('id')).to.deep.equal([1, 2])
      expect(await knex('things').insert({ id: 3 }).returning('id')).to.deep.equal([{ id: 3 }])
      expect((await run(knex, 'select * from things where id > ?', [1])).rowCount).to.equal(2)
      expect((await run(knex, 'update things set name = ? where id > ?', ['d', 1])).rowCount).to.equal(2)
      expect((await run(knex, 'update things set name = null')).rowCount).to.equal(3)
      expect(await knex('things').where({ id: 3 }).del()).to.equal(1)
      expect(await knex('things').del()).to.equal(2)
    })

    it('rolls a failed transaction back', async () => {
      const { knex } = await open((await freshPlace()).options)
      await knex.raw('create table things (id int primary key)')
      await knex.transaction(async (trx) => {
        await trx('things').insert({ id: 1 })
        throw new Error('no')
      }).catch(() => undefined)
      expect(await knex('things')).to.deep.equal([])
    })

    it('has everything that was committed when its process was killed', async () => {
      const { options, env } = await freshPlace()
      const child = startChild('write-rows.ts', [], env)
      let last = ''
      for (let seen = 0; seen < 50; seen += 1) last = await child.line()
      await child.kill()
      const { knex } = await open(options)
      const numbers: number[] = await knex('written').orderBy('n').pluck('n')
      expect(numbers.length).to.be.at.least(Number(last))
      expect(numbers).to.deep.equal(numbers.map((_, at) => at + 1))
    })

    it('can be closed twice', async () => {
      const database = await open((await freshPlace()).options)
      await Promise.all([database.close(), database.close()])
    })
  })

  describe('embedded', () => {
    // In one, because making the files takes seconds.
    longTest('makes its directory for its user only, begins anew when it was killed meanwhile, and keeps what was written', async () => {
      const dataDir = join(await temporaryDirectory(), 'new')
      const child = startChild('write-rows.ts', [], { DATA_DIR: dataDir, DATABASE_URL: '' })
      while (!existsSync(join(dataDir, 'database', 'base'))) await new Promise((resolve) => setTimeout(resolve, 10))
      await child.kill()
      expect(statSync(dataDir).mode & 0o777).to.equal(0o700)
      expect(existsSync(join(dataDir, 'database', 'postgresql.conf')), 'killed before it was complete').to.equal(false)

      const first = await open({ dataDir })
      expect(first.kind).to.equal('embedded')
      expect(first.description).to.include(dataDir)
      expect(statSync(join(dataDir, 'database')).mode & 0o777).to.equal(0o700)
      expect(readdirSync(dataDir)).to.have.members(['database', 'lock'])
      expect((await run(first.knex, 'select 1 as one')).rows).to.deep.equal([{ one: 1 }])
      await first.knex.raw('create table kept (n int); insert into kept values (1)')
      await first.close()
      expect(readdirSync(join(dataDir, 'lock'))).to.deep.equal([])
      expect(await (await open({ dataDir })).knex('kept')).to.deep.equal([{ n: 1 }])
    })

    it('refuses a second opening of its directory', async () => {
      const dataDir = await freshDataDir()
      await open({ dataDir })
      expect(await messageOf(() => open({ dataDir }))).to.include(`process ${process.pid}`).and.include('DATA_DIR')
    })

    it('names a query outside of the open transaction as the likely cause when none is free', async () => {
      const { knex } = await open({ dataDir: await freshDataDir(), acquireTimeout: 50 })
      const error = toAppError(await thrownBy(() => knex.transaction(async (trx) => {
        await trx.raw('select 1')
        await knex.raw('select 2')
      })))
      expect(error?.code).to.equal('unavailable')
      expect(error?.cause).to.be.instanceOf(Error).with.property('message').that.includes('outside of the open transaction')
      expect((await run(knex, 'select 3 as n')).rows).to.deep.equal([{ n: 3 }])
    })
  })

  describe('PostgreSQL', () => {
    if (testDatabaseUrl === undefined) return void it('skipped: TEST_DATABASE_URL is unset')

    it('shows where it leads, never the password', async () => {
      const url = new URL(await freshPostgres())
      url.password = 'secret'
      const database = await open({ dataDir: '/nowhere', databaseUrl: url.href })
      expect(database.kind).to.equal('postgres')
      expect(database.description).to.include(url.host).and.include(url.pathname.slice(1)).and.not.include('secret')
    })

    it('ends a statement that takes too long, but not an unhurried one', async () => {
      const database = await open({ dataDir: '/nowhere', databaseUrl: await freshPostgres(), statementTimeout: 100 })
      const error = await thrownBy(() => database.knex.raw('select pg_sleep(60)'))
      expect(toAppError(error)?.code).to.equal('unavailable')
      await database.unhurried((knex) => knex.raw('select pg_sleep(0.3)'))
    })

    it('outlives the loss of all its connections', async () => {
      const { knex } = await open({ dataDir: '/nowhere', databaseUrl: await freshPostgres() })
      await Promise.all([knex.raw('select pg_sleep(0.1)'), knex.raw('select pg_sleep(0.1)')])
      const busy = knex.raw('select pg_sleep(60)').then(() => undefined, (thrown: unknown) => thrown)
      const others = `select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid() and application_name = 'sovrane'`
      while ((await run(knex, `select 1 from pg_stat_activity where datname = current_database() and query = 'select pg_sleep(60)'`)).rowCount === 0);
      await knex.raw(others)
      expect(toAppError(await busy)?.code).to.equal('unavailable')
      const own = await thrownBy(() => knex.raw('select pg_terminate_backend(pg_backend_pid())'))
      expect(toAppError(own)?.code).to.equal('unavailable')
      expect((await run(knex, 'select 1 as n')).rows).to.deep.equal([{ n: 1 }])
    })

    it('gives up on a network that swallows everything, and recovers with it', async () => {
      const target = new URL(await freshPostgres())
      const pipes: [Socket, Socket][] = []
      const network = createServer((client) => {
        const server = connect(Number(target.port || 5432), target.hostname)
        client.pipe(server).pipe(client)
        for (const socket of [client, server]) socket.on('error', () => undefined)
        pipes.push([client, server])
      }).listen(0, '127.0.0.1')
      await once(network, 'listening')
      const through = new URL(target)
      through.host = `127.0.0.1:${(network.address() as AddressInfo).port}`
      const { knex } = await open({ dataDir: '/nowhere', databaseUrl: through.href, poolMax: 1, statementTimeout: 100 })
      try {
        await knex.transaction(async (trx) => {
          await trx.raw('select 1')
          for (const [client, server] of pipes) client.unpipe(server)
          const error = await thrownBy(() => trx.raw('select 2'))
          expect(toAppError(error)?.code).to.equal('unavailable')
          throw error
        }).catch(() => undefined)
        expect((await run(knex, 'select 3 as n')).rows).to.deep.equal([{ n: 3 }])
      } finally {
        network.close()
        for (const socket of pipes.flat()) socket.destroy()
      }
    })

    it('says when its pool is exhausted', async () => {
      // In that time the first connection must be there, on a busy machine too.
      const { knex } = await open({ dataDir: '/nowhere', databaseUrl: await freshPostgres(), poolMax: 1, acquireTimeout: 1000 })
      const error = await thrownBy(() => knex.transaction(() => knex.raw('select 1')))
      expect(toAppError(error)?.code).to.equal('unavailable')
    })
  })
})
