// A namespace of Socket.IO that counts what it writes, when and to whom, and events to tell.
import type { Namespace, Socket } from 'socket.io'
import type { Told } from '../../core/transport/audience.ts'

interface Fake {
  readonly sockets: Socket[]
  readonly namespace: Namespace
  /** The frames of each turn of the event loop. */
  readonly turns: number[]
  /** The positions that each socket has heard; below zero: it was told to read anew there. */
  readonly heard: Map<Socket, number[]>
  /** How often anything was emitted, to a room or to a socket. */
  readonly emitted: { count: number }
}

export const fake = (count: number): Fake => {
  const rooms = new Map<string, Set<Socket>>()
  const heard = new Map<Socket, number[]>()
  const turns: number[] = [0]
  const emitted = { count: 0 }
  const sockets = Array.from({ length: count }, (): Socket => {
    const socket = {
      join: (room: string) => rooms.set(room, (rooms.get(room) ?? new Set()).add(socket as unknown as Socket)),
      leave: (room: string) => rooms.get(room)?.delete(socket as unknown as Socket),
      once: () => undefined,
      emit: (event: string, payload: { pos: number }) => {
        emitted.count += 1
        heard.get(socket as unknown as Socket)?.push(event === 'feed-resync' ? -payload.pos : payload.pos)
        turns[turns.length - 1] = (turns.at(-1) ?? 0) + 1
      },
    }
    heard.set(socket as unknown as Socket, [])
    return socket as unknown as Socket
  })
  const emit = (room: string) => (_event: string, payload: { pos: number }): void => {
    emitted.count += 1
    for (const socket of rooms.get(room) ?? []) heard.get(socket)?.push(payload.pos)
    turns[turns.length - 1] = (turns.at(-1) ?? 0) + (rooms.get(room)?.size ?? 0)
  }
  return { sockets, heard, turns, emitted, namespace: { to: (room: string) => ({ emit: emit(room) }) } as unknown as Namespace }
}

/** Changes at positions 1 to `count`, of these resources in turn. */
export const eventsOf = (count: number, resources: readonly string[] = ['x']): Told[] => Array.from({ length: count }, (_, index) => {
  const resource = resources[index % resources.length] ?? 'x'
  return { pos: index + 1, resource, event: `${resource}-changed`, payload: { pos: index + 1 } }
})

/** That everything is read anew, as `fake` notes it. */
export const resync = (pos: number): Told => ({ pos, event: 'feed-resync', payload: { pos } })
