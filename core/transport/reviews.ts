// Looks again at the open sockets of those whose rights or sessions may have changed: some hundreds at a time, never one query each.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Socket } from 'socket.io'
import type { Standing } from '../access/standing.ts'
import type { Principal } from '../define/call.ts'
import { endSocket, isLive } from './live.ts'

export interface ReviewOptions {
  readonly standingOf: (principals: readonly Principal[]) => Promise<Standing[]>
  /** The open sockets by actor. */
  readonly byActor: ReadonlyMap<string, ReadonlySet<Socket>>
  /** Lets a socket hear of changes, or no longer, as it now may. */
  readonly attend: (socket: Socket) => Promise<void>
  readonly onTrouble: (error: unknown) => void
}

export interface Reviews {
  /** Asks for a look at the sockets of some actors, or of all. */
  ask(actorIds: Iterable<string> | 'all'): void
  /** Once nothing is left to look at. */
  idle(): Promise<void>
}

/** Sockets that are looked at together. */
const most = 500
/** Milliseconds after which a look that failed is tried once more. */
const again = 250

export const createReviews = ({ standingOf, byActor, attend, onTrouble }: ReviewOptions): Reviews => {
  const wanted = new Set<string>()
  let running: Promise<void> | undefined

  const take = (): Socket[] => {
    const sockets: Socket[] = []
    for (const actorId of wanted) {
      if (sockets.length >= most) break
      wanted.delete(actorId)
      sockets.push(...(byActor.get(actorId) ?? []))
    }
    return sockets
  }

  const settle = async (socket: Socket, standing: Standing | undefined): Promise<void> => {
    const data: unknown = socket.data
    if (!isLive(data) || !standing || !socket.connected) return
    if ('ended' in standing) return endSocket(socket, standing.ended)
    // Rights that came and went between two looks have changed all the same, for a client that was answered by them.
    if (data.rights !== standing.rights || data.strayed === true) {
      data.rights = standing.rights
      data.strayed = false
      // Before its `session` a client has read nothing that it would have to read anew.
      if (data.begun === true) socket.emit('rights-changed', {})
    }
    await attend(socket)
  }

  const look = async (sockets: readonly Socket[]): Promise<void> => {
    const live = sockets.flatMap((socket) => (isLive(socket.data) ? [{ socket, principal: socket.data.principal }] : []))
    const standings = await standingOf(live.map(({ principal }) => principal))
    for (const [index, { socket }] of live.entries()) await settle(socket, standings[index])
  }

  const run = async (): Promise<void> => {
    while (wanted.size > 0) {
      const sockets = take()
      if (sockets.length === 0) continue
      try {
        // Closing hundreds of sockets for one lost connection would be a storm of its own.
        await look(sockets).catch(() => sleep(again).then(() => look(sockets)))
      } catch (error) {
        onTrouble(error)
        for (const socket of sockets) socket.conn.close()
      }
    }
  }

  return {
    ask(actorIds) {
      for (const actorId of actorIds === 'all' ? byActor.keys() : actorIds) if (byActor.has(actorId)) wanted.add(actorId)
      if (wanted.size === 0) return
      running ??= run().finally(() => {
        running = undefined
      })
    },
    idle: () => running ?? Promise.resolve(),
  }
}
