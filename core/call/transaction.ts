// A transaction with its actor and request named to the triggers, run again when the database says that it may succeed.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Knex } from 'knex'
import { isRetryable } from '../db/sqlstate.ts'

const attempts = 4

export interface Unit {
  readonly actorId: string | undefined
  readonly requestId: string | undefined
}

/** Runs the task in a transaction; deadlocks and serialisation failures are tried again, at most three times, with jitter. */
export const inTransaction = async <T>(knex: Knex, unit: Unit, task: (trx: Knex) => Promise<T>): Promise<T> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await knex.transaction(async (trx) => {
        await trx.raw("select set_config('sovrane.actor', ?, true), set_config('sovrane.request_id', ?, true)", [unit.actorId ?? '', unit.requestId ?? ''])
        return task(trx)
        // Said, not assumed: locks are followed by statements that must see what the one before us has done.
      }, { isolationLevel: 'read committed' })
    } catch (error) {
      if (attempt === attempts || !isRetryable(error)) throw error
      await sleep(Math.random() * 20 * attempt)
    }
  }
}
