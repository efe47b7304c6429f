// Moves committed changes from the outbox to the feed: right after this node's commits, and twice a second for everyone else's.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Knex } from 'knex'
import { coalesce, type CoalesceOptions, type Coalesced } from '../define/coalesce.ts'
import { relayBatch } from './feed.ts'
import { createSlices } from './slices.ts'

export interface RelayOptions extends Pick<CoalesceOptions, 'interval' | 'onTrouble'> {
  readonly knex: Knex
  readonly batch: number
  /** All that was committed before `since` (of `performance.now()`) is in the feed, and its end is `pos`. */
  readonly onEmpty: (pos: number, since: number) => void
  readonly onMoved: (pos: number, count: number) => void
  /** Another has it. */
  readonly onBusy: () => void
}

/** Milliseconds before a lock that another has is tried again: it may not see our commit yet. Doubled while it stays taken. */
const busyPause = { first: 15, longest: 240 }

export const startRelay = ({ knex, batch, onEmpty, onMoved, onBusy, ...rest }: RelayOptions): Coalesced => {
  const slices = createSlices(batch)
  let pause = busyPause.first
  return coalesce({
    ...rest,
    task: async () => {
      const since = performance.now()
      const { size } = slices
      const result = await slices.run((limit) => relayBatch(knex, limit))
      if (!result) return true
      if (result.kind === 'busy') {
        onBusy()
        await sleep(pause)
        pause = Math.min(pause * 2, busyPause.longest)
        return true
      }
      pause = busyPause.first
      if (result.count < size) onEmpty(result.pos, since)
      if (result.count > 0) onMoved(result.pos, result.count)
      return result.count >= size
    },
  })
}
