// What is large is done in slices: the relay's batches, the telling, the reviews of sessions, and what is no longer kept.
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect } from 'chai'
import type { Socket } from 'socket.io'
import { forgetAll } from '../../core/boot/retention.ts'
import { createSlices } from '../../core/change/slices.ts'
import { everything } from '../../core/define/interest.ts'
import { createAudience, type Told } from '../../core/transport/audience.ts'
import { createReviews } from '../../core/transport/reviews.ts'
import { eventsOf, fake, resync } from './namespace.ts'

const timeout = Object.assign(new Error('canceling statement due to statement timeout'), { code: '57014' })

describe('slices: a batch that finds its size', () => {
  it('is halved until it gets through, and grows again', async () => {
    const slices = createSlices(2000)
    const sizes: number[] = []
    const run = (limit: number): Promise<string | undefined> => slices.run(async (size) => {
      sizes.push(size)
      if (size > limit) throw timeout
      return 'done'
    })
    while ((await run(300)) === undefined);
    expect(sizes).to.deep.equal([2000, 1000, 500, 250])
    await run(10_000)
    await run(10_000)
    expect(sizes.slice(4)).to.deep.equal([500, 1000])
  })

  it('of one entry that fails is a failure, and so is any other error', async () => {
    const slices = createSlices(1)
    const thrown = (fault: Error): Promise<unknown> => slices.run(() => Promise.reject(fault)).catch((caught: unknown) => caught)
    expect(await thrown(timeout)).to.equal(timeout)
    const other = Object.assign(new Error('no such table'), { code: '42P01' })
    expect(await createSlices(8).run(() => Promise.reject(other)).catch((caught: unknown) => caught)).to.equal(other)
  })

  it('what has piled up is forgotten, however much the database does in time', async () => {
    let left = 12_345
    let calls = 0
    await forgetAll(async (most) => {
      calls += 1
      if (most > 1000) throw timeout
      const gone = Math.min(left, most)
      left -= gone
      return gone
    }, () => false)
    expect(left).to.equal(0)
    expect(calls).to.be.lessThan(60)
  })
})

describe('slices: telling many', () => {
  it('leaves the event loop free between slices, and tells everybody everything in order', async () => {
    const { namespace, sockets, turns, heard } = fake(900)
    const audience = createAudience(namespace, resync)
    for (const socket of sockets) audience.join(socket, everything)
    const state = { over: false }
    const clock = (async () => {
      while (!state.over) {
        await nextTurn()
        turns.push(0)
      }
    })()
    const positions: number[] = []
    await audience.tell(eventsOf(100), 120, (pos) => positions.push(pos))
    state.over = true
    await clock
    expect(Math.max(...turns)).to.be.at.most(2000)
    expect(turns.filter((frames) => frames > 0).length).to.be.at.least(45)
    for (const socket of sockets) expect(heard.get(socket)).to.deep.equal(eventsOf(100).map(({ pos }) => pos))
    expect(positions.at(-1)).to.equal(120)
    expect(positions).to.deep.equal(positions.toSorted((a, b) => a - b))
  })

  it('a socket that joins when nothing is being told hears all that comes after the position of then', async () => {
    const { namespace, sockets, heard } = fake(600)
    const [late, ...early] = sockets
    if (!late) throw new Error('no socket')
    const audience = createAudience(namespace, resync)
    for (const socket of early) audience.join(socket, everything)
    const state = { pos: 0, joinedAt: -1 }
    const telling = audience.tell(eventsOf(200), 200, (pos) => {
      state.pos = pos
    })
    while (state.pos === 0) await nextTurn()
    while (audience.telling) await audience.telling
    state.joinedAt = state.pos
    audience.join(late, everything)
    await telling
    expect(state.joinedAt).to.be.greaterThan(0).and.lessThan(200)
    expect(heard.get(late)).to.deep.equal(eventsOf(200).map(({ pos }) => pos).filter((pos) => pos > state.joinedAt))
  })

  it('a small batch is told in one turn', async () => {
    const { namespace, sockets } = fake(20)
    const audience = createAudience(namespace, resync)
    for (const socket of sockets) audience.join(socket, everything)
    let told = 0
    const telling = audience.tell(eventsOf(3), 3, (pos) => {
      told = pos
    })
    expect(told === 3 || audience.telling !== undefined).to.equal(true)
    await telling
    expect(told).to.equal(3)
  })
})

describe('slices: a flood', () => {
  const [bulk, none] = [eventsOf(1001, ['site']), [] as Told[]]
  const flooded = async (batches: readonly (readonly [events: readonly Told[], more: boolean])[]) => {
    const { namespace, sockets, heard, turns } = fake(300)
    const audience = createAudience(namespace, resync)
    const [all, some] = [sockets.slice(0, 280), sockets.slice(280)]
    for (const socket of all) audience.join(socket, everything)
    for (const socket of some) audience.join(socket, { resources: ['role'], heads: false })
    const positions: number[] = []
    const waits: boolean[] = []
    let upto = 0
    for (const [events, more] of batches) {
      upto += 1000
      await audience.tell(events.map((event) => ({ ...event, payload: { pos: upto } })), upto, (pos) => positions.push(pos), more)
      waits.push(audience.telling !== undefined)
    }
    return { all: all.map((socket) => heard.get(socket)), some: some.map((socket) => heard.get(socket)), positions, waits, turns }
  }

  it('that more follows on is one word to each who would hear it, at its end, and nobody joins in between', async () => {
    const { all, some, positions, waits, turns } = await flooded([[bulk, true], [bulk, true], [eventsOf(1, ['role']), true], [none, false]])
    for (const heard of all) expect(heard).to.deep.equal([-4000])
    for (const heard of some) expect(heard).to.deep.equal([-4000])
    expect(positions).to.deep.equal([4000])
    expect(waits).to.deep.equal([true, true, true, false])
    expect(turns).to.deep.equal([300])
  })

  it('is none of those who listen to something else, and over with the next small batch', async () => {
    const { all, some, positions } = await flooded([[bulk, true], [none, false], [eventsOf(2, ['site', 'role']), false]])
    for (const heard of all) expect(heard).to.deep.equal([-2000, 3000, 3000])
    for (const heard of some) expect(heard).to.deep.equal([3000])
    expect(positions.filter((pos) => pos < 2000)).to.deep.equal([])
    expect(positions.at(-1)).to.equal(3000)
  })

  it('may be all of one batch', async () => {
    const { all, positions } = await flooded([[bulk, false]])
    for (const heard of all) expect(heard).to.deep.equal([-1000])
    expect(positions).to.deep.equal([1000])
  })

  it('is not what few hear, nor a thousand changes', async () => {
    const alone = await flooded([[eventsOf(1000, ['site']), false]])
    for (const heard of alone.all) expect(heard).to.have.length(1000)
    const few = await flooded([[eventsOf(400, ['site']), true], [eventsOf(300, ['site']), true], [none, false]])
    for (const heard of few.all) expect(heard).to.have.length(700).and.satisfy((all: number[]) => all.every((pos) => pos > 0))
  })
})

describe('slices: reviews of many sessions', () => {
  const connected = (count: number) => {
    const told = { changed: 0, ended: 0 }
    const sockets = Array.from({ length: count }, (_, index) => ({
      connected: true,
      data: { principal: { actorId: `a${index}`, sessionId: `s${index}`, expiresAt: 0 }, rights: 'old', admittedAt: 0, begun: true },
      conn: { close: () => undefined },
      emit: (event: string) => {
        if (event === 'rights-changed') told.changed += 1
        if (event === 'session-expired') told.ended += 1
      },
      disconnect: () => undefined,
    }) as unknown as Socket)
    return { told, byActor: new Map(sockets.map((socket, index) => [`a${index}`, new Set([socket])])) }
  }

  it('ask for hundreds at once and never twice at a time', async () => {
    const { told, byActor } = connected(5000)
    const state = { calls: 0, open: 0, most: 0 }
    const reviews = createReviews({
      byActor, attend: () => Promise.resolve(), onTrouble: (error) => { throw error },
      standingOf: async (principals) => {
        state.calls += 1
        state.open += 1
        state.most = Math.max(state.most, state.open)
        await nextTurn()
        state.open -= 1
        return principals.map(({ actorId }) =>
          actorId === 'a7' ? { ended: 'suspended' } : { rights: Number(actorId.slice(1)) % 2 === 0 ? 'new' : 'old' },
        )
      },
    })
    reviews.ask('all')
    reviews.ask(['a1', 'a2', 'nobody'])
    await reviews.idle()
    // The two that were asked for again while the first hundreds were looked at are one more.
    expect(state).to.deep.equal({ calls: 11, open: 0, most: 1 })
    expect(told).to.deep.equal({ changed: 2500, ended: 1 })
  })
})
