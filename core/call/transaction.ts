// A transaction with its actor and request named to the triggers, run again when the database says that it may succeed.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Knex } from 'knex'
import type { Stamp } from '../access/actor-rows.ts'
import { isRetryable } from '../db/sqlstate.ts'
import { transact, type Rows } from '../db/transaction.ts'
import { literal } from '../define/statement.ts'
import { readNoted, type Noted } from './noted.ts'

const attempts = 4

export interface Unit {
  readonly actorId: string | undefined
  readonly requestId: string | undefined
  /** A statement that travels with the beginning of the transaction. */
  readonly first?: { readonly sql: string; readonly done: (rows: Rows) => void }
}

/** What travels with the commit: set while the task runs. */
export interface Closing {
  /** The rights must still be those of this stamp. */
  stamp: Stamp | undefined
  /** The last statements. */
  readonly last: string[]
}

export interface Committed<T> {
  readonly value: T
  readonly noted: Noted
}

const context = ({ actorId = '', requestId = '' }: Unit): string =>
  `select set_config('sovrane.actor', ${literal(actorId)}, true), set_config('sovrane.request_id', ${literal(requestId)}, true)`

const close = ({ stamp }: Closing): string => {
  const who = (stamp?.who ?? []).map(literal).join(', ')
  return `select sovrane_close(array[${who}]::text[], ${stamp?.sum ?? 'null'}) as noted`
}

/** Runs the task in a transaction; deadlocks and serialisation failures are tried again, at most three times, with jitter. */
export const inTransaction = async <T>(
  knex: Knex, unit: Unit, task: (trx: Knex, closing: Closing) => Promise<T>,
): Promise<Committed<T>> => {
  for (let attempt = 1; ; attempt += 1) {
    const closing: Closing = { stamp: undefined, last: [] }
    let noted: Noted = 'many'
    try {
      const value = await transact(knex, {
        opening: [context(unit), ...(unit.first ? [unit.first.sql] : [])].join('; '),
        opened: ([, first]) => unit.first?.done(first ?? []),
        closing: () => [...closing.last, close(closing)].join('; '),
        closed: (results) => void (noted = readNoted(results.at(-1)?.[0]?.['noted'])),
      }, (trx) => task(trx, closing))
      return { value, noted }
    } catch (error) {
      if (attempt === attempts || !isRetryable(error)) throw error
      await sleep(Math.random() * 20 * attempt)
    }
  }
}
