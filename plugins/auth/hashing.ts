// Hashing passwords: in worker threads, with a queue that ends somewhere.
import { availableParallelism } from 'node:os'
import { extname } from 'node:path'
import { Piscina } from 'piscina'
import { AppError } from '../../core/define/index.ts'
import type { HashTask } from './hash-worker.ts'

export interface Hashing {
  /** @throws AppError unavailable when the queue is full */
  readonly hash: (password: string) => Promise<string>
  /** Without a hash it compares with a dummy, which is never equal. Takes the same time whatever the hash. @throws AppError unavailable */
  compare(password: string, hash: string | undefined): Promise<boolean>
  /** Whether a hash was made at a lower cost than new ones are. */
  isWeak(hash: string): boolean
  stop(): Promise<void>
}

/** How many may wait; each takes some 50 ms of a core at cost 10. */
const longestQueue = 256

/** What bcrypt looks at; of a longer password it would compare the beginning. */
const mostBytes = 72

/** A hash that no password has been found for. */
const dummy = (cost: number): string => `$2b$${String(cost).padStart(2, '0')}$${'no.account.has.this.password.nor.will.any.have.it.ever'.slice(0, 53)}`

const costOf = (hash: string): number => Number(/^\$2[aby]\$(\d\d)\$/.exec(hash)?.[1] ?? 0)

/** Dummies that together with one of cost `from` take as long as one of cost `to`: each step of the cost doubles the work. */
const padding = (from: number, to: number): string[] => Array.from({ length: Math.max(0, to - from) }, (_, index) => dummy(from + index))

/** @param cost the bcrypt cost of new hashes */
export const createHashing = (cost: number): Hashing => {
  const threads = Math.max(1, availableParallelism() - 1)
  let pool: Piscina | undefined
  const run = async (task: HashTask): Promise<unknown> => {
    // Started at the first use: many processes never hash.
    pool ??= new Piscina({
      filename: new URL(`./hash-worker${extname(import.meta.url)}`, import.meta.url).href,
      name: 'work',
      minThreads: 0, maxThreads: threads, maxQueue: longestQueue, idleTimeout: 30_000,
    })
    try {
      return await pool.run(task)
    } catch (error) {
      if (error instanceof Error && /queue is at limit/i.test(error.message)) throw new AppError('unavailable', { retryAfter: 2, cause: error })
      throw error
    }
  }
  return {
    hash: async (password) => String(await run({ kind: 'hash', password, cost })),
    async compare(password, known) {
      const against = known !== undefined && Buffer.byteLength(password) <= mostBytes ? known : undefined
      const equal = await run({ kind: 'compare', password, hash: against ?? dummy(cost), also: against === undefined ? [] : padding(costOf(against), cost) })
      return against !== undefined && equal === true
    },
    isWeak: (known) => costOf(known) < cost,
    stop: async () => pool?.destroy(),
  }
}
