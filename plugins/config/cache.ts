// The declared settings' values in memory. They are only ever read from the table, one read after another:
// whatever order changes are heard in, the last read is the newest.
import type { DeclaredSettings, Log, SettingsStore } from '#sovrane'
import { valueFaults } from './values.ts'

/** Reads the values of those keys that are set. */
export type Reader = (keys: readonly string[]) => Promise<ReadonlyMap<string, unknown>>

export interface Cache extends SettingsStore {
  /** Reads everything; before that every setting has its default. @throws what the reader throws */
  load(read: Reader): Promise<void>
  /** A key has changed. Fulfilled once it was read again; a read that fails is repeated later. Never rejects. */
  refresh(key: string): Promise<void>
  stop(): void
}

/** Milliseconds after which a failed read is tried again. */
const retryAfter = 500

export const createCache = (declared: DeclaredSettings, log: Log): Cache => {
  const values = new Map<string, unknown>()
  const stale = new Set<string>()
  let reader: Reader | undefined
  let queue: Promise<void> = Promise.resolve()
  let retry: NodeJS.Timeout | undefined

  const keep = (key: string, value: unknown): void => {
    const setting = declared.get(key)
    const fits = setting !== undefined && value !== undefined && valueFaults(setting, value).length === 0
    // The value may be private: the log says only where it is.
    if (!fits && value !== undefined) log.warn({ key }, 'the stored value of a setting does not fit it and is ignored; its default is used')
    if (fits) values.set(key, value)
    else values.delete(key)
  }

  const readStale = async (read: Reader): Promise<void> => {
    const keys = [...stale]
    if (keys.length === 0) return
    stale.clear()
    try {
      const found = await read(keys)
      for (const key of keys) keep(key, found.get(key))
    } catch (error) {
      for (const key of keys) stale.add(key)
      throw error
    }
  }

  /** One more read, after those under way: it begins after this call and so sees what was committed before. */
  const readAgain = (): Promise<void> => {
    queue = queue.then(async () => {
      if (!reader) return
      try {
        await readStale(reader)
      } catch (error) {
        if (!reader) return
        log.warn({ err: error }, 'settings could not be read; they are read again soon')
        clearTimeout(retry)
        retry = setTimeout(() => void readAgain(), retryAfter)
      }
    })
    return queue
  }

  return {
    get: (key) => values.get(key),
    async load(read) {
      for (const key of declared.keys()) stale.add(key)
      await readStale(read)
      reader = read
      // What was heard of meanwhile.
      await readAgain()
    },
    refresh(key) {
      // Free keys are not declared: those who want them ask the table.
      if (!declared.has(key)) return Promise.resolve()
      stale.add(key)
      return readAgain()
    },
    stop() {
      reader = undefined
      clearTimeout(retry)
    },
  }
}
