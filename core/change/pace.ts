// How often the feed is told: at once while it is quiet, in ticks while it is busy, so that changes of one row within a tick become one.

export interface Pace {
  /** So many batches of the relay were read. */
  read(batches: number): void
  /** Milliseconds to wait before the feed is read again. */
  wait(): number
}

/** Batches of the relay in `window` milliseconds beyond which the feed is busy; milliseconds of a tick. */
const bounds = { batches: 20, window: 1000, tick: 50 }

/** `now`: milliseconds. */
export const createPace = (now = (): number => performance.now()): Pace => {
  // The last batches, no more than it takes to tell that there are too many.
  let times: number[] = []
  let last = -Infinity
  return {
    read(batches) {
      last = now()
      times = [...times, ...Array<number>(Math.min(batches, bounds.batches + 1)).fill(last)].slice(-bounds.batches - 1)
    },
    wait() {
      const [oldest = -Infinity] = times
      const isBusy = times.length > bounds.batches && now() - oldest < bounds.window
      return isBusy ? Math.max(0, last + bounds.tick - now()) : 0
    },
  }
}
