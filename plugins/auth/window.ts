// So many requests of one key within a minute, counted in this process: what is too much costs no statement.
import { AppError } from '../../core/define/index.ts'

export interface Window {
  /** @throws AppError rate_limited when the key had its share within the last minute */
  take(key: string): void
}

/** Milliseconds. */
const length = 60_000
/** Keys that are kept before those whose minute is over are dropped. */
const mostKeys = 10_000

/** @param most in a minute; 0 is no limit */
export const createWindow = (most: number): Window => {
  const counts = new Map<string, { count: number; readonly since: number }>()
  return {
    take(key) {
      if (most === 0) return
      const now = Date.now()
      const found = counts.get(key)
      const entry = found && now - found.since < length ? found : { count: 0, since: now }
      if (entry.count >= most) throw new AppError('rate_limited', { retryAfter: Math.max(1, Math.ceil((entry.since + length - now) / 1000)) })
      entry.count += 1
      counts.set(key, entry)
      if (counts.size > mostKeys) for (const [each, { since }] of counts) if (now - since >= length) counts.delete(each)
    },
  }
}
