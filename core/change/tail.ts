// Follows the feed on this node: every entry once, in order, to whoever listens here.
import type { Knex } from 'knex'
import { coalesce, type CoalesceOptions } from './coalesce.ts'
import type { Entry } from './entry.ts'
import { readFeed, readState } from './feed.ts'

export interface Tail {
  readonly epoch: string
  /** The last position that this node has told of. */
  readonly pos: number
  /** Epoch milliseconds at which the feed was last read with success. */
  readonly lastRead: number
  /** There may be something new. */
  wake(): void
  stop(): Promise<void>
}

export interface TailOptions extends Pick<CoalesceOptions, 'interval' | 'onTrouble'> {
  readonly knex: Knex
  readonly batch: number
  /** Synchronous: what is told here is told before the next read. */
  readonly onEntries: (entries: readonly Entry[]) => void
}

/** Starts at the present end of the feed. */
export const startTail = async ({ knex, batch, onEntries, ...rest }: TailOptions): Promise<Tail> => {
  const { epoch, pos: start } = await readState(knex)
  let pos = start
  let lastRead = Date.now()
  const reading = coalesce({
    ...rest,
    task: async () => {
      const entries = await readFeed(knex, pos, batch)
      lastRead = Date.now()
      const last = entries.at(-1)
      if (!last) return false
      pos = last.pos
      onEntries(entries)
      return entries.length === batch
    },
  })
  return {
    epoch,
    get pos() {
      return pos
    },
    get lastRead() {
      return lastRead
    },
    wake: () => reading.kick(),
    stop: () => reading.stop(),
  }
}
