// Who may join `/`: one attempt at a time, a few refusals a transport, one word to everyone who may not.
import type { Socket } from 'socket.io'
import type { Admitted } from '../access/actors.ts'
import { toAppError } from '../db/sqlstate.ts'
import type { Principal } from '../define/call.ts'
import type { Engine } from './engine.ts'

/** The only thing that a refused client hears. Source: docs/protocol.md §1. */
const refusal = 'Unauthorized'

export interface AdmissionOptions {
  readonly engine: Pick<Engine, 'authenticator' | 'actors' | 'knex' | 'requireRoom'>
  /** Where this node is with the feed: grows whenever it has heard of changes. */
  readonly feedPos: () => number
  /** Whether another namespace is open on the socket's transport. */
  readonly hasOtherDoor: (socket: Socket) => boolean
}

const tokenOf = (socket: Socket): unknown => {
  const auth: unknown = socket.handshake.auth
  return typeof auth === 'object' && auth !== null && 'token' in auth ? auth.token : undefined
}

/** Refused attempts that one transport may make within `window` milliseconds; further ones are refused unseen. */
const bound = { refusals: 20, window: 60_000 }

/** That it has joined and what its session is leave in one packet: a packet costs more than what is in it. */
const together = ({ request: { socket: wire } }: Socket): void => {
  wire.cork()
  setImmediate(() => wire.uncork())
}

interface Attempts {
  busy: boolean
  /** Within the window that began at `since`, in milliseconds of the process. */
  refusals: number
  since: number
}

/** The principal behind the handshake's token; every failure is the same refusal. */
export const createAdmission = ({ engine, feedPos, hasOtherDoor }: AdmissionOptions) => {
  // A transport can carry hundreds of CONNECT packets; each would cost a verification.
  const attempts = new WeakMap<object, Attempts>()

  const attemptsOf = (transport: object): Attempts => {
    const now = performance.now()
    const known = attempts.get(transport)
    if (known && now - known.since < bound.window) return known
    const fresh = { busy: known?.busy ?? false, refusals: 0, since: now }
    attempts.set(transport, fresh)
    return fresh
  }

  const admit = async (socket: Socket): Promise<{ principal: Principal; admitted: Admitted }> => {
    const { authenticator, actors, knex } = engine
    if (!authenticator) throw new Error('No plugin of this app authenticates anyone')
    engine.requireRoom()
    const principal = await authenticator.authenticate(knex, tokenOf(socket))
    return { principal, admitted: await actors.admit(knex, principal, { fresh: true }) }
  }

  return (socket: Socket, next: (error?: Error) => void): void => {
    const refuse = (): void => {
      next(new Error(refusal))
      // After the refusal is written; a transport that serves the public door stays.
      setImmediate(() => {
        if (!hasOtherDoor(socket)) socket.conn.close()
      })
    }
    const own = attemptsOf(socket.conn)
    if (own.busy || own.refusals >= bound.refusals) return refuse()
    own.busy = true
    const admittedAt = feedPos()
    admit(socket).then((found) => {
      attemptsOf(socket.conn).busy = false
      Object.assign(socket.data as object, { ...found, admittedAt })
      together(socket)
      next()
    }, (error: unknown) => {
      // No one knows whether it may: a client that heard a refusal would not come again, one that lost its connection does.
      if (toAppError(error)?.code === 'unavailable') {
        attemptsOf(socket.conn).busy = false
        socket.conn.close()
        return next(new Error(refusal))
      }
      // A client whose public door is open logs in there, and comes again on the same transport.
      const now = attemptsOf(socket.conn)
      now.busy = false
      now.refusals += 1
      refuse()
    })
  }
}
