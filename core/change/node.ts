// This node's part in the feed: it relays, listens and follows, and knows when it can no longer be trusted.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Knex } from 'knex'
import { listen } from '../db/listener.ts'
import type { Log } from '../define/plugin.ts'
import type { Entry } from './entry.ts'
import { feedChannel, readFeed, readState } from './feed.ts'
import { startLookout } from './lookout.ts'
import { startRelay } from './relay.ts'
import { createRecall, mostMissed, type Recall } from './resume.ts'
import { createRing, type Ring } from './ring.ts'
import { startTail, type TailOptions } from './tail.ts'

export interface FeedNode {
  /** Another one when the database has another history. */
  readonly epoch: string
  /** The last position that this node has told of. */
  readonly pos: number
  /** Grows whenever this node has heard of changes, told or not yet told: equal marks, nothing heard between. */
  readonly mark: number
  /** This node has committed something. */
  committed(): void
  /** Waits until this node has told of a position; false when it does not get there soon. */
  reached(pos: number): Promise<boolean>
  /** Whether the feed moves: it was read lately, and the outbox was emptied or positions grew. */
  isReady(): boolean
  /** Milliseconds since the feed was last read. */
  silence(): number
  /** Milliseconds since all that was committed by then, wherever, was read here. */
  lag(): number
  /** What it keeps of the feed in memory, and how often that has answered a client that came back. */
  readonly ring: Pick<Ring, 'floor' | 'head' | 'entries' | 'bytes'>
  readonly recall: Recall
  /** The database no longer keeps positions up to here. */
  forget(upto: number): void
  /** Positions that are known here and not told yet. */
  behind(): number
  /** Changes that this node has moved to the feed, and its tries while another had the relay. */
  readonly relayed: { readonly moved: number; readonly busy: number }
  /** Relays what is left, then ends. */
  stop(): Promise<void>
}

export interface NodeOptions {
  /** Not the requests' pool: a flood of them must not make the node deaf. */
  readonly knex: Knex
  /** Set on PostgreSQL: other nodes may write. The embedded database has this one process. */
  readonly databaseUrl?: string
  readonly log: Log
  /** The resources and internal topics whose changes may change rights. */
  readonly rightsTopics: readonly string[]
  /** Rights may have changed, told or not yet told: of these, or of so many that it is everyone's. */
  readonly onRights: (changes: readonly { readonly resource: string; readonly id: string }[] | 'many') => void
  /** Before anyone is told: caches are dropped here. */
  readonly onRead: (entries: readonly Entry[]) => void
  readonly onTell: TailOptions['onTell']
}

/**
 * Milliseconds. The polls are the backstop for a lost notification; `covered`: how old the news may be before the lookout looks itself.
 */
const times = { relay: 500, tail: 1000, lookout: 200, covered: 650, stale: 5000 }

/**
 * Entries. A node that is kept busy gets an answer of the database ten times a second, so that many small batches are late; 20,000 are
 * relayed in 50 ms. The embedded database does that in this process, and holds it up meanwhile.
 */
const batches = { relay: 20_000, relayHere: 2000, tail: 5000 }

/** A ring that can answer who comes back to a node that was just started, and where the feed is. */
const fillRing = async (knex: Knex): Promise<{ readonly epoch: string; readonly ring: Ring }> => {
  const { epoch, pos, floor } = await readState(knex)
  // Twice of what is ever told: it begins at the next beginning of a batch.
  const start = Math.max(floor, pos - 2 * mostMissed)
  const ring = createRing(start)
  ring.add(await readFeed(knex, start, pos - start))
  // Where entries were taken away by hand, nothing is known.
  return { epoch, ring: ring.head === pos ? ring : createRing(pos) }
}

export const startNode = async ({ knex, databaseUrl, log, rightsTopics, onRights, onRead, onTell }: NodeOptions): Promise<FeedNode> => {
  // Said now and then, not at each of several tries a second.
  const trouble = (what: string) => {
    let said = Number.NEGATIVE_INFINITY
    return (error: unknown): void => {
      if (performance.now() - said < times.stale) return
      said = performance.now()
      log.warn({ err: error }, what)
    }
  }
  const topics = new Set(rightsTopics)
  let mark = 0
  // Everything committed before `covered` was read; what the relay has emptied waits here for the tail to get there.
  let covered = performance.now() - times.stale
  const emptied: { readonly pos: number; readonly since: number }[] = []
  let moving = performance.now()
  let end = 0
  const relayed = { moved: 0, busy: 0 }
  const cover = (read: number): void => {
    while (emptied[0] && emptied[0].pos <= read) covered = emptied.shift()?.since ?? covered
  }
  const { epoch, ring } = await fillRing(knex)
  const tail = startTail({
    knex, interval: times.tail, batch: batches.tail, start: { epoch, pos: ring.head }, onTell,
    onTrouble: trouble('the feed could not be read'),
    onRead: (entries) => {
      ring.add(entries)
      mark += 1
      moving = performance.now()
      cover(entries.at(-1)?.pos ?? 0)
      onRead(entries)
      const changes = entries.filter(({ resource }) => topics.has(resource))
      if (changes.length > 0) onRights(changes)
    },
  })
  const relay = startRelay({
    knex, interval: times.relay, batch: databaseUrl === undefined ? batches.relayHere : batches.relay,
    onTrouble: trouble('the outbox could not be relayed'),
    onEmpty: (pos, since) => {
      moving = performance.now()
      end = pos
      // Positions beyond the end are of a history that is no more.
      while ((emptied.at(-1)?.pos ?? 0) > pos) emptied.pop()
      if (emptied.length < 1000) emptied.push({ pos, since })
      cover(tail.read)
      if (pos !== tail.read) tail.wake()
    },
    onMoved: (pos, count) => {
      moving = performance.now()
      end = pos
      relayed.moved += count
      tail.wake()
    },
    onBusy: () => void (relayed.busy += 1),
  })
  const lookout = startLookout({
    knex, topics: rightsTopics, interval: times.lookout, read: () => tail.read,
    isCovered: () => performance.now() - covered < times.covered,
    onFound: (found) => {
      mark += 1
      onRights(found)
    },
    onTrouble: trouble('changes of rights could not be looked for'),
  })
  const onTrouble = trouble('the listening connection was lost; the poll goes on')
  const listener = databaseUrl === undefined
    ? undefined
    : listen({ databaseUrl, channel: feedChannel, onSignal: () => tail.wake(), onTrouble })
  return {
    get epoch() {
      return tail.epoch
    },
    ring,
    recall: createRecall(ring, tail),
    forget: (upto) => ring.forget(upto),
    get pos() {
      return tail.pos
    },
    get mark() {
      return mark
    },
    committed: () => relay.kick(),
    async reached(pos) {
      const deadline = performance.now() + times.stale
      while (tail.pos < pos && performance.now() < deadline) {
        tail.wake()
        await sleep(20)
      }
      return tail.pos >= pos
    },
    isReady: () => performance.now() - tail.lastRead < times.stale && performance.now() - moving < times.stale,
    silence: () => performance.now() - tail.lastRead,
    lag: () => performance.now() - covered,
    behind: () => Math.max(0, end - tail.pos, tail.read - tail.pos),
    relayed,
    async stop() {
      // What was just answered must not wait for another node: there may be none.
      await relay.stop('last')
      await listener?.close()
      await Promise.all([lookout.stop(), tail.stop()])
    },
  }
}
