// Refusals under a flood: each that was answered is in the log; what cannot be written is answered `unavailable`, never forgotten.
import { expect } from 'chai'
import type { Knex } from 'knex'
import pg from 'pg'
import type { NewEntry } from '../../plugins/audit/entry.ts'
import { createRefusalWriter } from '../../plugins/audit/refusals.ts'
import { recordingLog } from '../kit/server.ts'
import { onAnyDatabase } from '../kit/databases.ts'
import { isRow, row } from '../kit/replies.ts'
import { AuditWorld } from './audit-world.ts'
import { eventually, parallel } from '../kit/wait.ts'

const codeOf = (reply: unknown): unknown => {
  const { error } = row(reply)
  return isRow(error) ? error['code'] : 'ok'
}

onAnyDatabase('audit: refusals under a flood', (kind) => {
  const world = new AuditWorld(kind, { DATABASE_POOL_SIZE: '2', DATABASE_ACQUIRE_TIMEOUT: '1000' })
  before(() => world.open())
  after(() => world.close())

  const count = async (action: string, level = 'warning'): Promise<number> =>
    (await world.entries()).filter((entry) => entry.action === action && entry.level === level).length
  const floods: Readonly<Record<string, (index: number) => Promise<unknown>>> = {
    'auth-refresh': () => world.ask('auth-refresh', { refreshToken: 'y'.repeat(43) }),
    'auth-login': (index) => world.ask('auth-login', { email: `nobody-${index}@example.com`, password: 'Wrong-River-52-Lantern' }),
  }
  for (const [event, ask] of Object.entries(floods)) {
    it(`${event}, 300 at once with two connections: as many entries as refusals`, async function () {
      this.timeout(60_000)
      const before = await count(event)
      const codes = (await parallel(300, ask)).map(codeOf)
      expect(codes.filter((code) => code !== 'unauthenticated' && code !== 'unavailable')).to.deep.equal([])
      const refused = codes.filter((code) => code === 'unauthenticated').length
      expect(refused).to.be.greaterThan(0)
      expect(await count(event)).to.be.at.least(before + refused)
    })
  }

  it('for lack of rights, on reads and writes, from one who floods', async () => {
    const clerk = await world.enter()
    const codes = (await parallel(100, (index) =>
      world.ask(index % 2 === 0 ? 'site-list-request' : 'site-create', index % 2 === 0 ? {} : { label: 'x' }, clerk))).map(codeOf)
    const refused = codes.filter((code) => code === 'forbidden').length
    expect(refused).to.be.greaterThan(0)
    expect((await world.entries()).filter(({ actor_id: actor, level }) => actor === clerk.id && level === 'warning'))
      .to.have.length(refused)
    expect(await world.verdict()).to.include({ ok: true })
  })

  if (kind === 'postgres') {
    it('entries are sealed while requests have taken every connection', async () => {
      const sql = new pg.Client({ connectionString: world.environment['DATABASE_URL'] })
      await sql.connect()
      const open = async (): Promise<number> => (await sql.query('select 1 from audit_unsealed')).rowCount ?? 0
      const held: Knex.Transaction[] = []
      try {
        await sql.query("begin; select pg_advisory_xact_lock(hashtext('sovrane:audit-seal'))")
        await world.ask('auth-refresh', { refreshToken: 'x'.repeat(43) })
        expect(await open()).to.be.greaterThan(0)
        held.push(...await parallel(2, () => world.db.transaction()))
        await sql.query('commit')
        await eventually(async () => await open() === 0, 'all are sealed')
      } finally {
        for (const each of held) await each.rollback()
        await sql.end()
      }
    })
  }

  it('while all connections are taken the reply waits for its entry', async () => {
    const clerk = await world.enter()
    await world.ask('site-list-request', {}, clerk)
    const known = (await world.entries()).length
    const held = await parallel(kind === 'postgres' ? 2 : 1, () => world.db.transaction())
    const asking = world.ask('auth-refresh', { refreshToken: 'z'.repeat(43) })
    await parallel(held.length, (index) => Promise.resolve(held[index]?.rollback()))
    expect(codeOf(await asking)).to.equal('unauthenticated')
    expect((await world.entries()).length).to.equal(known + 1)
  })

  it('the reuse of a refresh token ends the session and leaves one entry, a warning', async () => {
    const clerk = await world.enter()
    const { refreshToken } = await world.ok('auth-login', { email: clerk.email, password: clerk.password })
    await world.ok('auth-refresh', { refreshToken })
    await world.sql("update sessions set rotated_at = rotated_at - interval '1 hour'")
    const entry = await world.entryOf(() => world.no('unauthenticated', 'auth-refresh', { refreshToken }))
    expect(entry).to.include({ action: 'auth-refresh', level: 'warning', target_type: 'user', target_id: clerk.id })
    expect(entry.details).to.deep.equal({ error: 'unauthenticated', reason: 'reuse' })
    expect(await world.verdict()).to.include({ ok: true })
  })
})

describe('audit: the writer of refusals', () => {
  const db = {} as Knex
  const named = (id: string): NewEntry => ({
    always: true,
    action: id, actorId: null, actorType: 'anonymous', level: 'warning', category: 'auth', targetType: null, targetId: null, details: {},
    ipAddress: null, userAgent: null, requestId: null,
  })
  const code = (outcome: Promise<void>): Promise<string> =>
    outcome.then(() => 'written', (error: unknown) => String(row({ ...(error as object) })['code']))

  it('writes what comes meanwhile by one statement', async () => {
    const batches: number[] = []
    const ends: (() => void)[] = []
    const writer = createRefusalWriter({ log: recordingLog(), append: (_db, entries) => {
      batches.push(entries.length)
      return new Promise<void>((resolve) => void ends.push(resolve))
    } })
    const outcomes = Array.from({ length: 200 }, (_, index) => code(writer.write(db, named(String(index)))))
    ends.shift()?.()
    await outcomes[0]
    while (batches.length < 2) await Promise.resolve()
    ends.shift()?.()
    expect(new Set(await Promise.all(outcomes))).to.deep.equal(new Set(['written']))
    expect(batches).to.deep.equal([1, 199])
  })

  it('tries again while the database is away; one that nobody can write takes none of the others with it', async () => {
    const written: string[] = []
    let attempts = 0
    const writer = createRefusalWriter({ log: recordingLog(), patience: 500, append: (_db, entries) => {
      attempts += 1
      if (attempts < 4 || entries.some(({ action }) => action === 'poison')) return Promise.reject(new Error('away'))
      written.push(...entries.map(({ action }) => action))
      return Promise.resolve()
    } })
    const names = ['a', 'b', 'poison', 'c', 'd']
    expect(await Promise.all(names.map((name) => code(writer.write(db, named(name)))))).to.deep.equal([
      'written', 'written', 'unavailable', 'written', 'written',
    ])
    expect(written.toSorted()).to.deep.equal(['a', 'b', 'c', 'd'])
  })

  it('what cannot be written in time is answered unavailable, and logged once', async () => {
    const log = recordingLog()
    const writer = createRefusalWriter({ log, patience: 20, append: () => Promise.reject(new Error('away')) })
    expect(new Set(await Promise.all(Array.from({ length: 20 }, () => code(writer.write(db, named('x'))))))).to.deep.equal(
      new Set(['unavailable']),
    )
    expect(log.lines).to.have.length(1)
  })
})
