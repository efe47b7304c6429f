// The life of a client's connection: connect, resume, come back with patience, refresh when the token ends, sign out when the session does.
import { SovraneError, toSovraneError } from './errors.ts'
import type { Http } from './http.ts'
import { Cell, type Observable } from './observable.ts'
import type { Tokens } from './storage.ts'
import type { TokenKeeper } from './tokens.ts'
import { backOff, deferred, later, type Deferred } from './time.ts'
import { openWire, type Attempt, type Cursor, type End, type Wire, type WireOptions } from './wire.ts'

/**
 * `signed-out`: no tokens, so no connection; public events work. `connecting`, `live`: connected. `waiting`: until the next attempt.
 * `closed`: for good.
 */
export type Status = 'signed-out' | 'connecting' | 'live' | 'waiting' | 'closed'

export interface ClientState {
  readonly status: Status
  /** Whose session it is, while it is live. */
  readonly userId?: string | undefined
  readonly sessionId?: string | undefined
  /** Attempts since the connection last held. */
  readonly attempt: number
  /** Milliseconds from the last change of the state until the next attempt. */
  readonly retryIn?: number | undefined
  /** Why there is no connection. */
  readonly error?: SovraneError | undefined
  /** Why tokens cannot be kept: this session goes on, and is lost with a reload. */
  readonly storage?: SovraneError | undefined
}

export interface Connection {
  readonly state: Observable<ClientState>
  /** The live connection, once there is one; rejects when there will be none. @throws SovraneError */
  ready(): Promise<Wire>
  readonly wire: Wire | undefined
  /** Of whose tokens the live connection is. */
  readonly family: string | undefined
  /** Why there will be no further tokens. */
  ended(error: SovraneError): void
  /** Why tokens cannot be kept. */
  storage(error: SovraneError | undefined): void
  /** Comes back at once instead of after its waiting; asks a live server whether it is there. */
  hurry(): void
  close(): void
}

export interface ConnectionOptions extends Pick<WireOptions, 'url' | 'path' | 'transports'> {
  readonly tokens: TokenKeeper
  readonly http: Http
  /** A connection has begun: what was missed is told now, unless `feed-resync` follows. */
  onLive(): void
  onDown(): void
  onSignedOut(error: SovraneError): void
  onEvent: WireOptions['onEvent']
}

/** A connection that held for so many milliseconds was a good one: the next failure is the first again. */
const steady = 10_000

export const createConnection = (options: ConnectionOptions): Connection => {
  const { tokens, http } = options
  const state = new Cell<ClientState>({ status: 'signed-out', attempt: 0 })
  let storage: SovraneError | undefined
  /** Why the last tokens were given up. */
  let last: SovraneError | undefined
  const set = (now: Omit<ClientState, 'storage'>): void => state.set({ ...now, storage })
  let cursor: Cursor | undefined
  let live: { readonly wire: Wire; readonly family: string } | undefined
  let attempt: Attempt | undefined
  let ready: Deferred<Wire> | undefined
  let running: string | undefined
  let isClosed = false
  let failures = 0
  let cutShort = (): void => undefined

  const closed = (): SovraneError => new SovraneError('closed', { message: 'The client was closed' })
  const signedOut = (): SovraneError => new SovraneError('unauthenticated', { message: 'There is no session: log in' })

  const down = (): void => {
    if (!live) return
    live = undefined
    options.onDown()
  }

  const hear = (event: string, payload: Readonly<Record<string, unknown>>): void => {
    const { pos, epoch } = payload
    if (event === 'feed-resync' && typeof epoch === 'string' && typeof pos === 'number') cursor = { epoch, pos }
    else if (cursor && typeof pos === 'number' && pos > cursor.pos) cursor = { ...cursor, pos }
    options.onEvent(event, payload)
  }

  const once = async ({ accessToken, family }: Tokens): Promise<End> => {
    const since = cursor
    let began = Number.POSITIVE_INFINITY
    const opened = openWire({
      ...options,
      auth: { token: accessToken, ...(since ? { since } : {}) },
      onSession({ userId, sessionId, feed }, wire) {
        began = performance.now()
        cursor = feed
        live = { wire, family }
        set({ status: 'live', userId, sessionId, attempt: 0 })
        options.onLive()
        ready?.resolve(wire)
        ready = undefined
      },
      onEvent: hear,
    })
    attempt = opened
    const end = await opened.ended
    attempt = undefined
    down()
    failures = performance.now() - began > steady ? 0 : failures + 1
    return end
  }

  const wait = async (milliseconds: number, error?: SovraneError): Promise<void> => {
    set({ status: 'waiting', attempt: failures, retryIn: Math.round(milliseconds), error })
    const over = deferred<undefined>()
    const stop = later(() => over.resolve(undefined), milliseconds)
    cutShort = () => over.resolve(undefined)
    await over.promise
    stop()
    cutShort = () => undefined
  }

  /** Why no socket could be opened: a socket's own words say little. */
  const diagnose = async (error: SovraneError): Promise<SovraneError> => {
    const stop = new AbortController()
    const cancel = later(() => stop.abort(), 5000)
    try {
      await http.post('ping', {}, stop.signal)
      return error
    } catch (thrown) {
      return toSovraneError(thrown)
    } finally {
      cancel()
    }
  }

  const endSession = (error: SovraneError, family?: string): void => {
    cursor = undefined
    tokens.drop(family)
    set({ status: 'signed-out', attempt: 0, error })
    ready?.reject(error)
    ready = undefined
    options.onSignedOut(error)
  }

  /** What comes after the end of a connection. */
  const goOn = async (end: End, grant: Tokens): Promise<void> => {
    if (isClosed || tokens.current()?.family !== grant.family) return
    if (end.kind === 'over') {
      return endSession(new SovraneError('unauthenticated', {
        message: `The session has ended: ${end.reason}`, details: { reason: end.reason },
      }), grant.family)
    }
    if (end.kind === 'lost') {
      const error = end.error?.code === 'offline' ? await diagnose(end.error) : end.error
      const seconds = error?.retryAfter ?? 0
      // Thousands lost it at the same moment; after the first attempt they have no reason to hurry.
      const pause = failures <= 1 && !error ? Math.random() * 500 : backOff(failures, error?.code === 'protocol' ? { first: 5000 } : {})
      return wait(Math.max(pause, seconds * 1000), error)
    }
    // A token that the server has called spent.
    if (failures > 2) await wait(backOff(failures))
    set({ status: 'connecting', attempt: failures })
    await tokens.renew(grant)
  }

  const run = async (): Promise<void> => {
    for (;;) {
      try {
        if (isClosed) return
        const kept = tokens.current()
        if (!kept) return void (state.current.status !== 'signed-out' && endSession(last ?? signedOut()))
        running = kept.family
        last = undefined
        set({ status: 'connecting', attempt: failures, error: state.current.error })
        const grant = await tokens.good()
        if (!grant || isClosed) continue
        running = grant.family
        await goOn(await once(grant), grant)
      } catch (thrown) {
        failures += 1
        await wait(backOff(failures), toSovraneError(thrown))
      }
    }
  }

  const start = (): void => {
    if (running !== undefined || isClosed || !tokens.current()) return
    running = ''
    void run().finally(() => {
      running = undefined
      // Tokens that came while the last ones were being given up.
      start()
    })
  }

  tokens.watch((now) => {
    if (running === undefined) return start()
    if (live ? live.family === now?.family : running === now?.family) return
    // Another session, or none: what this one heard is not the other's.
    cursor = undefined
    failures = 0
    attempt?.close()
    cutShort()
  })
  // After the client is put together.
  queueMicrotask(start)

  return {
    state,
    get wire() { return live?.wire },
    get family() { return live?.family },
    ready() {
      if (isClosed) return Promise.reject(closed())
      if (live) return Promise.resolve(live.wire)
      if (!tokens.current()) return Promise.reject(signedOut())
      start()
      ready ??= deferred<Wire>()
      return ready.promise
    },
    ended: (error) => void (last = error),
    storage(error) {
      storage = error
      set(state.current)
    },
    hurry() {
      if (live) attempt?.probe()
      else cutShort()
    },
    close() {
      if (isClosed) return
      isClosed = true
      attempt?.close()
      cutShort()
      down()
      ready?.reject(closed())
      set({ status: 'closed', attempt: 0 })
    },
  }
}
