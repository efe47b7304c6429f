// A socket that remembers every change it is told of, and a sentinel that says when all of them have come.
import { io, type Socket } from 'socket.io-client'
import type { Server } from '../../core/boot/server.ts'
import type { Person, Row } from './transport.ts'

export interface Change {
  readonly event: string
  readonly id: string
  readonly action: string
  readonly payload: Row
}

export interface Listener {
  /** The changes that the task caused: all of them, and nothing else. */
  during(task: () => Promise<unknown>): Promise<Change[]>
  close(): void
}

/** Milliseconds after which the sentinel counts as lost. */
const patience = 15_000

/** `user-changed update u1`, as expectations are written; sorted, for several at once come in any order. */
export const written = (changes: readonly Change[]): string[] => changes.map(({ event, action, id }) => `${event} ${action} ${id}`).toSorted()

const connected = (socket: Socket): Promise<void> => new Promise((resolve, reject) => {
  socket.once('session', () => resolve())
  socket.once('connect_error', reject)
})

/** Listens to all changes of a server. */
export const openListener = async (server: Server, person: Person): Promise<Listener> => {
  const [resource] = server.assembly.resources.keys()
  if (resource === undefined) throw new Error('The app has no resource')
  const heard: Change[] = []
  const awaited = new Map<string, () => void>()
  const socket = io(server.url, { forceNew: true, transports: ['websocket'], auth: { token: person.token } })
  socket.onAny((event: string, payload: Row) => {
    if (!event.endsWith('-changed')) return
    const id = String(payload['id'])
    const wake = awaited.get(id)
    if (wake) wake()
    else heard.push({ event, id, action: String(payload['action']), payload })
  })
  await connected(socket)
  let count = 0

  /** An entry of no row: written after all others, so heard after them. */
  const sentinel = async (): Promise<void> => {
    count += 1
    const id = `sentinel-${count}`
    const arrived = new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('The sentinel was not heard')), patience)
      awaited.set(id, () => {
        clearTimeout(timer)
        resolve()
      })
    })
    await Promise.all([arrived, server.run(async (call) => {
      await call.db('outbox').insert({ resource, id, action: 'update', version: 1 })
    })])
  }

  return {
    async during(task) {
      await sentinel()
      const from = heard.length
      await task()
      await sentinel()
      return heard.slice(from)
    },
    close: () => void socket.disconnect(),
  }
}
