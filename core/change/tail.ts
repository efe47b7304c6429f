// Follows the feed on this node: every entry once, in order, to whoever listens here.
import type { Knex } from 'knex'
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

export interface TailOptions {
  readonly knex: Knex
  /** Milliseconds between reads when nothing wakes it. */
  readonly interval: number
  readonly batch: number
  /** Synchronous: what is told here is told before the next read. */
  readonly onEntries: (entries: readonly Entry[]) => void
  readonly onTrouble: (error: unknown) => void
}

/** Starts at the present end of the feed. */
export const startTail = async ({ knex, interval, batch, onEntries, onTrouble }: TailOptions): Promise<Tail> => {
  const { epoch, pos: start } = await readState(knex)
  let pos = start
  let lastRead = Date.now()
  let wanted = false
  let stopped = false
  let running: Promise<void> | undefined

  const read = async (): Promise<void> => {
    while (wanted && !stopped) {
      wanted = false
      try {
        const entries = await readFeed(knex, pos, batch)
        lastRead = Date.now()
        const last = entries.at(-1)
        if (last) {
          pos = last.pos
          onEntries(entries)
          wanted ||= entries.length === batch
        }
      } catch (error) {
        onTrouble(error)
        return
      }
    }
  }

  const wake = (): void => {
    wanted = true
    if (running || stopped) return
    running = read().finally(() => {
      running = undefined
      if (wanted && !stopped) setImmediate(wake)
    })
  }
  const timer = setInterval(wake, interval)
  return {
    epoch,
    get pos() {
      return pos
    },
    get lastRead() {
      return lastRead
    },
    wake,
    async stop() {
      stopped = true
      clearInterval(timer)
      await running
    },
  }
}
