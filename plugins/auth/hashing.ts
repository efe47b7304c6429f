// Hashing passwords: in worker threads, with a queue that ends somewhere.
import { availableParallelism } from 'node:os'
import { extname } from 'node:path'
import { Piscina } from 'piscina'
import { AppError } from '../../core/define/index.ts'
import type { HashTask } from './hash-worker.ts'

export interface Hashing {
  /** @throws AppError unavailable when the queue is full */
  hash(password: string): Promise<string>
  /** Without a hash it compares with a dummy, which takes as long and is never equal. @throws AppError unavailable */
  compare(password: string, hash: string | undefined): Promise<boolean>
  /** Whether a hash was made at a lower cost than new ones are. */
  isWeak(hash: string): boolean
  stop(): Promise<void>
}

/** How many may wait; each takes some 50 ms of a core at cost 10. */
const longestQueue = 256

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
  const hash = async (password: string): Promise<string> => String(await run({ kind: 'hash', password, cost }))
  let dummy: Promise<string> | undefined
  return {
    hash,
    async compare(password, known) {
      const against = known ?? (await (dummy ??= hash('no account has this password')))
      const equal = await run({ kind: 'compare', password, hash: against })
      return known !== undefined && equal === true
    },
    isWeak: (known) => Number(/^\$2[aby]\$(\d\d)\$/.exec(known)?.[1] ?? 0) < cost,
    stop: async () => pool?.destroy(),
  }
}
