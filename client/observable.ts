// A value that can be looked at and subscribed to, in the form that React's `useSyncExternalStore` and signals take.

export interface Observable<T> {
  /** The present value: another object whenever something in it has changed. */
  readonly current: T
  /** Calls the listener after each change. @returns what ends it */
  subscribe(listener: (value: T) => void): () => void
}

/** A listener's own fault is no one else's: it goes where uncaught errors go. */
export const tell = <T>(listeners: Iterable<(value: T) => void>, value: T): void => {
  for (const listener of listeners) {
    try {
      listener(value)
    } catch (error) {
      queueMicrotask(() => { throw error })
    }
  }
}

export class Cell<T> implements Observable<T> {
  #value: T
  readonly #listeners = new Set<(value: T) => void>()

  constructor(value: T) {
    this.#value = value
  }

  get current(): T {
    return this.#value
  }

  set(value: T): void {
    this.#value = value
    tell(this.#listeners, value)
  }

  subscribe(listener: (value: T) => void): () => void {
    // One function may be given twice.
    const own = (value: T): void => listener(value)
    this.#listeners.add(own)
    return () => void this.#listeners.delete(own)
  }
}
