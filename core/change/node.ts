// This node's part in the feed: it relays, listens and follows, and knows when it can no longer be trusted.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Knex } from 'knex'
import { listen } from '../db/listener.ts'
import type { Log } from '../define/plugin.ts'
import type { Entry } from './entry.ts'
import { feedChannel } from './feed.ts'
import { startRelay } from './relay.ts'
import { startTail } from './tail.ts'

export interface FeedNode {
  readonly epoch: string
  readonly pos: number
  /** This node has committed something. */
  committed(): void
  /** Waits until this node has told of a position; false when it does not get there soon. */
  reached(pos: number): Promise<boolean>
  /** Whether the feed was read lately. */
  isReady(): boolean
  /** Milliseconds since the feed was last read. */
  silence(): number
  stop(): Promise<void>
}

export interface NodeOptions {
  readonly knex: Knex
  /** Set on PostgreSQL: other nodes may write. The embedded database has this one process. */
  readonly databaseUrl?: string
  readonly log: Log
  readonly onEntries: (entries: readonly Entry[]) => void
}

/** Milliseconds. The poll is the backstop for a lost notification. */
const poll = 1000
const stale = 5000

export const startNode = async ({ knex, databaseUrl, log, onEntries }: NodeOptions): Promise<FeedNode> => {
  const trouble = (what: string) => (error: unknown) => log.warn({ err: error }, what)
  const tail = await startTail({ knex, interval: poll, batch: 1000, onEntries, onTrouble: trouble('the feed could not be read') })
  const relay = startRelay({ knex, interval: poll, batch: 1000, onMoved: () => tail.wake(), onTrouble: trouble('the outbox could not be relayed') })
  const listener = databaseUrl === undefined ? undefined : listen({
    databaseUrl, channel: feedChannel, onSignal: () => tail.wake(), onTrouble: trouble('the listening connection was lost; the poll goes on'),
  })
  return {
    epoch: tail.epoch,
    get pos() {
      return tail.pos
    },
    committed: () => relay.kick(),
    async reached(pos) {
      const deadline = Date.now() + stale
      while (tail.pos < pos && Date.now() < deadline) {
        tail.wake()
        await sleep(20)
      }
      return tail.pos >= pos
    },
    isReady: () => Date.now() - tail.lastRead < stale,
    silence: () => Date.now() - tail.lastRead,
    async stop() {
      await listener?.close()
      await relay.stop()
      await tail.stop()
    },
  }
}
