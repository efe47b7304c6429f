// A batch size that finds what the database can do in time: halved when a batch runs out of it, doubled while batches are quick.
import { isTimeout } from '../db/sqlstate.ts'

export interface Slices {
  readonly size: number
  /** Runs one batch of the present size. @throws what the batch throws, but for a time-out of more than one: undefined, try again */
  run<T>(task: (size: number) => Promise<T>): Promise<T | undefined>
}

/** Milliseconds: a batch that took less may be doubled. */
const quick = 500

export const createSlices = (most: number): Slices => {
  let size = most
  return {
    get size() {
      return size
    },
    async run(task) {
      const start = performance.now()
      try {
        const result = await task(size)
        if (performance.now() - start < quick) size = Math.min(most, size * 2)
        return result
      } catch (error) {
        if (!isTimeout(error) || size === 1) throw error
        size = Math.max(1, Math.floor(size / 2))
        return undefined
      }
    },
  }
}
