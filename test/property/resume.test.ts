// What a client has missed is the same from memory as from the database, wherever its cursor is: within merged batches, at their ends,
// before and behind what is kept.
import { expect } from 'chai'
import fc from 'fast-check'
import { forgetFeed, readFeed, readState } from '../../core/change/feed.ts'
import { missedInMemory, missedSince, type Missed } from '../../core/change/resume.ts'
import { createRing, ringBounds, type Ring, type RingBounds } from '../../core/change/ring.ts'
import { openDatabase, type Database } from '../../core/db/database.ts'
import { onAnyDatabase } from '../kit/databases.ts'
import { freshPlace, type Place } from '../kit/place.ts'
import { run } from '../db/support.ts'

const seed = Number(process.env['FC_SEED'] ?? Date.now() % 1_000_000_000)

/** A change of one of a few rows; what it is follows from whether the row is there. */
interface Step {
  readonly row: number
  readonly ends: boolean
  readonly kind: 'row' | 'internal' | 'reset'
}

interface History {
  /** Each is moved into the feed at once. */
  readonly batches: readonly (readonly Step[])[]
  /** Entries that are read at once, and that the ring may hold. */
  readonly read: number
  readonly kept: number
  /** Entries that are then forgotten. */
  readonly forgotten: number
}

const step: fc.Arbitrary<Step> = fc.record({
  row: fc.nat(3), ends: fc.boolean(),
  kind: fc.oneof(
    { weight: 30, arbitrary: fc.constant<'row'>('row') }, { weight: 3, arbitrary: fc.constant<'internal'>('internal') },
    { weight: 1, arbitrary: fc.constant<'reset'>('reset') },
  ),
})

const histories: fc.Arbitrary<History> = fc.record({
  batches: fc.array(fc.array(step, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 6 }),
  read: fc.integer({ min: 1, max: 12 }), kept: fc.integer({ min: 1, max: 40 }), forgotten: fc.nat(20),
})

/** One that forgets entry by entry, in the middle of batches: what one would write first. */
const careless = (start: number, most: RingBounds = ringBounds): Ring => {
  const whole = createRing(start)
  const floor = (): number => Math.max(whole.floor, whole.head - most.entries)
  return {
    add: (entries) => whole.add(entries), forget: (upto) => whole.forget(upto),
    after: (pos, limit) => whole.after(Math.max(pos, floor()), limit),
    get floor() { return floor() }, get head() { return whole.head },
    get entries() { return whole.entries }, get bytes() { return whole.bytes },
  }
}

onAnyDatabase('property: resume from memory and from the database', (kind) => {
  const parts: { place?: Place; database?: Database } = {}
  const knex = () => {
    if (!parts.database) throw new Error('the database is not open')
    return parts.database.knex
  }

  before(async function () {
    this.timeout(120_000)
    parts.place = await freshPlace(kind)
    const { DATABASE_URL: databaseUrl, DATA_DIR: dataDir = '' } = parts.place.environment
    parts.database = await openDatabase({
      dataDir, ...(databaseUrl === undefined ? {} : { databaseUrl }), poolMax: 2, statementTimeout: 20_000, acquireTimeout: 20_000,
    })
  })
  after(async () => {
    await parts.database?.close()
    await parts.place?.remove()
  })

  /** Writes a history behind what the feed has already, all of it older than anything is kept. Gives its start. */
  const write = async (batches: History['batches']): Promise<number> => {
    const { pos: start } = await readState(knex())
    const versions = new Map<string, number>()
    let [pos, batch] = [start, start]
    const rows: (string | number)[][] = []
    for (const steps of batches) {
      for (const { row, ends, kind: what } of steps) {
        pos += 1
        const id = `${start}-${row}`
        const version = versions.get(id) ?? 0
        const action = version === 0 ? 'create' : ends ? 'delete' : 'update'
        if (what === 'row') versions.set(id, action === 'delete' ? 0 : version + 1)
        const resource = { row: 'site', internal: '~rights', reset: '~reset' }[what]
        rows.push([pos, batch, resource, id, what === 'row' ? action : 'update', what === 'row' ? pos : 1])
      }
      batch = pos
    }
    const values = rows.map(() => "(?, ?, ?, ?, ?, ?, now() - interval '100 hours')").join(', ')
    await run(knex(), `insert into feed (pos, batch, resource, id, action, version, at) values ${values}`, rows.flat())
    await run(knex(), `update feed_state set pos = ${pos}`)
    return start
  }

  /** Every cursor that the ring answers, and those that it must. */
  const disagreements = async (ring: Ring, from: number): Promise<string[]> => {
    const { epoch, pos: end } = await readState(knex())
    const found: string[] = []
    for (let pos = from; pos <= end + 2; pos += 1) {
      const known = missedInMemory(ring, epoch, { epoch, pos })
      const isHere = pos >= ring.floor && pos <= ring.head
      if ((known !== undefined) !== isHere) found.push(`${pos}: ${isHere ? 'is not answered' : 'is answered'}`)
      if (!known) continue
      const asked: Missed = await missedSince(knex(), { epoch, pos })
      if (JSON.stringify(known) !== JSON.stringify(asked)) found.push(`${pos}: ${JSON.stringify(known)}, not ${JSON.stringify(asked)}`)
    }
    const other = { epoch: 'another', pos: end }
    if (missedInMemory(ring, epoch, other)?.kind !== (await missedSince(knex(), other)).kind) found.push('another epoch')
    return found
  }

  const check = (make: typeof createRing, runs: number): Promise<fc.RunDetails<[History]>> => fc.check(
    fc.asyncProperty(histories, async ({ batches, read, kept, forgotten }) => {
      const start = await write(batches)
      const ring = make(start, { entries: kept, bytes: ringBounds.bytes })
      for (let rest = await readFeed(knex(), start, read); rest.length > 0; rest = await readFeed(knex(), ring.head, read)) ring.add(rest)
      const found = await disagreements(ring, start)
      // What stands before this history goes too.
      const { floor } = await readState(knex())
      await forgetFeed(knex(), 72, start - floor + forgotten)
      ring.forget((await readState(knex())).floor)
      found.push(...await disagreements(ring, start))
      if (found.length > 0) throw new Error(found.slice(0, 3).join('\n'))
    }),
    { seed, numRuns: runs, endOnFailure: make !== createRing },
  )

  it(`agree for every cursor, also once the oldest is forgotten (FC_SEED=${seed})`, async function () {
    this.timeout(120_000)
    const details = await check(createRing, 40)
    if (details.failed) throw new Error(`${fc.defaultReportMessage(details)}\n${String(details.errorInstance)}`)
  })

  it(`are seen to differ when the ring begins within a batch (FC_SEED=${seed})`, async function () {
    this.timeout(120_000)
    expect((await check(careless, 300)).failed).to.equal(true)
  })

  it('agree on how much is too much', async function () {
    this.timeout(60_000)
    const steps = Array.from({ length: 1300 }, (_, index): Step => ({ row: index, ends: false, kind: 'row' }))
    const start = await write([steps.slice(0, 900), steps.slice(900)])
    const ring = createRing(start)
    ring.add(await readFeed(knex(), start, 2000))
    const { epoch, pos: end } = await readState(knex())
    for (const [missed, wanted] of [[1001, 'resync'], [1000, 'entries'], [300, 'entries'], [0, 'entries']] as const) {
      const cursor = { epoch, pos: end - missed }
      const known = missedInMemory(ring, epoch, cursor)
      expect(known?.kind).to.equal(wanted)
      expect(known).to.deep.equal(await missedSince(knex(), cursor))
    }
  })
})
