// A queue in which no one's work keeps that of others waiting: each name with work in it gets its turn. It is
// bounded in length and in time.
import { AppError } from '../../core/define/index.ts'

/** On whose account a piece of work goes, such as an account and an address. */
export type Shares = readonly string[]

export interface FairQueueOptions {
  readonly atOnce: number
  /** How many may wait. Fewer do when `patience` would not suffice for so many. */
  readonly most: number
  /** Milliseconds that one may wait. */
  readonly patience: number
  /** Shared by queues whose tasks are alike. */
  readonly pace?: Pace
}

export interface FairQueue {
  /** @throws AppError unavailable at once when there are too many before it, and after `patience` at the latest */
  run<T>(shares: Shares, task: () => Promise<T>): Promise<T>
  /** How many wait or run. */
  readonly size: number
}

/** How long tasks take of late, in milliseconds. */
export interface Pace {
  readonly usual: () => number
  note(took: number): void
}

const createPace = (): Pace => {
  let usual = 0
  return {
    usual: () => usual,
    // From zero, and no single one counts for much: the first ones start the workers and tell little.
    note: (took) => void (usual = usual * 0.9 + Math.min(took, usual * 4 + 50) * 0.1),
  }
}

/** Pieces of work that someone may have done in a row before others come first. */
const credit = 4
/** Pieces of work by which someone can fall behind others at most. */
const mostDebt = 16

/**
 * Start-time fair queueing: a clock that goes with the work, and for each name the time to which its share is used up.
 * Those who were not there while no one else was lose nothing by it, and those who have used what was free owe nothing.
 */
const createClock = () => {
  const usedUp = new Map<string, number>()
  let now = 0
  const of = (name: string): number => usedUp.get(name) ?? 0
  const lag = (name: string): number => Math.max(0, of(name) - now - credit)
  return {
    /** To be compared part by part: how far ahead of its shares it is, then how lately each of them was used, the latest first. */
    rank: (shares: Shares): number[] => [shares.reduce((sum, name) => sum + lag(name), 0), ...shares.map(of).toSorted((a, b) => b - a)],
    start(shares: Shares): void {
      now += Math.max(0, ...shares.map(lag))
      for (const name of shares) usedUp.set(name, Math.max(of(name), now) + 1)
    },
    /** A refused request counts too, up to a point: those who ask again and again must not outnumber those who ask once. */
    refuse(shares: Shares): void {
      for (const name of shares) usedUp.set(name, Math.max(of(name), Math.min(Math.max(of(name), now) + 1, now + credit + mostDebt)))
    },
    /** No one is waiting for anyone. */
    reset(): void {
      usedUp.clear()
      now = 0
    },
  }
}

/** Below 0 when a comes before b. */
const order = (a: readonly number[], b: readonly number[]): number => {
  for (const [index, value] of a.entries()) {
    const other = b[index] ?? 0
    if (value !== other) return value - other
  }
  return 0
}

interface Waiting {
  readonly shares: Shares
  start(): void
  refuse(): void
}

export const createFairQueue = ({ atOnce, most, patience, pace = createPace() }: FairQueueOptions): FairQueue => {
  const waiting: Waiting[] = []
  const clock = createClock()
  let active = 0

  const remove = (entry: Waiting): void => void waiting.splice(waiting.indexOf(entry), 1)

  /** How many of those who wait are of the same names. */
  const crowd = (): ((shares: Shares) => number) => {
    const counts = new Map<string, number>()
    for (const { shares } of waiting) for (const name of shares) counts.set(name, (counts.get(name) ?? 0) + 1)
    return (shares) => shares.reduce((sum, name) => sum + (counts.get(name) ?? 0), 0)
  }

  /** The first or the last by a ranking; among equals the one that came first, or last. */
  const extreme = (rank: (entry: Waiting) => number[], { from }: { readonly from: 'first' | 'last' }): Waiting | undefined => {
    const ranked = waiting.map((entry) => ({ entry, rank: rank(entry) }))
    return ranked.reduce<(typeof ranked)[number] | undefined>((best, each) => {
      if (!best) return each
      const compared = order(each.rank, best.rank)
      return (from === 'first' ? compared < 0 : compared >= 0) ? each : best
    }, undefined)?.entry
  }

  /** Whose turn it is: of two that are due alike, the one with fewer waiting. */
  const next = (): Waiting | undefined => {
    const alike = crowd()
    return extreme(({ shares }) => [...clock.rank(shares), alike(shares)], { from: 'first' })
  }

  /** Who is sent away: one of those with the most waiting. */
  const surplus = (): Waiting | undefined => {
    const alike = crowd()
    return extreme(({ shares }) => [alike(shares), ...clock.rank(shares)], { from: 'last' })
  }

  /** At once when so many wait that the last of them would wait in vain. */
  const shorten = (): void => {
    const bound = Math.min(most, Math.max(atOnce, Math.floor((patience * atOnce) / Math.max(1, pace.usual()))))
    const worst = waiting.length > bound ? surplus() : undefined
    if (!worst) return
    remove(worst)
    clock.refuse(worst.shares)
    worst.refuse()
  }

  const enter = (shares: Shares): void => {
    active += 1
    clock.start(shares)
  }

  const leave = (): void => {
    active -= 1
    const entry = next()
    if (!entry) return active === 0 ? clock.reset() : undefined
    remove(entry)
    entry.start()
  }

  const turn = (shares: Shares): Promise<void> => new Promise((resolve, reject) => {
    const refuse = (): void => {
      clearTimeout(timer)
      reject(new AppError('unavailable', {
        message: 'Too much of this is under way; try again', retryAfter: Math.max(1, Math.ceil(patience / 1000)),
      }))
    }
    const entry: Waiting = {
      shares,
      refuse,
      start: () => {
        clearTimeout(timer)
        enter(shares)
        resolve()
      },
    }
    const timer = setTimeout(() => {
      remove(entry)
      clock.refuse(shares)
      refuse()
    }, patience)
    waiting.push(entry)
    shorten()
  })

  return {
    get size() { return active + waiting.length },
    async run(shares, task) {
      if (active >= atOnce) await turn(shares)
      else enter(shares)
      const began = Date.now()
      try {
        return await task()
      } finally {
        pace.note(Date.now() - began)
        leave()
      }
    },
  }
}

/** A fair queue for each of many names, there for as long as it is used. */
export const createFairQueues = (options: Omit<FairQueueOptions, 'pace'>) => {
  const queues = new Map<string, FairQueue>()
  const pace = createPace()
  return async <T>(name: string, shares: Shares, task: () => Promise<T>): Promise<T> => {
    const queue = queues.get(name) ?? createFairQueue({ ...options, pace })
    queues.set(name, queue)
    try {
      return await queue.run(shares, task)
    } finally {
      if (queue.size === 0) queues.delete(name)
    }
  }
}
