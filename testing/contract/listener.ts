// A socket that remembers every change it is told of, and knows when it has been told of all that was committed.
import { setTimeout as sleep } from 'node:timers/promises'
import { io, type Socket } from 'socket.io-client'
import type { Server } from '../../core/boot/server.ts'
import { patience } from '../wait.ts'
import type { Person, Row } from './transport.ts'

export interface Change {
  readonly event: string
  readonly id: string
  readonly action: string
  readonly pos: number
  readonly payload: Row
}

export interface Listener {
  /** The changes that the task caused: all of them, and nothing else. */
  during(task: () => Promise<unknown>): Promise<Change[]>
  /** Every change heard so far. */
  readonly heard: readonly Change[]
  close(): void
}

/** `user-changed update u1`, as expectations are written; sorted, for several at once come in any order. */
export const written = (changes: readonly Change[]): string[] =>
  changes.map(({ event, action, id }) => `${event} ${action} ${id}`).toSorted()

const connected = (socket: Socket): Promise<void> => new Promise((resolve, reject) => {
  socket.once('session', () => resolve())
  socket.once('connect_error', reject)
})

interface Standing {
  /** Changes that are committed and not yet in the feed. */
  readonly waiting: number
  /** The last position that clients are to hear of. */
  readonly last: number
}

/** Listens to all changes of a server. */
export const openListener = async (server: Server, person: Person): Promise<Listener> => {
  const heard: Change[] = []
  const socket = io(server.url, { forceNew: true, transports: ['websocket'], auth: { token: person.token } })
  let reached = 0
  socket.once('session', (session: { feed: { pos: number } }) => void (reached = session.feed.pos))
  socket.onAny((event: string, payload: Row) => {
    if (!event.endsWith('-changed') || event === 'rights-changed') return
    heard.push({ event, id: String(payload['id']), action: String(payload['action']), pos: Number(payload['pos']), payload })
    reached = Number(payload['pos'])
  })
  await connected(socket)

  const standing = async (): Promise<Standing> => {
    const result: { rows: Standing[] } = await server.database.knex.raw(
      "select (select count(*) from outbox)::int as waiting, (select coalesce(max(pos), 0) from feed where resource not like '~%') as last")
    const [row] = result.rows
    if (!row) throw new Error('The feed has no state')
    return row
  }

  /** Waits until every committed change was heard. */
  const settled = async (): Promise<void> => {
    const deadline = Date.now() + patience
    for (let now = await standing(); now.waiting > 0 || reached < now.last; now = await standing()) {
      if (Date.now() > deadline) throw new Error(`Not told of position ${now.last}; ${now.waiting} changes are still in the outbox`)
      await sleep(1)
    }
  }

  return {
    heard,
    async during(task) {
      await settled()
      const from = heard.length
      await task()
      await settled()
      return heard.slice(from)
    },
    close: () => void socket.disconnect(),
  }
}
