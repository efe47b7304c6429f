// The line of those who wait for a connection: how long it may be, and how long one stands in it.
import type { Knex } from 'knex'
import { AppError } from '../define/errors.ts'
import type { Database } from './connection.ts'

/** What is read of the pool of connections that knex has. */
export interface Pool {
  readonly max: number
  numUsed(): number
  numFree(): number
  numPendingAcquires(): number
}

export const poolOf = (knex: Knex): Pool | undefined => (knex.client as { readonly pool?: Pool }).pool

/**
 * Refuses what comes when so many wait already: an answer at once is worth more than one that comes too late. Asked before a request
 * begins; what is under way, and what the server does by itself, is not sent away. So is what comes while the database is silent.
 */
export const roomIn = ({ knex, isSilent }: Pick<Database, 'knex' | 'isSilent'>, most: number) => (): void => {
  if (isSilent()) throw new AppError('unavailable', { message: 'The database does not answer; try again', retryAfter: 1 })
  if ((poolOf(knex)?.numPendingAcquires() ?? 0) >= most)
    throw new AppError('unavailable', { message: 'More is asked of the server than it can do; try again', retryAfter: 1 })
}

/** Named as the pool names its own: `toAppError` knows it. */
class TimeoutError extends Error {
  override readonly name = 'TimeoutError'
}

/**
 * What was asked of a pool, if it comes in time.
 * @param late called with what comes after that
 * @throws TimeoutError
 */
export const inTime = async <T>(asked: Promise<T>, milliseconds: number, late: (value: T) => unknown): Promise<T> => {
  let timer: NodeJS.Timeout | undefined
  let isLate = false
  const patience = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      isLate = true
      reject(new TimeoutError('All connections to the database are in use'))
    }, milliseconds)
  })
  asked.then((value) => (isLate ? late(value) : undefined), () => undefined)
  return Promise.race([asked, patience]).finally(() => clearTimeout(timer))
}
