// The feed in the database: read it, move the outbox into it, forget what is too old.
import type { Knex } from 'knex'
import type { ChangeAction, Entry } from './entry.ts'

/** The NOTIFY channel that wakes the nodes. */
export const feedChannel = 'sovrane_feed'

export interface FeedState {
  /** Another one when the history of the database may be another: after a promotion or a restored backup. */
  readonly epoch: string
  /** The last position given out. */
  readonly pos: number
  /** Positions up to here are no longer kept. */
  readonly floor: number
}

interface FeedRow {
  readonly pos: number
  readonly batch: number
  readonly resource: string
  readonly id: string
  readonly action: ChangeAction
  readonly version: number
  readonly request_id: string | null
}

const known = (epoch: string | null): string => {
  if (epoch === null) throw new Error('The database is a standby: until it is promoted no one knows how its history goes on')
  return epoch
}

export const readState = async (db: Knex): Promise<FeedState> => {
  const result: { rows: { epoch: string | null; pos: number; floor: number }[] } =
    await db.raw('select sovrane_epoch() as epoch, pos, floor from feed_state')
  const [state] = result.rows
  if (!state) throw new Error('The table "feed_state" is empty; was it truncated?')
  return { ...state, epoch: known(state.epoch) }
}

/** The entries after a position as `readFeed`, and the epoch that they belong to. */
export const readOn = async (db: Knex, after: number, limit: number): Promise<{ readonly epoch: string; readonly entries: Entry[] }> => {
  const result: { rows: (FeedRow & { readonly epoch: string | null } | { readonly epoch: string | null; readonly pos: null })[] } =
    await db.raw(`
      with here as materialized (select sovrane_epoch() as epoch)
      select here.epoch, f.* from here left join lateral (
        select pos, coalesce(batch, pos - 1) as batch, resource, id, action, version, request_id
        from feed where pos > ? order by pos limit ?
      ) f on true order by f.pos`, [after, limit])
  const entries = result.rows.flatMap((row): Entry[] => {
    if (row.pos === null) return []
    const { request_id: requestId, epoch: _epoch, ...entry } = row
    return [{ ...entry, requestId }]
  })
  return { epoch: known(result.rows[0]?.epoch ?? null), entries }
}

/** The entries after a position, in order; internal ones too. Safe for every reader: positions are given out in commit order. */
export const readFeed = async (db: Knex, after: number, limit: number): Promise<Entry[]> => (await readOn(db, after, limit)).entries

/** The rows that were made between two positions. */
export const madeBetween = async (db: Knex, after: number, upto: number): Promise<Pick<Entry, 'resource' | 'id'>[]> => {
  const result: { rows: Pick<Entry, 'resource' | 'id'>[] } = await db.raw(
    "select resource, id from feed where pos > ? and pos <= ? and action = 'create'", [after, upto])
  return result.rows
}

/** `busy`: another relay has the lock and may not see our commit yet. `pos`: the last position given out. */
export type Relayed = { readonly kind: 'moved'; readonly count: number; readonly pos: number } | { readonly kind: 'busy' }

/**
 * Moves about `limit` entries of the outbox into the feed, in the order of writing, and notifies the nodes.
 * One message to the database and one transaction there: a client that is paused meanwhile holds no one up.
 */
export const relayBatch = async (knex: Knex, limit: number): Promise<Relayed> => {
  const result: { rows: { moved: number; upto: number | null }[] } =
    await knex.raw(`select moved, upto from sovrane_relay(${Math.trunc(limit)})`)
  const [row] = result.rows
  if (!row || row.upto === null) return { kind: 'busy' }
  return { kind: 'moved', count: row.moved, pos: row.upto }
}

/** Removes at most `most` entries older than `hours`, the oldest first, and remembers up to where. Answers how many went. */
export const forgetFeed = async (knex: Knex, hours: number, most: number): Promise<number> => {
  const result: { rows: { gone: number }[] } = await knex.raw(`select sovrane_forget(${Math.trunc(hours)}, ${Math.trunc(most)}) as gone`)
  return result.rows[0]?.gone ?? 0
}

/** Changes of some topics, wherever they are on their way: relayed after a position, or still in the outbox. At most `most` of them. */
export const readAhead = async (
  db: Knex,
  after: number,
  topics: readonly string[],
  most: number,
): Promise<{ place: string; resource: string; id: string }[]> => {
  const list = [...topics]
  const result: { rows: { place: string; resource: string; id: string }[] } = await db.raw(`
    select 'feed ' || pos as place, resource, id from feed where pos > ? and resource = any(?::text[])
    union all select 'outbox ' || seq, resource, id from outbox where resource = any(?::text[]) limit ?`, [after, list, list, most])
  return result.rows
}
