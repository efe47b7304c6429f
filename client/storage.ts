// Where tokens are kept: in memory, or in a browser's storage that all tabs share.
import { tell } from './observable.ts'
import { deferred, later } from './time.ts'

/** What a log-in or a refresh has given. */
export interface Tokens {
  /** The same from a log-in through all its refreshes. */
  readonly family: string
  readonly accessToken: string
  readonly refreshToken: string
  /** By this machine's clock, in milliseconds: when the access token was received, and when it ends. The server's clock is never asked. */
  readonly receivedAt: number
  readonly expiresAt: number
}

export interface TokenStorage {
  /** What is kept now, also by other tabs. @throws whatever the storage does */
  read(): Tokens | undefined
  /** Keeps tokens, or forgets them. @throws whatever the storage does, such as when it is full */
  write(tokens: Tokens | undefined): void
  /** Calls when another tab has written. @returns what ends it */
  watch(listener: () => void): () => void
  /** Runs one after another, in whichever tab. */
  exclusively<T>(work: () => Promise<T>): Promise<T>
}

/** In this process only: gone with it. Several clients that are given the same one share a session, as tabs do. */
export const memoryStorage = (): TokenStorage => {
  let kept: Tokens | undefined
  let last: Promise<unknown> = Promise.resolve()
  const listeners = new Set<() => void>()
  return {
    read: () => kept,
    write(tokens) {
      kept = tokens
      tell(listeners, undefined)
    },
    watch(listener) {
      const own = (): void => listener()
      listeners.add(own)
      return () => void listeners.delete(own)
    },
    async exclusively(work) {
      const done = last.then(work)
      last = done.catch(() => undefined)
      return done
    },
  }
}

const isTokens = (value: unknown): value is Tokens => {
  if (typeof value !== 'object' || value === null) return false
  const { family, accessToken, refreshToken, receivedAt, expiresAt } = value as Partial<Record<keyof Tokens, unknown>>
  return [family, accessToken, refreshToken].every((each) => typeof each === 'string')
    && [receivedAt, expiresAt].every((each) => typeof each === 'number')
}

const parsed = (text: string): Tokens | undefined => {
  try {
    const value: unknown = JSON.parse(text)
    return isTokens(value) ? value : undefined
  } catch {
    // Nothing is kept under this name, or something else.
    return undefined
  }
}

/** What of `localStorage` is used; `sessionStorage` and stand-ins have it too. */
type KeyValues = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

/** Milliseconds. A tab that dies while it holds the lock holds it no longer than this. */
const lease = 10_000
const step = 50

/**
 * Without Web Locks: a mark in the storage with an end. Two tabs may both believe that they hold it once in a long while; the server gives
 * both the same tokens then (docs/protocol.md §4.1).
 */
const byLease = async <T>(values: KeyValues, name: string, work: () => Promise<T>): Promise<T> => {
  const own = `${Math.random()}`
  const pause = (): Promise<void> => new Promise((resolve) => void later(resolve, step + Math.random() * step))
  const holder = (): string | undefined => {
    const [who, until] = (values.getItem(name) ?? '').split(' ')
    const left = Number(until) - Date.now()
    return left > 0 && left <= lease ? who : undefined
  }
  const mark = (): boolean => {
    try {
      values.setItem(name, `${own} ${Date.now() + lease}`)
      return true
    } catch {
      // A full storage must keep no one from working.
      return false
    }
  }
  while (holder() !== own) {
    if (holder() === undefined && !mark()) break
    await pause()
  }
  try {
    return await work()
  } finally {
    if (holder() === own) values.removeItem(name)
  }
}

export interface WebStorageOptions {
  /** Default `sovrane`. Clients of different servers on one origin need different names. */
  readonly name?: string
  /** Default `localStorage`. */
  readonly values?: KeyValues
  /** Default `navigator.locks`, where there is one; `null`: none. */
  readonly locks?: Pick<LockManager, 'request'> | null
}

/**
 * Waits for a message to oneself: when it comes back, what this tab has told before is on its way to all, and what others have told before
 * was heard. A lock goes to the next tab sooner than what was written to `localStorage` under it is seen there.
 */
const caughtUp = async (name: string, channel: BroadcastChannel | undefined): Promise<void> => {
  if (!channel) return
  const own = new BroadcastChannel(name)
  const mark = Math.random()
  const heard = deferred<undefined>()
  const listen = ({ data }: MessageEvent<unknown>): void => void (data === mark && heard.resolve(undefined))
  channel.addEventListener('message', listen)
  const stop = later(() => heard.resolve(undefined), 1000)
  own.postMessage(mark)
  await heard.promise
  stop()
  channel.removeEventListener('message', listen)
  own.close()
}

/** Where a browser is told to keep nothing, already the look at `localStorage` throws. */
const webValues = (): KeyValues => {
  try {
    return localStorage
  } catch (error) {
    return { getItem: () => null, setItem() { throw error }, removeItem: () => undefined }
  }
}

const webLocks = (): Pick<LockManager, 'request'> | undefined =>
  (globalThis as { readonly navigator?: { readonly locks?: LockManager } }).navigator?.locks

/**
 * In `localStorage`: all tabs of a browser share one session, one of them refreshes it for all, and a log-out counts for all. When it is
 * full, tabs tell each other by BroadcastChannel, and a reload asks for a log-in.
 */
export const webStorage = (options: WebStorageOptions = {}): TokenStorage => {
  const { name = 'sovrane', values = webValues(), locks = webLocks() ?? null } = options
  const channel = typeof BroadcastChannel === 'undefined' ? undefined : new BroadcastChannel(name)
  /** What is kept and the storage does not show: it is full, or another tab has written and this one is told of it sooner. */
  let ahead: { readonly text: string; readonly tokens: Tokens | undefined } | undefined
  const shown = (): string => {
    try {
      return values.getItem(name) ?? ''
    } catch {
      return ''
    }
  }
  const listeners = new Set<() => void>()
  channel?.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    if (typeof data !== 'string') return
    ahead = shown() === data ? undefined : { text: data, tokens: parsed(data) }
    tell(listeners, undefined)
  })
  // Node keeps running for an open channel.
  ;(channel as { unref?(): void } | undefined)?.unref?.()
  if ('addEventListener' in globalThis) {
    globalThis.addEventListener('storage', ({ key, newValue }) => {
      if (key === name && ahead?.text === (newValue ?? '')) ahead = undefined
      if (key === name && !channel) tell(listeners, undefined)
    })
  }
  return {
    read: () => (ahead ? ahead.tokens : parsed(shown())),
    write(tokens) {
      const text = tokens ? JSON.stringify(tokens) : ''
      try {
        if (tokens) values.setItem(name, text)
        else values.removeItem(name)
        ahead = undefined
      } catch (error) {
        ahead = { text, tokens }
        // Spent tokens that stay there would end the session when another tab shows them.
        if (shown() !== '') values.removeItem(name)
        throw error
      } finally {
        channel?.postMessage(text)
      }
    },
    watch(listener) {
      const own = (): void => listener()
      listeners.add(own)
      return () => void listeners.delete(own)
    },
    exclusively: async (work) => (locks
      ? locks.request(`${name} tokens`, async () => {
        await caughtUp(name, channel)
        try {
          return await work()
        } finally {
          await caughtUp(name, channel)
        }
      })
      : byLease(values, `${name} lock`, work)),
  }
}
