// Follows the feed on this node: every entry once, in order, to the listeners here.
import type { Knex } from 'knex'
import { coalesce, type CoalesceOptions } from '../define/coalesce.ts'
import type { Entry } from './entry.ts'
import { readFeed, readState } from './feed.ts'

export interface Tail {
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
  /** What was read, before anyone is told. Synchronous: caches are dropped here. */
  readonly onRead: (entries: readonly Entry[]) => void
  /**
   * Tells of a batch, in slices. `advance` is called with the position up to which everyone has been told, in the very tick
   * in which that became true, and last with the batch's own.
   */
  readonly onTell: (entries: readonly Entry[], advance: (pos: number) => void) => Promise<void>
}

/** Starts at the present end of the feed. */
export const startTail = async ({ knex, batch, onRead, onTell, ...rest }: TailOptions): Promise<Tail> => {
  const { epoch, pos: start } = await readState(knex)
  let pos = start
  let read = start
  let lastRead = Date.now()
  const reading = coalesce({
    ...rest,
    task: async () => {
      const entries = await readFeed(knex, pos, batch)
      lastRead = Date.now()
      const last = entries.at(-1)
      if (!last) return false
      read = last.pos
      onRead(entries)
      await onTell(entries, (upto) => {
        pos = upto
        lastRead = Date.now()
      })
      return entries.length === batch
    },
  })
  return {
    epoch,
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
