// Moves committed changes from the outbox to the feed: right after this node's commits, and each second for everybody else's.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Knex } from 'knex'
import { relayBatch } from './feed.ts'

export interface Relay {
  /** Something was committed; many calls at once are one run. */
  kick(): void
  stop(): Promise<void>
}

export interface RelayOptions {
  readonly knex: Knex
  readonly batch: number
  /** Milliseconds between runs without a kick. */
  readonly interval: number
  readonly onMoved: () => void
  readonly onTrouble: (error: unknown) => void
}

/** Milliseconds before a lock that another has is tried again. */
const busyPause = 15

export const startRelay = ({ knex, batch, interval, onMoved, onTrouble }: RelayOptions): Relay => {
  let wanted = false
  let stopped = false
  let running: Promise<void> | undefined

  const drain = async (): Promise<void> => {
    while (wanted && !stopped) {
      wanted = false
      try {
        const result = await relayBatch(knex, batch)
        if (result.kind === 'busy') {
          wanted = true
          await sleep(busyPause)
        } else if (result.count > 0) {
          onMoved()
          // There may be more, or some may have come meanwhile.
          wanted ||= result.count === batch
        }
      } catch (error) {
        onTrouble(error)
        return
      }
    }
  }

  const kick = (): void => {
    wanted = true
    if (running || stopped) return
    running = drain().finally(() => {
      running = undefined
      if (wanted && !stopped) setImmediate(kick)
    })
  }
  const timer = setInterval(kick, interval)
  return {
    kick,
    async stop() {
      stopped = true
      clearInterval(timer)
      await running
    },
  }
}
