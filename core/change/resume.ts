// What a client has missed since its cursor, or that it must read everything anew: from memory, and from the database where that ends.
import type { Knex } from 'knex'
import { resetTopic } from '../define/topics.ts'
import { isInternal, rowKey, type Entry } from './entry.ts'
import { madeBetween, readFeed, readState } from './feed.ts'
import type { Ring } from './ring.ts'

export interface Cursor {
  readonly epoch: string
  readonly pos: number
}

/** More than so many entries are not replayed. Source: docs/protocol.md §6. */
export const mostMissed = 1000

/** The cursor that a client gave, if it is one. */
export const parseCursor = (since: unknown): Cursor | 'none' | 'invalid' => {
  if (since === undefined || since === null) return 'none'
  if (typeof since !== 'object' || !('epoch' in since) || !('pos' in since)) return 'invalid'
  const { epoch, pos } = since
  return typeof epoch === 'string' && typeof pos === 'number' && Number.isSafeInteger(pos) && pos >= 0 ? { epoch, pos } : 'invalid'
}

export type Missed = { readonly kind: 'entries'; readonly entries: readonly Entry[] } | { readonly kind: 'resync' }

type Row = Pick<Entry, 'resource' | 'id'>

/** The beginning of the batch that a cursor lies within. */
const cutOf = ([next]: readonly Entry[], pos: number): number | undefined => (next && next.batch < pos ? next.batch : undefined)

/**
 * The entries as a client at a cursor is to hear them. `made`: the rows that were made in its batch before it. A cursor within a batch of
 * the relay is one of a client that was cut off while it was told of it: a row made before the cursor and changed behind it was told with
 * that change, which the client has missed. So it hears `create`.
 */
const toldAfter = (entries: readonly Entry[], cut: number | undefined, rows: readonly Row[]): Missed => {
  if (entries.length > mostMissed || entries.some(({ resource }) => resource === resetTopic)) return { kind: 'resync' }
  const made = new Set(rows.map(rowKey))
  const last = new Map(entries.map((entry) => [rowKey(entry), entry.pos]))
  const told = (entry: Entry): readonly Entry[] => {
    if (isInternal(entry)) return []
    if (entry.batch !== cut || !made.has(rowKey(entry))) return [entry]
    // Of a row that is made again, its end would make the new one a change.
    if (entry.action === 'delete') return last.get(rowKey(entry)) === entry.pos ? [entry] : []
    return [{ ...entry, action: 'create' }]
  }
  return { kind: 'entries', entries: entries.flatMap(told) }
}

/** The entries after a cursor up to the end of the feed as it is now. */
export const missedSince = async (db: Knex, cursor: Cursor): Promise<Missed> => {
  const entries = await readFeed(db, cursor.pos, mostMissed + 1)
  const cut = cutOf(entries, cursor.pos)
  const made = cut === undefined ? [] : await madeBetween(db, cut, cursor.pos)
  // Read after the entries: what retention removed meanwhile is then known to be missing.
  const state = await readState(db)
  if (cursor.epoch !== state.epoch || cursor.pos > state.pos || cursor.pos < state.floor) return { kind: 'resync' }
  return toldAfter(entries, cut, made)
}

/** The same from memory; undefined where it does not reach: below its floor, and ahead of what this node has read. */
export const missedInMemory = (ring: Ring, epoch: string, cursor: Cursor): Missed | undefined => {
  if (cursor.epoch !== epoch) return { kind: 'resync' }
  if (cursor.pos < ring.floor || cursor.pos > ring.head) return undefined
  const entries = ring.after(cursor.pos, mostMissed + 1)
  const cut = cutOf(entries, cursor.pos)
  return toldAfter(entries, cut, cut === undefined ? [] : ring.after(cut, cursor.pos - cut).filter(({ action }) => action === 'create'))
}

export interface Recall {
  /** How often what clients had missed was read from memory, and from the database: more than once a client, where there is something. */
  readonly counts: { readonly hits: number; readonly misses: number }
  missedSince(db: Knex, cursor: Cursor): Promise<Missed>
}

/** Answers from memory what it can. `node`: the epoch of what is in it. */
export const createRecall = (ring: Ring, node: { readonly epoch: string }): Recall => {
  const counts = { hits: 0, misses: 0 }
  return {
    counts,
    async missedSince(db, cursor) {
      const known = missedInMemory(ring, node.epoch, cursor)
      counts[known ? 'hits' : 'misses'] += 1
      return known ?? missedSince(db, cursor)
    },
  }
}
