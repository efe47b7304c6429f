// The sockets that hear of changes, in shards: a batch is told in slices that leave the event loop free between them.
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Namespace, Socket } from 'socket.io'

/** One event for everyone: its name, its payload, and the feed's position that it stands for. */
export interface Told {
  readonly pos: number
  readonly event: string
  readonly payload: object
}

export interface Audience {
  /** From now on the socket hears of changes. Only in a tick in which `telling` is undefined: else it would miss a part of it. */
  join(socket: Socket): void
  leave(socket: Socket): void
  /** While a slice is being told: fulfilled when everyone has heard it. */
  readonly telling: Promise<void> | undefined
  /** Tells everyone in order; `advance` is called with a position in the tick in which all have been told up to it. */
  tell(events: readonly Told[], upto: number, advance: (pos: number) => void): Promise<void>
  /** Sends at once something that is not a change. */
  emit(event: string, payload: object): void
}

/**
 * Sockets of a shard: few, so that each gets several frames in one turn, which leave in one write. Frames written in one turn of the
 * event loop; frames of a slice, within which no one can join.
 */
const bounds = { shard: 100, turn: 1000, slice: 20_000 }

export const createAudience = (namespace: Namespace): Audience => {
  const shards: Set<Socket>[] = []
  const rooms = new WeakMap<Socket, number>()
  let telling: Promise<void> | undefined
  let written = 0

  const room = (index: number): string => `live:${index}`
  const size = (): number => shards.reduce((sum, shard) => sum + shard.size, 0)

  const leave = (socket: Socket): void => {
    const index = rooms.get(socket)
    if (index === undefined) return
    rooms.delete(socket)
    shards[index]?.delete(socket)
    void socket.leave(room(index))
  }

  const tellSlice = async (slice: readonly Told[]): Promise<void> => {
    for (const [index, shard] of shards.entries()) {
      for (const { event, payload } of slice) {
        if (shard.size === 0) break
        // Encoded once for all sockets of the room.
        namespace.to(room(index)).emit(event, payload)
        written += shard.size
        if (written < bounds.turn) continue
        await nextTurn()
        written = 0
      }
    }
  }

  return {
    get telling() {
      return telling
    },
    join(socket) {
      if (rooms.has(socket)) return
      const free = shards.findIndex((shard) => shard.size < bounds.shard)
      const index = free === -1 ? shards.push(new Set()) - 1 : free
      shards[index]?.add(socket)
      rooms.set(socket, index)
      void socket.join(room(index))
      socket.once('disconnect', () => leave(socket))
    },
    leave,
    async tell(events, upto, advance) {
      for (let start = 0; start < events.length;) {
        const slice = events.slice(start, start + Math.max(1, Math.floor(bounds.slice / Math.max(1, size()))))
        start += slice.length
        let told = (): void => undefined
        telling = new Promise((resolve) => {
          told = resolve
        })
        try {
          await tellSlice(slice)
        } finally {
          telling = undefined
          advance(start < events.length ? slice.at(-1)?.pos ?? upto : upto)
          told()
        }
        // Sockets that wait to join do so now.
        if (start < events.length) await nextTurn()
      }
      if (events.length === 0) advance(upto)
    },
    emit(event, payload) {
      for (const [index, shard] of shards.entries()) if (shard.size > 0) namespace.to(room(index)).emit(event, payload)
    },
  }
}
