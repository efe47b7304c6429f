// Follows the feed on this node: every entry once, in order, to the listeners here.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Knex } from 'knex'
import { coalesce, type CoalesceOptions } from '../define/coalesce.ts'
import { resetTopic } from '../define/topics.ts'
import type { Entry } from './entry.ts'
import { readOn, readState, type FeedState } from './feed.ts'
import { createPace, type Pace } from './pace.ts'

export interface Tail {
  /** Another one when the database has another history. */
  readonly epoch: string
  /** The last position that this node has told of. */
  readonly pos: number
  /** The last position that was read: what is beyond `pos` is just being told. */
  readonly read: number
  /** Epoch milliseconds at which the feed was last read with success, or told of. */
  readonly lastRead: number
  /** There may be something new. */
  wake(): void
  stop(): Promise<void>
}

export interface TailOptions extends Pick<CoalesceOptions, 'interval' | 'onTrouble'> {
  readonly knex: Knex
  readonly batch: number
  /** The epoch, and the position after which it begins. */
  readonly start: Pick<FeedState, 'epoch' | 'pos'>
  /** How often the feed is read while it is busy. */
  readonly pace?: Pace
  /** What was read, before anyone is told. Synchronous: caches are dropped here. */
  readonly onRead: (entries: readonly Entry[]) => void
  /**
   * Tells of a batch, in slices. `advance` is called with the position up to which everyone has been told, in the very tick
   * in which that became true, and last with the batch's own. `more`: another batch follows at once, with which the last of this
   * one may come.
   */
  readonly onTell: (entries: readonly Entry[], advance: (pos: number) => void, more: boolean) => Promise<void>
}

/** Stands for all that another history has and this node has not heard of. */
const resetAt = (pos: number): Entry =>
  ({ pos, batch: pos - 1, resource: resetTopic, id: '', action: 'update', version: 0, requestId: null })

/** Begins anew, with a reset at the end of the feed, when the database has another history. */
export const startTail = ({ knex, batch, start, pace = createPace(), onRead, onTell, ...options }: TailOptions): Tail => {
  let { epoch, pos } = start
  let read = pos
  let lastRead = performance.now()
  // The last read has not reached the end of the feed.
  let isBehind = false
  const reading = coalesce({
    ...options,
    task: async () => {
      const pause = isBehind ? 0 : pace.wait()
      if (pause > 0) await sleep(pause)
      // One beyond the batch: who is told that more follows waits for it.
      const found = await readOn(knex, read, batch + 1)
      const state = found.epoch === epoch ? undefined : await readState(knex)
      // What was to follow is gone: it was taken away by hand.
      const isCutShort = isBehind && found.entries.length === 0
      // A standby was promoted, which may lack what was told already, and has positions of its own.
      const entries = state ? [resetAt(state.pos)] : isCutShort ? [resetAt(read)] : found.entries.slice(0, batch)
      lastRead = performance.now()
      pace.read(new Set(entries.map((entry) => entry.batch)).size)
      isBehind = state === undefined && found.entries.length > batch
      const last = entries.at(-1)
      if (!last) return false
      if (state) ({ epoch, pos } = state)
      read = last.pos
      onRead(entries)
      try {
        await onTell(entries, (upto) => {
          pos = upto
          lastRead = performance.now()
        }, isBehind)
      } catch (error) {
        // Told again, from where everyone has heard all.
        read = pos
        throw error
      }
      return isBehind
    },
  })
  return {
    get epoch() {
      return epoch
    },
    get pos() {
      return pos
    },
    get read() {
      return read
    },
    get lastRead() {
      return lastRead
    },
    wake: () => reading.kick(),
    stop: () => reading.stop(),
  }
}
