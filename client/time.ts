// Waiting: with an end, with jitter, and so that it can be cut short.
import { SovraneError } from './errors.ts'

/** Milliseconds. A longer delay would overflow and fire at once. */
const longest = 2_147_483_647

/** A timer that keeps no process alive by itself. */
export const later = (work: () => void, milliseconds: number): (() => void) => {
  const timer = setTimeout(work, Math.min(Math.max(milliseconds, 0), longest))
  // In browsers it is a number.
  if (typeof timer === 'object') timer.unref()
  return () => clearTimeout(timer)
}

/** A promise and what settles it. */
export interface Deferred<T> {
  readonly promise: Promise<T>
  resolve(value: T): void
  reject(error: unknown): void
}

export const deferred = <T>(): Deferred<T> => {
  let settle: Omit<Deferred<T>, 'promise'> | undefined
  const promise = new Promise<T>((resolve, reject) => {
    settle = { resolve, reject }
  })
  // It may be rejected before anyone waits for it.
  promise.catch(() => undefined)
  return { promise, resolve: (value) => settle?.resolve(value), reject: (error) => settle?.reject(error) }
}

/** The end of a call: by its time, or by who made it. */
export interface Bound {
  /** What it is given, unless the end comes first. */
  race<T>(work: Promise<T>): Promise<T>
  sleep(milliseconds: number): Promise<void>
  /** For `fetch`. */
  readonly signal: AbortSignal
  /** Milliseconds that are left. */
  left(): number
  /** Ends the timer; what is still under way is not waited for. */
  release(): void
}

/** @param reason the error of the time-out, made when it is needed */
export const bound = (milliseconds: number, outer: AbortSignal | undefined, reason: () => SovraneError): Bound => {
  const inner = new AbortController()
  const end = deferred<never>()
  const until = performance.now() + milliseconds
  const finish = (error: SovraneError): void => {
    end.reject(error)
    inner.abort(error)
  }
  const abort = (): void => finish(new SovraneError('aborted', { cause: outer?.reason }))
  const stop = later(() => finish(reason()), milliseconds)
  if (outer?.aborted) abort()
  else outer?.addEventListener('abort', abort, { once: true })
  const race = async <T>(work: Promise<T>): Promise<T> => Promise.race([work, end.promise])
  return {
    race,
    async sleep(time) {
      const over = deferred<undefined>()
      const cancel = later(() => over.resolve(undefined), time)
      try {
        await race(over.promise)
      } finally {
        cancel()
      }
    },
    signal: inner.signal,
    left: () => Math.max(0, until - performance.now()),
    release() {
      stop()
      outer?.removeEventListener('abort', abort)
    },
  }
}

/**
 * Milliseconds to wait before a repetition: twice as long each time from `first` to `most`, half of it by chance, so that thousands that
 * lost the same server do not come back at the same moment.
 */
export const backOff = (failures: number, { first = 500, most = 30_000 } = {}): number => {
  const full = Math.min(most, first * 2 ** Math.min(failures, 20))
  return full / 2 + Math.random() * full / 2
}
