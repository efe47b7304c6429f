// Writes the entries of refusals: many at once by one statement, each before its reply. None is lost: what cannot be written in time is
// answered `unavailable`.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Knex } from 'knex'
import { AppError, type Log } from '#sovrane'
import type { Writer, NewEntry } from './entry.ts'

export interface RefusalWriter {
  /** Resolves once the entry is committed. @throws AppError unavailable */
  write(db: Knex, entry: NewEntry): Promise<void>
}

interface RefusalWriterOptions {
  readonly append: Writer['append']
  readonly log: Log
  /** Milliseconds after which an entry that could not be written refuses its reply. */
  readonly patience?: number
}

/** Entries of one statement. */
const batchSize = 500
/** Each has a request behind it. */
const maxWaiting = 20_000
/** Milliseconds before another attempt. */
const pause = 50

interface Waiting {
  readonly entry: NewEntry
  readonly db: Knex
  readonly until: number
  done(): void
  /** Never true: it is no longer waited for. */
  fail(cause: unknown): false
}

export const createRefusalWriter = ({ append, log, patience = 8000 }: RefusalWriterOptions): RefusalWriter => {
  const waiting: Waiting[] = []
  let writing: Promise<void> | undefined
  let isFailing = false
  let cause: unknown

  const attempt = async (entries: readonly [Waiting, ...Waiting[]]): Promise<boolean> => {
    try {
      await append(entries[0].db, entries.map(({ entry }) => entry))
      isFailing = false
      return true
    } catch (error) {
      if (!isFailing) log.error({ err: error, count: entries.length }, 'refusals could not be recorded; it is tried again')
      isFailing = true
      cause = error
      return false
    }
  }

  /** By halves after a failure: it may be one of them that cannot be written, and the others must be. */
  const flush = async (entries: readonly Waiting[]): Promise<void> => {
    const [first, ...others] = entries.filter((entry) => entry.until > performance.now() || entry.fail(cause))
    if (!first) return
    if (await attempt([first, ...others])) return [first, ...others].forEach((entry) => entry.done())
    await sleep(pause)
    if (others.length === 0) return void waiting.push(first)
    const middle = Math.floor(others.length / 2)
    await flush([first, ...others.slice(0, middle)])
    await flush(others.slice(middle))
  }

  const drain = async (): Promise<void> => {
    while (waiting.length > 0) await flush(waiting.splice(0, batchSize))
    // Without an await after the last look at `waiting`: no call falls in between.
    writing = undefined
  }

  return {
    write: (db, entry) => new Promise((resolve, reject) => {
      const fail = (why: unknown): false => {
        reject(new AppError('unavailable', { retryAfter: 1, cause: why }))
        return false
      }
      if (waiting.length >= maxWaiting) return void fail(new Error('too many refusals wait to be recorded'))
      waiting.push({ db, entry, until: performance.now() + patience, done: resolve, fail })
      writing ??= drain()
    }),
  }
}
