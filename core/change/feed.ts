// The feed in the database: read it, move the outbox into it, forget what is too old.
import type { Knex } from 'knex'
import type { ChangeAction, Entry } from './entry.ts'

/** The NOTIFY channel that wakes the nodes. */
export const feedChannel = 'sovrane_feed'

export interface FeedState {
  readonly epoch: string
  /** The last position given out. */
  readonly pos: number
  /** Positions up to here are no longer kept. */
  readonly floor: number
}

interface FeedRow {
  readonly pos: number
  readonly resource: string
  readonly id: string
  readonly action: ChangeAction
  readonly version: number
  readonly request_id: string | null
}

export const readState = async (db: Knex): Promise<FeedState> => {
  const state: FeedState | undefined = await db('feed_state').first('epoch', 'pos', 'floor')
  if (!state) throw new Error('The table "feed_state" is empty; was it truncated?')
  return state
}

/** The entries after a position, in order. Safe for every reader: positions are given out in commit order. */
export const readFeed = async (db: Knex, after: number, limit: number): Promise<Entry[]> => {
  const result: { rows: FeedRow[] } = await db.raw(
    'select pos, resource, id, action, version, request_id from feed where pos > ? order by pos limit ?', [after, limit])
  return result.rows.map(({ request_id: requestId, ...row }) => ({ ...row, requestId }))
}

/** `busy`: another relay has the lock and may not see our commit yet. */
export type Relayed = { readonly kind: 'moved'; readonly count: number } | { readonly kind: 'busy' }

/**
 * Moves up to `limit` entries of the outbox into the feed, in the order of writing, and notifies the nodes.
 * The move is a statement after the lock: its snapshot sees all that the last holder did.
 */
export const relayBatch = (knex: Knex, limit: number): Promise<Relayed> =>
  knex.transaction(async (trx): Promise<Relayed> => {
    const lock: { rows: { taken: boolean }[] } = await trx.raw("select pg_try_advisory_xact_lock(hashtext('sovrane:relay')) as taken")
    if (lock.rows[0]?.taken !== true) return { kind: 'busy' }
    const moved: { rows: { count: number | string }[] } = await trx.raw(`
      with batch as (delete from outbox where seq in (select seq from outbox order by seq limit ?) returning *),
           counted as (select count(*) as n from batch),
           state as (update feed_state set pos = pos + counted.n from counted where counted.n > 0 returning feed_state.pos - counted.n as start),
           moved as (insert into feed (pos, resource, id, action, version, request_id, actor, at)
             select state.start + row_number() over (order by batch.seq), resource, id, action, version, request_id, actor, at from batch, state
             returning 1)
      select count(*) as count from moved`, [limit])
    const count = Number(moved.rows[0]?.count ?? 0)
    if (count > 0) await trx.raw(`notify ${feedChannel}`)
    return { kind: 'moved', count }
  })

/** Removes entries older than `hours` and remembers up to where. */
export const trimFeed = async (knex: Knex, hours: number): Promise<void> => {
  await knex.raw(`
    with gone as (delete from feed where at < now() - make_interval(hours => ?) returning pos)
    update feed_state set floor = greatest(floor, (select max(pos) from gone)) where exists (select 1 from gone)`, [hours])
}
