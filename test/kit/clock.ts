// Another clock for a part of what runs in this process: a test has servers, their embedded databases and clients in one.
import { fileURLToPath } from 'node:url'

const root = new URL('../../', import.meta.url)

/**
 * Lets the code of some folders, as `core/`, have another time.
 * @param shift milliseconds, asked for at each look at the clock
 * @returns what sets it back
 */
export const setClockOf = (folders: readonly string[], shift: () => number): (() => void) => {
  const { now } = Date
  const paths = folders.map((folder) => fileURLToPath(new URL(folder, root)))
  Date.now = () => {
    // Whose look it is stands below this function.
    const caller = new Error('where').stack?.split('\n')[2] ?? ''
    return now() + (paths.some((path) => caller.includes(path)) ? shift() : 0)
  }
  return () => {
    Date.now = now
  }
}
