// How many requests of one connection are under way at once: one client cannot fill the queues of all.
import { AppError } from '../define/errors.ts'

export interface UnderWay {
  /** One more is under way until what this gives is called. @throws AppError unavailable when `most` are */
  enter(conn: object): () => void
}

export const createUnderWay = (most: number): UnderWay => {
  const counts = new WeakMap<object, number>()
  return {
    enter(conn) {
      const count = counts.get(conn) ?? 0
      if (count >= most)
        throw new AppError('unavailable', { message: `${most} requests of this connection are under way; wait for them`, retryAfter: 1 })
      counts.set(conn, count + 1)
      return () => void counts.set(conn, (counts.get(conn) ?? 1) - 1)
    },
  }
}
