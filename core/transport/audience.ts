// The sockets that hear of changes, in shards by what they want to hear: a batch is told in slices that leave the event loop free between.
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Namespace, Socket } from 'socket.io'
import type { Interest } from '../define/call.ts'

/** One event: its name, its payload, and the feed's position that it stands for. */
export interface Told {
  readonly pos: number
  /** Whose change it is; undefined: it is for everyone, whatever they want to hear. */
  readonly resource?: string
  readonly event: string
  readonly payload: object
}

export interface Audience {
  /**
   * From now on the socket hears of changes, or of others than before. Only in a tick in which `telling` is undefined: else it would
   * miss a part of it.
   */
  join(socket: Socket, interest: Interest): void
  leave(socket: Socket): void
  /** Whether it hears of changes. */
  has(socket: Socket): boolean
  /** While a slice is being told: fulfilled when everyone has heard it. */
  readonly telling: Promise<void> | undefined
  /**
   * Tells everyone in order; `advance` is called with a position in the tick in which all have been told up to it. `more`: there is more
   * to tell than this, so that those who would hear of too much are told to read anew, once all of it is known.
   */
  tell(events: readonly Told[], upto: number, advance: (pos: number) => void, more?: boolean): Promise<void>
  /** Sends at once something that is not a change to those whose interest is such. */
  emit(event: string, payload: object, isFor: (interest: Interest) => boolean): void
}

/** Few sockets, so that each gets several frames in one turn, which leave in one write. */
interface Shard {
  readonly room: string
  readonly sockets: Set<Socket>
}

/** Those who want to hear the same. */
interface Circle {
  readonly key: string
  readonly interest: Interest
  readonly shards: Shard[]
}

/**
 * Sockets of a shard; frames written in one turn of the event loop; frames of a slice, within which no one can join.
 * A flood is what takes a node more than about two seconds to write, as so many frames do, and comes of more events than that: so many
 * are told one by one, however many listen. For so many milliseconds after a flood what is too much to write belongs to it.
 */
const bounds = { shard: 100, turn: 1000, slice: 20_000, flood: { frames: 200_000, events: 1000 }, ebb: 2000 }

const keyOf = ({ resources, heads }: Interest): string => {
  if (heads) return 'heads'
  return resources === undefined ? 'everything' : `of ${resources.join(' ')}`
}

/** `resync`: what those hear who are told to read everything anew, at a position of the feed. */
export const createAudience = (namespace: Namespace, resync: (pos: number) => Told): Audience => {
  const circles = new Map<string, Circle>()
  // A change costs by those who hear of it: the others are not even looked at.
  const listening = new Map<string | undefined, Set<Circle>>()
  const places = new Map<Socket, { readonly circle: Circle; readonly shard: Shard }>()
  const watched = new WeakSet<Socket>()
  let rooms = 0
  let telling: Promise<void> | undefined
  let told = (): void => undefined
  let written = 0
  // Of batches that follow one another; those who have not heard of some of a flood, and when that was last so.
  const sum = { events: 0, frames: 0 }
  const owed = new Set<Socket>()
  let flooded = -Infinity

  const topicsOf = ({ resources }: Interest): readonly (string | undefined)[] => resources ?? [undefined]

  const circleOf = (interest: Interest): Circle => {
    const key = keyOf(interest)
    const known = circles.get(key)
    if (known) return known
    const circle: Circle = { key, interest, shards: [] }
    circles.set(key, circle)
    for (const topic of topicsOf(interest)) listening.set(topic, (listening.get(topic) ?? new Set()).add(circle))
    return circle
  }

  const leave = (socket: Socket): void => {
    const place = places.get(socket)
    if (!place) return
    const { circle, shard } = place
    places.delete(socket)
    shard.sockets.delete(socket)
    void socket.leave(shard.room)
    if (circle.shards.some(({ sockets }) => sockets.size > 0)) return
    circles.delete(circle.key)
    for (const topic of topicsOf(circle.interest)) listening.get(topic)?.delete(circle)
  }

  /** The events by who hears them, in order. */
  const partsOf = (slice: readonly Told[]): Map<Circle, Told[]> => {
    const parts = new Map<Circle, Told[]>()
    const give = (to: Iterable<Circle>, told: Told): void => {
      for (const circle of to) {
        const part = parts.get(circle)
        if (part) part.push(told)
        else parts.set(circle, [told])
      }
    }
    for (const told of slice) {
      give(told.resource === undefined ? circles.values() : listening.get(undefined) ?? [], told)
      if (told.resource !== undefined) give(listening.get(told.resource) ?? [], told)
    }
    return parts
  }

  /** From now on until `release` no one can join: some have heard what others have not. */
  const hold = (): void => {
    telling ??= new Promise((resolve) => {
      told = resolve
    })
  }

  const release = (): void => {
    telling = undefined
    told()
  }

  /** Whether telling of each change would make the feed late; if so, who would have heard of them is owed a word. */
  const isFlood = (events: readonly Told[]): boolean => {
    const parts = [...partsOf(events)].map(([{ shards }, { length }]) => ({ shards, length }))
    sum.events += events.length
    for (const { shards, length } of parts) for (const { sockets } of shards) sum.frames += length * sockets.size
    const isMuch = sum.frames > bounds.flood.frames
    if (!isMuch || !(sum.events > bounds.flood.events || owed.size > 0 || performance.now() - flooded < bounds.ebb)) return false
    flooded = performance.now()
    for (const { shards } of parts) for (const { sockets } of shards) for (const socket of sockets) owed.add(socket)
    return true
  }

  /** All of the flood is known: one word to each instead of thousands. */
  const settle = async (pos: number): Promise<void> => {
    const { event, payload } = resync(pos)
    for (const socket of owed) {
      socket.emit(event, payload)
      written += 1
      if (written < bounds.turn) continue
      await nextTurn()
      written = 0
    }
    owed.clear()
  }

  const tellSlice = async (slice: readonly Told[]): Promise<void> => {
    for (const [{ shards }, part] of partsOf(slice)) {
      for (const { room, sockets } of shards) {
        for (const { event, payload } of part) {
          if (sockets.size === 0) break
          // Encoded once for all sockets of the room.
          namespace.to(room).emit(event, payload)
          written += sockets.size
          if (written < bounds.turn) continue
          await nextTurn()
          written = 0
        }
      }
    }
  }

  return {
    get telling() {
      return telling
    },
    has: (socket) => places.has(socket),
    join(socket, interest) {
      leave(socket)
      const circle = circleOf(interest)
      let shard = circle.shards.find(({ sockets }) => sockets.size < bounds.shard)
      if (!shard) {
        shard = { room: `live:${(rooms += 1)}`, sockets: new Set() }
        circle.shards.push(shard)
      }
      shard.sockets.add(socket)
      places.set(socket, { circle, shard })
      void socket.join(shard.room)
      if (!watched.has(socket)) socket.once('disconnect', () => leave(socket))
      watched.add(socket)
    },
    leave,
    async tell(events, upto, advance, more = false) {
      const isPart = isFlood(events)
      if (!more) Object.assign(sum, { events: 0, frames: 0 })
      if (isPart) {
        hold()
        if (more) return
        await settle(upto)
        advance(upto)
        return release()
      }
      for (let start = 0; start < events.length;) {
        const slice = events.slice(start, start + Math.max(1, Math.floor(bounds.slice / Math.max(1, places.size))))
        start += slice.length
        hold()
        try {
          await tellSlice(slice)
        } finally {
          advance(start < events.length ? slice.at(-1)?.pos ?? upto : upto)
          release()
        }
        // Sockets that wait to join do so now.
        if (start < events.length) await nextTurn()
      }
      if (events.length === 0) advance(upto)
    },
    emit(event, payload, isFor) {
      for (const { interest, shards } of circles.values()) {
        if (!isFor(interest)) continue
        for (const { room, sockets } of shards) if (sockets.size > 0) namespace.to(room).emit(event, payload)
      }
    },
  }
}
