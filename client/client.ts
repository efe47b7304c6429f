// Puts a client together: connection, tokens, calls, changes and live lists.
import { createAbouts, type Abouts } from './about.ts'
import { createCalls, type Calls } from './calls.ts'
import { createChanges, type Changes } from './changes.ts'
import { createConnection, type Connection } from './connection.ts'
import { createEchoes, type Echoes } from './echoes.ts'
import { refusalIn, SovraneError } from './errors.ts'
import { createHttp } from './http.ts'
import { createLists, tellLists, type Lists } from './lists.ts'
import { tell } from './observable.ts'
import { createRows, type Rows } from './rows.ts'
import { memoryStorage, type Tokens, type TokenStorage } from './storage.ts'
import { later } from './time.ts'
import { createTokens, fixedToken, type TokenKeeper } from './tokens.ts'
import { watchWaking } from './waking.ts'
import { Lost } from './wire.ts'

export interface ClientOptions {
  /** The server's address, such as `https://example.com`, with the path where it is below one. */
  readonly url: string
  /** Where the session's tokens are kept; default in memory. In browsers `webStorage()`. */
  readonly storage?: TokenStorage
  /** An API token, for scripts, in place of a session. */
  readonly token?: string
  /** Milliseconds that a call may take, repetitions and all; default 30,000. */
  readonly timeout?: number
  /** Rows that `get` keeps at most, as the feed says that they still hold; default 2,000; 0: none. */
  readonly cacheRows?: number
  /** Where Socket.IO is; default `/socket.io`, below the path of `url`. */
  readonly path?: string
  /** Default WebSocket, and polling where none gets through. */
  readonly transports?: readonly ('websocket' | 'polling')[]
}

/** The parts of a client, under its names. */
export interface Engine {
  readonly connection: Connection
  readonly tokens: TokenKeeper
  readonly calls: Calls
  readonly changes: Changes
  readonly lists: Lists
  readonly echoes: Echoes
  readonly abouts: Abouts
  readonly rows: Rows
  readonly onRightsChanged: (listener: () => void) => () => void
  readonly onResync: (listener: () => void) => () => void
  readonly close: () => void
}

/** Milliseconds. */
const refreshPatience = 10_000

const listeners = () => {
  const all = new Set<(value: undefined) => void>()
  return {
    tell: () => tell(all, undefined),
    add: (listener: () => void): (() => void) => {
      const own = (): void => listener()
      all.add(own)
      return () => void all.delete(own)
    },
  }
}

export const createEngine = ({
  url, storage, token, timeout = 30_000, cacheRows = 2000, path, transports = ['websocket', 'polling'],
}: ClientOptions): Engine => {
  const address = new URL(url)
  const below = address.pathname.replace(/\/+$/, '')
  const http = createHttp(`${address.origin}${below}`)
  const echoes = createEchoes()
  const lists = createLists(echoes)
  const told = tellLists(lists)
  const changes = createChanges()
  const rights = listeners()
  const resync = listeners()

  /** On the session's own socket, which is extended by it; over HTTP where there is none. */
  const refresh = async ({ family, refreshToken }: Tokens): Promise<unknown> => {
    const stop = new AbortController()
    const cancel = later(() => stop.abort(new SovraneError('timeout', { event: 'auth-refresh' })), refreshPatience)
    try {
      const wire = connection.family === family ? connection.wire : undefined
      const reply = await wire?.send('auth-refresh', { refreshToken }).catch((thrown: unknown) => {
        if (!(thrown instanceof Lost)) throw thrown
      })
      const refusal = reply === undefined ? undefined : refusalIn(reply, 'auth-refresh')
      if (refusal) throw refusal
      return reply ?? await http.post('auth-refresh', { refreshToken }, stop.signal)
    } finally {
      cancel()
    }
  }
  const tokens = token === undefined
    ? createTokens({
      storage: storage ?? memoryStorage(), refresh,
      onEnded: (error) => connection.ended(error), onStorage: (error) => connection.storage(error),
    })
    : fixedToken(token, (error) => connection.ended(error))

  /** Nothing that is kept is sure any longer. */
  const forget = (): void => {
    abouts.clear()
    rows.clear()
  }
  const connection = createConnection({
    url: address.origin, path: path ?? `${below}/socket.io`, transports, tokens, http,
    onLive() {
      forget()
      told.online()
    },
    onDown() {
      forget()
      told.offline()
    },
    onSignedOut: told.forget,
    onEvent(event, payload) {
      const change = changes.read(event, payload)
      if (change) {
        rows.heard(change)
        lists.heard(change.resource, change.requestId, connection.wire)
        changes.tell(change)
      }
      if (event === 'rights-changed' || event === 'feed-resync') {
        forget()
        told.doubt()
      }
      if (event === 'rights-changed') rights.tell()
      if (event === 'feed-resync') resync.tell()
    },
  })
  const calls = createCalls({
    connection, http, tokens, timeout,
    onSend: (requestId, _event, wire) => echoes.sent(requestId, wire),
    onOutcome(outcome) {
      rows.answered(outcome)
      lists.answered(outcome, connection.wire)
      // The server ends the socket too; until it has said so no one is to work on with the tokens.
      if (outcome.event === 'auth-logout' && !outcome.error) tokens.drop(tokens.current()?.family)
    },
  })
  const isOnline = (): boolean => connection.wire !== undefined
  const abouts = createAbouts(calls.call, isOnline)
  const rows = createRows({ call: calls.call, abouts, isOnline, most: cacheRows, timeout })
  const stopWaking = watchWaking(() => connection.hurry())

  return {
    connection, tokens, calls, changes, lists, echoes, abouts, rows,
    onRightsChanged: rights.add,
    onResync: resync.add,
    close() {
      stopWaking()
      connection.close()
      tokens.close()
      told.forget(new SovraneError('closed', { message: 'The client was closed' }))
    },
  }
}
