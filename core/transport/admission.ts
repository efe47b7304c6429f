// Who may join `/`: one attempt a transport, one word to everybody who may not.
import type { Socket } from 'socket.io'
import type { Assembly } from '../boot/assemble.ts'
import type { Principal } from '../define/call.ts'
import type { Knex } from 'knex'

/** The only thing that a refused client hears. Source: API document. */
const refusal = 'Unauthorized'

export interface AdmissionOptions {
  readonly assembly: Assembly
  readonly knex: Knex
  /** The position that this node has told of. */
  readonly feedPos: () => number
  /** Whether another namespace is open on the socket's transport. */
  readonly hasOtherDoor: (socket: Socket) => boolean
}

const tokenOf = (socket: Socket): unknown => {
  const auth: unknown = socket.handshake.auth
  return typeof auth === 'object' && auth !== null && 'token' in auth ? auth.token : undefined
}

/** The principal behind the handshake's token; every failure is the same refusal. */
export const createAdmission = ({ assembly, knex, feedPos, hasOtherDoor }: AdmissionOptions) => {
  // A transport can carry hundreds of CONNECT packets; each would cost a verification.
  const tried = new WeakSet<object>()

  const admit = async (socket: Socket): Promise<Principal> => {
    const { authenticator, actors } = assembly
    if (!authenticator) throw new Error('No plugin of this app authenticates anybody')
    const principal = await authenticator.authenticate(knex, tokenOf(socket))
    await actors.admit(knex, principal, { fresh: true })
    return principal
  }

  return (socket: Socket, next: (error?: Error) => void): void => {
    const refuse = (): void => {
      next(new Error(refusal))
      // After the refusal is written; a transport that serves the public door stays.
      setImmediate(() => {
        if (!hasOtherDoor(socket)) socket.conn.close()
      })
    }
    if (tried.has(socket.conn)) return refuse()
    tried.add(socket.conn)
    const admittedAt = feedPos()
    admit(socket).then((principal) => {
      // A client may leave `/` and come back on the same transport.
      tried.delete(socket.conn)
      Object.assign(socket.data as object, { principal, admittedAt })
      next()
    }, refuse)
  }
}
