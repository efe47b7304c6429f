// The requests under way: a node that stops takes no new ones and answers those it has.
import { AppError } from '../define/errors.ts'

export interface InFlight {
  /** Counts a request. @throws AppError unavailable once this node is stopping */
  run<T>(task: () => Promise<T>): Promise<T>
  /** Takes no more; waits for those under way, at most so many milliseconds. */
  drain(patience: number): Promise<void>
}

export const createInFlight = (): InFlight => {
  let count = 0
  let stopping = false
  let onEmpty: (() => void) | undefined
  return {
    async run(task) {
      if (stopping) throw new AppError('unavailable', { message: 'This node is stopping; try again', retryAfter: 1 })
      count += 1
      try {
        return await task()
      } finally {
        count -= 1
        if (count === 0) onEmpty?.()
      }
    },
    async drain(patience) {
      stopping = true
      if (count === 0) return
      let timer: NodeJS.Timeout | undefined
      await new Promise<void>((resolve) => {
        onEmpty = resolve
        timer = setTimeout(resolve, patience)
      })
      clearTimeout(timer)
    },
  }
}
