// Hashing passwords: in worker threads, behind a queue that is fair and ends somewhere.
import { availableParallelism } from 'node:os'
import { extname } from 'node:path'
import { Piscina } from 'piscina'
import { createFairQueue, type Shares } from './fair-queue.ts'
import type { Guess, HashTask } from './hash-worker.ts'

/**
 * How a password is measured, hashed and compared: what looks alike is the same, though two machines may make it of other characters.
 * NIST SP 800-63B 5.1.1.2 asks for NFKC.
 */
export const spelling = (password: string): string => password.normalize('NFKC')

/** How many may wait, and for how many milliseconds; each takes some 50 ms of a core at cost 10. */
const maxQueue = 256
const patience = 4000

/** What bcrypt looks at: it ignores what comes after, so that two passwords could be one. */
export const maxBytes = 72

/** A hash that no password has been found for. */
const dummy = (cost: number): string =>
  `$2b$${String(cost).padStart(2, '0')}$${'no.account.has.this.password.nor.will.any.have.it.ever'.slice(0, 53)}`

const costOf = (hash: string): number => Number(/^\$2[aby]\$(\d\d)\$/.exec(hash)?.[1] ?? 0)

/** Dummies that together with one of cost `from` take as long as one of cost `to`: each step of the cost doubles the work. */
const padding = (from: number, to: number): string[] => Array.from({ length: Math.max(0, to - from) }, (_, index) => dummy(from + index))

// All processors where the event loop goes before them (`hash-worker.ts`).
const threads = process.platform === 'linux' ? availableParallelism() : Math.max(1, availableParallelism() - 1)
let pool: Piscina | undefined
/**
 * The threads of this process, for all its servers. Started at the first use: many processes never hash. Idle ones end by themselves,
 * and hold up no process that ends.
 */
const workersOf = (): Piscina => (pool ??= new Piscina({
  filename: new URL(`./hash-worker${extname(import.meta.url)}`, import.meta.url).href,
  name: 'work',
  minThreads: 0, maxThreads: threads, idleTimeout: 30_000,
}))

let listsRead: Promise<unknown> | undefined
/** Reading the lists of words takes longer than requests can wait: it is done before anyone queues for it. */
const readLists = (): Promise<unknown> => {
  // Idle workers end, and their lists with them.
  if (pool?.threads.length === 0) listsRead = undefined
  listsRead ??= workersOf().run({ kind: 'guess', password: '', words: [] } satisfies HashTask).catch(() => undefined)
  return listsRead
}

/** @param cost the bcrypt cost of new hashes */
export const createHashing = (cost: number) => {
  const queue = createFairQueue({ atOnce: threads, most: maxQueue, patience })
  const run = (task: HashTask, shares: Shares): Promise<unknown> => queue.run(shares, async () => (await workersOf().run(task)) as unknown)
  const equals = async (password: string, known: string | undefined, shares: Shares): Promise<boolean> => {
    const against = known !== undefined && Buffer.byteLength(password) <= maxBytes ? known : undefined
    const equal = await run({
      kind: 'compare', password, hash: against ?? dummy(cost), also: against === undefined ? [] : padding(costOf(against), cost),
    }, shares)
    return against !== undefined && equal === true
  }
  return {
    /** How many wait for their turn or are at work. */
    waiting: (): number => queue.size,
    /** @param shares on whose account it goes @throws AppError unavailable when the queue is full */
    hash: async (password: string, shares: Shares): Promise<string> =>
      String(await run({ kind: 'hash', password: spelling(password), cost }, shares)),
    /**
     * Compares in the one spelling, then as given: hashes of before were made of that. Without a hash it compares with a dummy,
     * which is never equal. Takes the same time whatever the hash. @throws AppError unavailable
     */
    async compare(password: string, known: string | undefined, shares: Shares): Promise<boolean> {
      // Before passwords were normalised they were hashed as they were given.
      for (const spelled of new Set([spelling(password), password])) if (await equals(spelled, known, shares)) return true
      return false
    },
    /** Whether the hash of a proved password should be made anew: at a higher cost, or in the one spelling. */
    isOutdated: async (password: string, known: string, shares: Shares): Promise<boolean> =>
      costOf(known) < cost || (spelling(password) !== password && !(await equals(spelling(password), known, shares))),
    /** How easily a password is guessed by anyone who knows these words. @throws AppError unavailable */
    async guess(password: string, words: readonly string[], shares: Shares): Promise<Guess> {
      await readLists()
      return (await run({ kind: 'guess', password: spelling(password), words }, shares)) as Guess
    },
  }
}

export type Hashing = ReturnType<typeof createHashing>
