// Moves committed changes from the outbox to the feed: right after this node's commits, and each second for everybody else's.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Knex } from 'knex'
import { coalesce, type CoalesceOptions, type Coalesced } from './coalesce.ts'
import { relayBatch } from './feed.ts'

export interface RelayOptions extends Pick<CoalesceOptions, 'interval' | 'onTrouble'> {
  readonly knex: Knex
  readonly batch: number
  readonly onMoved: () => void
}

/** Milliseconds before a lock that another has is tried again: it may not see our commit yet. */
const busyPause = 15

export const startRelay = ({ knex, batch, onMoved, ...rest }: RelayOptions): Coalesced =>
  coalesce({
    ...rest,
    task: async () => {
      const result = await relayBatch(knex, batch)
      if (result.kind === 'busy') {
        await sleep(busyPause)
        return true
      }
      if (result.count > 0) onMoved()
      return result.count === batch
    },
  })
