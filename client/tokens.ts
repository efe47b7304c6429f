// Keeps the session's tokens: takes them on from replies, refreshes them before they end, one tab for all, and drops them with the session.
import { SovraneError, toSovraneError } from './errors.ts'
import { newId } from './ids.ts'
import { tell } from './observable.ts'
import type { Tokens, TokenStorage } from './storage.ts'
import { backOff, later } from './time.ts'

export interface TokenKeeper {
  current(): Tokens | undefined
  /** Takes on the tokens in a reply, if there are any. */
  adopt(reply: unknown): void
  /** Tokens that are good for a while: refreshed where they are about to end. Undefined: signed out. @throws SovraneError */
  good(): Promise<Tokens | undefined>
  /** Others than these, which the server has called spent. Undefined: signed out. @throws SovraneError */
  renew(spent: Tokens): Promise<Tokens | undefined>
  /** Forgets them if they are still of this session. */
  drop(family: string | undefined): void
  /** Calls after each change, whichever tab made it. */
  watch(listener: (tokens: Tokens | undefined) => void): void
  close(): void
}

export interface TokenOptions {
  readonly storage: TokenStorage
  /** Asks for a refresh, on the session's own socket where there is one, which is extended by it. @throws SovraneError */
  readonly refresh: (tokens: Tokens) => Promise<unknown>
  /** Their session has ended. */
  readonly onEnded: (error: SovraneError) => void
  /** Tokens cannot be kept, or, without an error, they can again. */
  readonly onStorage: (error: SovraneError | undefined) => void
}

/**
 * Milliseconds of its life after which a token is refreshed: not at the same moment in all tabs, and a second earlier, since tokens count
 * in whole seconds.
 */
const ageToRefresh = (life: number): number => Math.max(life * 0.25, life * (0.7 + Math.random() * 0.1) - 1000)
/** The part of its life that a token must have left to connect with. */
const least = 0.05

interface Granted {
  readonly accessToken: string
  readonly refreshToken: string
  /** Seconds. */
  readonly expiresIn: number
}

const granted = (reply: unknown): Granted | undefined => {
  if (typeof reply !== 'object' || reply === null) return undefined
  const { accessToken, refreshToken, expiresIn } = reply as Partial<Record<keyof Granted, unknown>>
  const isGrant = typeof accessToken === 'string' && typeof refreshToken === 'string' && typeof expiresIn === 'number' && expiresIn > 0
  return isGrant ? { accessToken, refreshToken, expiresIn } : undefined
}

export const createTokens = ({ storage, refresh, onEnded, onStorage }: TokenOptions): TokenKeeper => {
  const listeners = new Set<(tokens: Tokens | undefined) => void>()
  /** What the storage may have lost. */
  let held: Tokens | undefined
  let isFull = false
  let isClosed = false
  let failures = 0
  let stopTimer = (): void => undefined

  const current = (): Tokens | undefined => {
    try {
      const kept = storage.read()
      return isFull ? kept ?? held : kept
    } catch {
      return held
    }
  }

  const keep = (tokens: Tokens | undefined): void => {
    held = tokens
    try {
      storage.write(tokens)
      if (isFull) onStorage(undefined)
      isFull = false
    } catch (cause) {
      isFull = true
      onStorage(new SovraneError('storage', { message: 'The tokens cannot be kept: after a reload one must log in again', cause }))
    }
    changed()
  }

  const take = (reply: unknown, family: string): Tokens | undefined => {
    const grant = granted(reply)
    if (!grant) return undefined
    const receivedAt = Date.now()
    const tokens = {
      family, accessToken: grant.accessToken, refreshToken: grant.refreshToken, receivedAt, expiresAt: receivedAt + grant.expiresIn * 1000,
    }
    keep(tokens)
    return tokens
  }

  /** Under the lock: another tab may have done it meanwhile. */
  const exchange = async (spent: Tokens): Promise<Tokens | undefined> => {
    const now = current()
    if (now?.accessToken !== spent.accessToken) return now
    try {
      const reply = await refresh(now)
      failures = 0
      const tokens = take(reply, now.family)
      if (!tokens) throw new SovraneError('protocol', { message: 'The reply to auth-refresh holds no tokens', event: 'auth-refresh' })
      return tokens
    } catch (thrown) {
      const error = toSovraneError(thrown, 'auth-refresh')
      if (error.code !== 'unauthenticated') throw error
      const after = current()
      if (after?.accessToken !== spent.accessToken) return after
      keep(undefined)
      onEnded(error)
      return undefined
    }
  }

  let renewing: Promise<Tokens | undefined> | undefined
  const renew = (spent: Tokens): Promise<Tokens | undefined> => {
    renewing ??= storage.exclusively(() => exchange(spent)).finally(() => {
      renewing = undefined
    })
    return renewing
  }

  const schedule = (): void => {
    stopTimer()
    const tokens = current()
    if (!tokens || isClosed) return
    // By how long ago it was received: a clock that was set since counts as nothing more than an early or a late refresh.
    const life = tokens.expiresAt - tokens.receivedAt
    const age = Math.min(life, Math.max(0, Date.now() - tokens.receivedAt))
    const wait = failures > 0 ? backOff(failures, { first: 1000 }) : Math.max(0, ageToRefresh(life) - age)
    stopTimer = later(() => {
      renew(tokens).catch(() => {
        failures += 1
      }).finally(schedule)
    }, wait)
  }

  const changed = (): void => {
    schedule()
    tell(listeners, current())
  }

  const unwatch = storage.watch(() => {
    // Our own writing is told of by `keep`. What another tab writes is the truth: also that there is nothing.
    held = undefined
    if (!isClosed) changed()
  })
  schedule()

  return {
    current,
    adopt: (reply) => void take(reply, newId()),
    async good() {
      const tokens = current()
      if (!tokens) return undefined
      const left = tokens.expiresAt - Date.now()
      return left > (tokens.expiresAt - tokens.receivedAt) * least ? tokens : renew(tokens)
    },
    renew,
    drop(family) {
      if (family !== undefined && current()?.family === family) keep(undefined)
    },
    watch: (listener) => void listeners.add(listener),
    close() {
      isClosed = true
      stopTimer()
      unwatch()
    },
  }
}

/** One token that is not refreshed: an API token of a script. */
export const fixedToken = (accessToken: string, onEnded: TokenOptions['onEnded']): TokenKeeper => {
  const listeners = new Set<(tokens: Tokens | undefined) => void>()
  let tokens: Tokens | undefined = {
    family: 'fixed', accessToken, refreshToken: '', receivedAt: Date.now(), expiresAt: Number.POSITIVE_INFINITY,
  }
  const drop = (): void => {
    tokens = undefined
    tell(listeners, tokens)
  }
  return {
    current: () => tokens,
    adopt: () => undefined,
    good: async () => tokens,
    async renew() {
      onEnded(new SovraneError('unauthenticated', { message: 'The token was refused' }))
      drop()
      return undefined
    },
    drop,
    watch: (listener) => void listeners.add(listener),
    close: () => undefined,
  }
}
