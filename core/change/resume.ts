// What a client has missed since its cursor, or that it must read everything anew.
import type { Knex } from 'knex'
import { resetTopic } from '../define/topics.ts'
import { isInternal, rowKey, type Entry } from './entry.ts'
import { madeBetween, readFeed, readState } from './feed.ts'

export interface Cursor {
  readonly epoch: string
  readonly pos: number
}

/** More than so many entries are not replayed. Source: docs/protocol.md §6. */
const most = 1000

/** The cursor that a client gave, if it is one. */
export const parseCursor = (since: unknown): Cursor | 'none' | 'invalid' => {
  if (since === undefined || since === null) return 'none'
  if (typeof since !== 'object' || !('epoch' in since) || !('pos' in since)) return 'invalid'
  const { epoch, pos } = since
  return typeof epoch === 'string' && typeof pos === 'number' && Number.isSafeInteger(pos) && pos >= 0 ? { epoch, pos } : 'invalid'
}

export type Missed = { readonly kind: 'entries'; readonly entries: readonly Entry[] } | { readonly kind: 'resync' }

/**
 * The entries after a cursor up to the end of the feed as it is now. A cursor within a batch of the relay is one of a client that
 * was cut off while it was told of it: a row made before the cursor and changed behind it was told with that change, which the
 * client has missed. So it hears `create`.
 */
export const missedSince = async (db: Knex, cursor: Cursor): Promise<Missed> => {
  const entries = await readFeed(db, cursor.pos, most + 1)
  const [next] = entries
  const cut = next && next.batch < cursor.pos ? next.batch : undefined
  const made = new Set(cut === undefined ? [] : (await madeBetween(db, cut, cursor.pos)).map(rowKey))
  // Read after the entries: what retention removed meanwhile is then known to be missing.
  const state = await readState(db)
  if (cursor.epoch !== state.epoch || cursor.pos > state.pos || cursor.pos < state.floor || entries.length > most) return { kind: 'resync' }
  if (entries.some(({ resource }) => resource === resetTopic)) return { kind: 'resync' }
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
