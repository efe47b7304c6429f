// A busy feed is told in ticks, and what changes a row within a tick is told as one; a quiet one is told at once. Decided by counting.
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import type { Knex } from 'knex'
import { mergeEntries, type Entry } from '../../core/change/entry.ts'
import { createPace, type Pace } from '../../core/change/pace.ts'
import { startTail } from '../../core/change/tail.ts'
import { resetTopic } from '../../core/define/topics.ts'
import { eventually } from '../kit/wait.ts'

describe('the pace of the feed', () => {
  const clock = { now: 10_000 }
  const make = (): Pace => createPace(() => clock.now)

  it('up to 20 batches a second it is read at once', () => {
    const pace = make()
    for (let batch = 0; batch < 200; batch += 1) {
      expect(pace.wait(), `batch ${batch}`).to.equal(0)
      pace.read(1)
      clock.now += 50
    }
  })

  it('with more than that it is read every 50 ms, until it is quiet again', () => {
    const pace = make()
    for (let batch = 0; batch < 20; batch += 1) {
      expect(pace.wait()).to.equal(0)
      pace.read(1)
      clock.now += 10
    }
    pace.read(1)
    expect(pace.wait()).to.equal(50)
    clock.now += 30
    expect(pace.wait()).to.equal(20)
    clock.now += 20
    expect(pace.wait()).to.equal(0)
    // Several batches of a tick count as such: reading less often does not make it quiet.
    for (let tick = 0; tick < 100; tick += 1) {
      pace.read(3)
      expect(pace.wait(), `tick ${tick}`).to.equal(50)
      clock.now += 50
    }
    clock.now += 1000
    expect(pace.wait()).to.equal(0)
    pace.read(1)
    expect(pace.wait()).to.equal(0)
  })

  it('many batches at once are a busy feed, and nothing new is none', () => {
    const pace = make()
    pace.read(500)
    expect(pace.wait()).to.equal(50)
    clock.now += 1001
    for (let reads = 0; reads < 100; reads += 1) pace.read(0)
    expect(pace.wait()).to.equal(0)
  })
})

describe('the tail of a busy feed', () => {
  /** A feed of updates of one row, each a batch of its own; and a tail that tells of it. */
  const follow = (pace: Pace | undefined) => {
    const feed: object[] = []
    const told: Entry[][] = []
    const knex = { raw: async (_sql: string, [after, limit]: [number, number]): Promise<{ rows: object[] }> => {
      const rows = feed.slice(after, after + limit)
      return { rows: rows.length > 0 ? rows : [{ epoch: 'one', pos: null }] }
    } } as unknown as Knex
    const tail = startTail({
      knex, interval: 60_000, batch: 1000, start: { epoch: 'one', pos: 0 }, ...(pace ? { pace } : {}),
      onRead: () => undefined, onTrouble: (error) => { throw error },
      async onTell(entries, advance) {
        told.push(mergeEntries(entries))
        advance(entries.at(-1)?.pos ?? 0)
      },
    })
    return {
      told, tail,
      write() {
        const pos = feed.length + 1
        feed.push({ epoch: 'one', pos, batch: pos - 1, resource: 'site', id: 'a', action: 'update', version: pos, request_id: `r${pos}` })
        tail.wake()
        return pos
      },
    }
  }

  /** Twenty changes one by one, then so many without a pause but for the event loop's. */
  const run = async (pace: Pace | undefined, many: number): Promise<{ told: Entry[][]; slow: number; ticks: number }> => {
    const { told, tail, write } = follow(pace)
    for (let index = 0; index < 20; index += 1) {
      const pos = write()
      await eventually(() => tail.pos === pos, 'it is told at once')
    }
    const slow = told.length
    const began = performance.now()
    let last = 0
    for (let index = 0; index < many; index += 1) {
      last = write()
      await sleep(1)
    }
    await eventually(() => tail.pos === last, 'all is told')
    const ticks = (performance.now() - began) / 50
    await tail.stop()
    return { told, slow, ticks }
  }

  it('the first twenty are told one by one, the others once a tick: the last of each, with its requestId', async () => {
    const { told, slow, ticks } = await run(undefined, 200)
    expect(slow).to.equal(20)
    // The one that makes it busy is told at once.
    expect(told.length - slow).to.be.at.most(Math.ceil(ticks) + 2)
    expect(told.every((batch) => batch.length === 1), 'one change of a row in a tick').to.equal(true)
    expect(told.at(-1)?.[0]).to.include({ version: 220, requestId: 'r220', action: 'update' })
    const versions = told.flat().map(({ version }) => version)
    expect(versions).to.deep.equal(versions.toSorted((a, b) => a - b))
  })

  it('without a pace each is seen to be told by itself', async () => {
    const { told, slow, ticks } = await run({ read: () => undefined, wait: () => 0 }, 200)
    expect(told.length - slow).to.be.greaterThan(Math.ceil(ticks) + 2)
  })
})

describe('the end of a long reading of the feed', () => {
  const batch = 10
  /** A feed of so many entries, read in batches: what was told, and whether more was said to follow each time. */
  const follow = async (written: number, takenAway = 0): Promise<{ told: Entry[][]; more: boolean[]; pos: number }> => {
    const entries = Array.from({ length: written }, (_, index) => ({
      epoch: 'one', pos: index + 1, batch: 0, resource: 'site', id: `s${index}`, action: 'update', version: 2, request_id: null,
    }))
    let reads = 0
    const knex = { raw: async (_sql: string, [after, limit]: [number, number]): Promise<{ rows: object[] }> => {
      reads += 1
      const rows = reads > 1 && takenAway > 0 ? [] : entries.slice(after, after + limit)
      return { rows: rows.length > 0 ? rows : [{ epoch: 'one', pos: null }] }
    } } as unknown as Knex
    const [told, more]: [Entry[][], boolean[]] = [[], []]
    const tail = startTail({
      knex, interval: 60_000, batch, start: { epoch: 'one', pos: 0 }, onRead: () => undefined, onTrouble: (error) => { throw error },
      async onTell(each, advance, follows) {
        told.push([...each])
        more.push(follows)
        advance(each.at(-1)?.pos ?? 0)
      },
    })
    tail.wake()
    await eventually(() => more.at(-1) === false, 'the end is told')
    await tail.stop()
    return { told, more, pos: tail.pos }
  }

  for (const [written, lengths] of [[7, [7]], [10, [10]], [11, [10, 1]], [20, [10, 10]], [30, [10, 10, 10]]] as const)
    it(`${written} entries in batches of ${batch}: more is said to follow only where it does`, async () => {
      const { told, more, pos } = await follow(written)
      expect(told.map(({ length }) => length)).to.deep.equal(lengths)
      expect(more).to.deep.equal(lengths.map((_, index) => index < lengths.length - 1))
      expect(pos).to.equal(written)
    })

  it('what was to follow is gone: everyone is told to read anew, and no one waits for it', async () => {
    const { told, more } = await follow(15, 5)
    expect(more).to.deep.equal([true, false])
    expect(told.at(-1)).to.have.length(1)
    expect(told.at(-1)?.[0]).to.include({ resource: resetTopic, pos: batch })
  })
})
