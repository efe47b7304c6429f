// A queue in which no one's work keeps that of others waiting: each name with work in it gets its turn. It is
// bounded in length and in time.
import { AppError } from '#sovrane'

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

/** How long tasks take of late, in milliseconds. */
interface Pace {
  usual: number
}

/** From zero, and no single one counts for much: the first ones start the workers and tell little. */
const paced = ({ usual }: Pace, took: number): number => usual * 0.9 + Math.min(took, usual * 4 + 50) * 0.1

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
const order = (a: readonly number[], b: readonly number[]): number =>
  a.map((value, index) => value - (b[index] ?? 0)).find((difference) => difference !== 0) ?? 0

interface Waiting {
  readonly shares: Shares
  start(): void
  refuse(): void
}

export const createFairQueue = ({ atOnce, most, patience, pace = { usual: 0 } }: FairQueueOptions) => {
  const waiting: Waiting[] = []
  const clock = createClock()
  let active = 0

  /** Those who wait, ranked by how far ahead of its shares each is and how many wait with the same names; equals as they came. */
  const ranked = (rank: (ahead: readonly number[], alike: number) => readonly number[]): Waiting[] => {
    const counts = new Map<string, number>()
    for (const { shares } of waiting) for (const name of shares) counts.set(name, (counts.get(name) ?? 0) + 1)
    const rankOf = ({ shares }: Waiting) => rank(clock.rank(shares), shares.reduce((sum, name) => sum + (counts.get(name) ?? 0), 0))
    return waiting.map((entry) => ({ entry, rank: rankOf(entry) })).toSorted((a, b) => order(a.rank, b.rank)).map(({ entry }) => entry)
  }

  /** Whose turn it is: of two that are due alike, the one with fewer waiting. */
  const next = (): Waiting | undefined => ranked((ahead, alike) => [...ahead, alike])[0]

  /** Who is sent away: one of those with the most waiting. */
  const surplus = (): Waiting | undefined => ranked((ahead, alike) => [alike, ...ahead]).at(-1)

  /** At once when so many wait that the last of them would wait in vain. */
  const shorten = (): void => {
    const bound = Math.min(most, Math.max(atOnce, Math.floor((patience * atOnce) / Math.max(1, pace.usual))))
    if (waiting.length > bound) surplus()?.refuse()
  }

  const enter = (shares: Shares): void => {
    active += 1
    clock.start(shares)
  }

  const leave = (): void => {
    active -= 1
    const entry = next()
    if (entry) entry.start()
    else if (active === 0) clock.reset()
  }

  const turn = (shares: Shares): Promise<void> => new Promise((resolve, reject) => {
    const leaveLine = (): void => {
      clearTimeout(timer)
      waiting.splice(waiting.indexOf(entry), 1)
    }
    const entry: Waiting = {
      shares,
      start() {
        leaveLine()
        enter(shares)
        resolve()
      },
      refuse() {
        leaveLine()
        clock.refuse(shares)
        reject(new AppError('unavailable', { message: 'Too much of this is under way; try again', retryAfter: Math.ceil(patience / 1000) }))
      },
    }
    const timer = setTimeout(() => entry.refuse(), patience)
    waiting.push(entry)
    shorten()
  })

  return {
    /** How many wait or run. */
    get size() { return active + waiting.length },
    /** @throws AppError unavailable at once when there are too many before it, and after `patience` at the latest */
    async run<T>(shares: Shares, task: () => Promise<T>): Promise<T> {
      if (active >= atOnce) await turn(shares)
      else enter(shares)
      const began = performance.now()
      try {
        return await task()
      } finally {
        pace.usual = paced(pace, performance.now() - began)
        leave()
      }
    },
  }
}

export type FairQueue = ReturnType<typeof createFairQueue>

/** A fair queue for each of many names, there for as long as it is used. */
export const createFairQueues = (options: Omit<FairQueueOptions, 'pace'>) => {
  const queues = new Map<string, FairQueue>()
  const pace: Pace = { usual: 0 }
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
