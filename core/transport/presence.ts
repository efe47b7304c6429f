// Ends the transports on which nothing goes on: those that join no namespace, those that only the public door is open on.
import type { Server, Socket } from 'socket.io'

/** What this needs of a connection of engine.io. */
interface Closable {
  /** `discard`: without waiting until the client has read what it was sent. */
  close(discard?: boolean): unknown
}

export interface PresenceOptions {
  /** Milliseconds that a transport may have no namespace open. */
  readonly join: number
  /** Milliseconds without a request after which a transport with only the public door is closed. */
  readonly idle: number
}

type Door = 'main' | 'lobby'

export interface Presence {
  /** A socket is open on its transport, until it is disconnected. */
  enter(socket: Socket, door: Door): void
  /** Whether this door is open on the transport. */
  has(conn: object, door: Door): boolean
}

interface State {
  readonly open: Record<Door, number>
  timer?: NodeJS.Timeout | undefined
}

export const watchPresence = (io: Pick<Server, 'engine'>, { join, idle }: PresenceOptions): Presence => {
  const states = new WeakMap<object, State>()

  const rearm = (conn: Closable, state: State): void => {
    clearTimeout(state.timer)
    if (state.open.main > 0) return
    // A client by polling that never asks again would hear of no orderly end.
    state.timer = setTimeout(() => conn.close(true), state.open.lobby > 0 ? idle : join)
  }

  io.engine.on('connection', (conn: Closable & { once(event: 'close', listener: () => void): unknown }) => {
    const state: State = { open: { main: 0, lobby: 0 } }
    states.set(conn, state)
    rearm(conn, state)
    conn.once('close', () => {
      clearTimeout(state.timer)
      states.delete(conn)
    })
  })

  return {
    enter(socket, door) {
      const { conn } = socket
      const state = states.get(conn)
      if (!state) return
      state.open[door] += 1
      rearm(conn, state)
      if (door === 'lobby') socket.onAny(() => void state.timer?.refresh())
      socket.on('disconnect', () => {
        state.open[door] -= 1
        if (states.has(conn)) rearm(conn, state)
      })
    },
    has: (conn, door) => (states.get(conn)?.open[door] ?? 0) > 0,
  }
}
