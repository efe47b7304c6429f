// Removes what is older than it is kept, in slices, however much has piled up.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Knex } from 'knex'
import { forgetRequests } from '../call/idempotency.ts'
import { forgetFeed, readState } from '../change/feed.ts'
import { createSlices } from '../change/slices.ts'
import type { Log } from '../define/plugin.ts'

/** Milliseconds between runs, and between the slices of a run; rows of a slice. */
const bounds = { every: 600_000, pause: 20, slice: 5000 }

/** Runs a forgetting until it has nothing left to do, in slices as large as the database does in time. */
export const forgetAll = async (forget: (most: number) => Promise<number>, isOver: () => boolean): Promise<void> => {
  const slices = createSlices(bounds.slice)
  while (!isOver()) {
    const gone = await slices.run(forget)
    if (gone === 0) return
    await sleep(bounds.pause)
  }
}

export interface RetentionOptions {
  readonly knex: Knex
  /** How long the feed is kept. */
  readonly hours: number
  readonly log: Log
  /** Positions of the feed up to here are no longer kept, by this node or another that removed them. */
  readonly onForgotten: (upto: number) => void
}

/** Starts the retention of the feed and of answered requests; answers what stops it. */
export const startRetention = ({ knex, hours, log, onForgotten }: RetentionOptions): (() => Promise<void>) => {
  let stopped = false
  let running: Promise<void> | undefined
  const run = async (): Promise<void> => {
    try {
      await forgetAll((most) => forgetFeed(knex, hours, most), () => stopped)
      onForgotten((await readState(knex)).floor)
      await forgetAll((most) => forgetRequests(knex, most), () => stopped)
    } catch (error) {
      log.warn({ err: error }, 'expired rows could not be removed')
    }
  }
  const timer = setInterval(() => {
    running ??= run().finally(() => {
      running = undefined
    })
  }, bounds.every)
  return async () => {
    stopped = true
    clearInterval(timer)
    await running
  }
}
