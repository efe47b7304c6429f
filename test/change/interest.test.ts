// What sockets want to hear: a change costs by those who hear of it; one that wants something else misses nothing, and hears nothing twice.
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect } from 'chai'
import type { Socket } from 'socket.io'
import type { Interest } from '../../core/define/call.ts'
import { everything } from '../../core/define/interest.ts'
import { createAudience, type Audience } from '../../core/transport/audience.ts'
import { createHeads } from '../../core/transport/heads.ts'
import { listenTo, type LiveData } from '../../core/transport/live.ts'
import { eventually } from '../kit/wait.ts'
import { eventsOf, fake, resync } from './namespace.ts'

const only = (...resources: readonly string[]): Interest => ({ resources, heads: false })
const heads: Interest = { resources: [], heads: true }
const noHeads = { greet: () => undefined }

describe('interest: the audience', () => {
  it('who does not listen to a resource costs nothing when it changes', async () => {
    const { namespace, sockets, heard, emitted } = fake(1000)
    const audience = createAudience(namespace, resync)
    const [all, some, none] = [sockets.slice(0, 10), sockets.slice(10, 400), sockets.slice(400)]
    for (const socket of all) audience.join(socket, everything)
    for (const socket of some) audience.join(socket, only('site', 'user'))
    for (const socket of none) audience.join(socket, heads)
    await audience.tell(eventsOf(20, ['role', 'group']), 20, () => undefined)
    expect(emitted.count).to.equal(20)
    await audience.tell(eventsOf(20, ['role', 'site']), 20, () => undefined)
    // One emit for each of the four shards of those who listen to sites.
    expect(emitted.count).to.equal(20 + 20 + 4 * 10)
    expect(heard.get(all[0] as Socket)).to.have.length(40)
    expect(heard.get(some[0] as Socket)).to.deep.equal([2, 4, 6, 8, 10, 12, 14, 16, 18, 20])
    expect(none.flatMap((socket) => heard.get(socket))).to.deep.equal([])
  })

  it('what is for everyone is told to each, in its place', async () => {
    const { namespace, sockets, heard } = fake(30)
    const audience = createAudience(namespace, resync)
    for (const [index, socket] of sockets.entries()) audience.join(socket, [everything, only('site'), heads][index % 3] ?? everything)
    const told = eventsOf(4, ['role', 'site']).toSpliced(2, 0, { pos: 2.5, event: 'feed-resync', payload: { pos: 2.5 } })
    await audience.tell(told, 4, () => undefined)
    expect(sockets.slice(0, 3).map((socket) => heard.get(socket))).to.deep.equal([[1, 2, 2.5, 3, 4], [2, 2.5, 4], [2.5]])
  })

  it('who has left or listens to something else is in no room of before', async () => {
    const { namespace, sockets, heard, emitted } = fake(3)
    const audience = createAudience(namespace, resync)
    const [one, two, three] = sockets as [Socket, Socket, Socket]
    for (const socket of sockets) audience.join(socket, only('site'))
    audience.join(one, only('role'))
    audience.leave(two)
    audience.leave(three)
    await audience.tell(eventsOf(2, ['role', 'site']), 2, () => undefined)
    expect(sockets.map((socket) => heard.get(socket))).to.deep.equal([[1], [], []])
    expect(emitted.count).to.equal(1)
    expect(sockets.map((socket) => audience.has(socket))).to.deep.equal([true, false, false])
  })

  type Change = (audience: Audience, socket: Socket, interest: Interest) => Promise<void> | void

  /** What a socket hears that wants another thing again and again while 400 changes are told to 900 sockets. */
  const heardWith = async (change: Change): Promise<number[]> => {
    const { namespace, sockets, heard } = fake(900)
    const audience = createAudience(namespace, resync)
    for (const socket of sockets) audience.join(socket, everything)
    const restless = sockets.at(-1) as Socket
    const state = { over: false }
    const telling = audience.tell(eventsOf(400, ['a', 'b']), 400, () => undefined).then(() => {
      state.over = true
    })
    for (let turn = 0; !state.over; turn += 1) {
      await change(audience, restless, turn % 2 === 0 ? only('a') : only('a', 'b'))
      await nextTurn()
    }
    await telling
    return (heard.get(restless) ?? []).filter((pos) => pos % 2 === 1)
  }
  const wanted = eventsOf(400, ['a', 'b']).map(({ pos }) => pos).filter((pos) => pos % 2 === 1)

  it('one that wants something else meanwhile hears what it wanted all along once each, in order', async () => {
    const data = {} as LiveData
    const found = await heardWith((audience, socket, interest) => listenTo(socket, data, interest, { audience, heads: noHeads }))
    expect(found).to.deep.equal(wanted)
  })

  it('one that is moved in the middle of a slice is seen to miss something', async () => {
    expect(await heardWith((audience, socket, interest) => audience.join(socket, interest))).to.not.deep.equal(wanted)
  })

  it('one that does not hear of changes yet only keeps what it wants', async () => {
    const { namespace, sockets } = fake(1)
    const audience = createAudience(namespace, resync)
    const data = {} as LiveData
    await listenTo(sockets[0] as Socket, data, only('a'), { audience, heads: noHeads })
    expect(data.interest).to.deep.equal(only('a'))
    expect(audience.has(sockets[0] as Socket)).to.equal(false)
  })
})

describe('interest: heads', () => {
  const start = (least: number) => {
    const { namespace, sockets, heard } = fake(3)
    const audience = createAudience(namespace, resync)
    const [all, some, head] = sockets as [Socket, Socket, Socket]
    for (const [socket, interest] of [[all, everything], [some, only('a')], [head, heads]] as const) audience.join(socket, interest)
    const state = { pos: 0 }
    const made = createHeads({ audience, silent: { emit: () => undefined }, pos: () => state.pos, interval: 60_000, least })
    return { heads: made, state, heard: () => [all, some, head].map((socket) => heard.get(socket)) }
  }

  it('are told at once and then at the end of a pause, however often the feed moves', async () => {
    const { heads: made, state, heard } = start(50)
    for (state.pos = 1; state.pos <= 500; state.pos += 1) made.moved()
    expect(heard()).to.deep.equal([[], [], [1]])
    await eventually(() => heard()[2]?.length === 2, 'the last one')
    expect(heard()).to.deep.equal([[], [], [1, 501]])
    made.moved()
    expect(heard()[2], 'it has not moved').to.deep.equal([1, 501])
    made.stop()
  })

  it('one that begins to hear nothing else is told where the feed is, within the same bound', async () => {
    const { heads: made, heard } = start(50)
    made.greet({ emit: () => undefined }, heads)
    made.greet({ emit: () => undefined }, heads)
    expect(heard()[2]).to.deep.equal([0])
    await eventually(() => heard()[2]?.length === 2, 'the one that is owed')
    made.stop()
    const greeted: string[] = []
    for (const interest of [only('a'), everything]) made.greet({ emit: (event) => greeted.push(event) }, interest)
    expect(greeted).to.deep.equal(['feed-head'])
  })
})
