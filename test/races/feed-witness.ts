// What the feed suites check with: a ledger kept by triggers of our own, a reader that tails the feed, and rules for what an observer
// heard.
import type pg from 'pg'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Change } from './client.ts'
import type { Arena } from './harness.ts'

export interface Entry {
  readonly pos: number
  readonly resource: string
  readonly id: string
  readonly action: string
  readonly version: number
}

interface RawEntry {
  readonly pos: string
  readonly resource: string
  readonly id: string
  readonly action: string
  readonly version: string
}

const tracked: Readonly<Record<string, string>> = { sites: 'site', departments: 'department', groups: 'group', users: 'user' }

const keyOf = ({ resource, id }: { readonly resource: string; readonly id: string }): string => `${resource}/${id}`

const stepOf = (entry: Pick<Entry, 'resource' | 'id' | 'action' | 'version'>): string => `${keyOf(entry)} ${entry.action} ${entry.version}`

/** Writes every committed change of a tracked row down a second time, by a way that is not the feed's. */
export const keepLedger = async (arena: Arena): Promise<void> => {
  await arena.sql(`
    create table ledger (n bigserial, writer text default pg_current_xact_id()::text, resource text, id text, action text, version bigint);
    create function write_ledger() returns trigger language plpgsql as $$ begin
      if tg_op = 'DELETE' then insert into ledger (resource, id, action, version) values (tg_argv[0], old.id, 'delete', old.version + 1);
      else insert into ledger (resource, id, action, version) values (
        tg_argv[0], new.id, case tg_op when 'INSERT' then 'create' else 'update' end, new.version); end if;
      return null;
    end $$`)
  for (const [table, resource] of Object.entries(tracked)) {
    await arena.sql(
      `create trigger z_ledger after insert or update or delete on ${table} for each row execute function write_ledger('${resource}')`,
    )
  }
}

const toEntries = (rows: readonly RawEntry[]): Entry[] =>
  rows.map((row) => ({ ...row, pos: Number(row.pos), version: Number(row.version) }))

/** The whole feed after a position, without the entries that are for caches only. */
export const readFeed = async (arena: Arena, after = 0): Promise<Entry[]> =>
  toEntries(
    await arena.sql<RawEntry>(
      `select pos, resource, id, action, version from feed where pos > $1 and resource not like '~%' order by pos`,
      [after],
    ),
  )

/**
 * The changes that the ledger has and the feed lacks, those that the feed has too often, and versions that two transactions share.
 * What one transaction does to a row before its end is one change: the first of its steps says which.
 */
export const compareWithLedger = async (arena: Arena, after: number): Promise<{ lost: string[]; doubled: string[]; shared: string[] }> => {
  const rows = await arena.sql<RawEntry>('select distinct on (resource, id, version) resource, id, action, version from ledger order by resource, id, version, n')
  const shared = await arena.sql<{ row: string }>(
    `select resource || '/' || id || ' ' || version as row from ledger group by resource, id, version having count(distinct writer) > 1`)
  const count = (steps: readonly string[]): Map<string, number> => {
    const counts = new Map<string, number>()
    for (const step of steps) counts.set(step, (counts.get(step) ?? 0) + 1)
    return counts
  }
  const wanted = count(rows.map((row) => stepOf({ ...row, version: Number(row.version) })))
  const had = count((await readFeed(arena, after)).filter((entry) => Object.values(tracked).includes(entry.resource)).map(stepOf))
  return {
    shared: shared.map(({ row }) => row),
    lost: [...wanted].flatMap(([step, times]) => ((had.get(step) ?? 0) < times ? [step] : [])),
    doubled: [...had].flatMap(([step, times]) => (times > (wanted.get(step) ?? 0) ? [step] : [])),
  }
}

export interface Tail {
  readonly seen: readonly Entry[]
  /** Reads what is left and ends. */
  stop(): Promise<void>
}

/** A reader of its own that asks for `pos > last` again and again, without a pause between. */
export const startTail = async (arena: Arena, after: number): Promise<Tail> => {
  const db: pg.PoolClient = await arena.session()
  const seen: Entry[] = []
  let [last, stopped] = [after, false]
  const read = async (): Promise<number> => {
    const { rows } = await db.query<RawEntry>('select pos, resource, id, action, version from feed where pos > $1 order by pos limit 50', [last])
    for (const entry of toEntries(rows)) {
      last = entry.pos
      if (!entry.resource.startsWith('~')) seen.push(entry)
    }
    return rows.length
  }
  const running = (async () => {
    while (!stopped) {
      await read()
      await sleep(1)
    }
    while ((await read()) > 0);
    db.release()
  })()
  return {
    seen,
    async stop() {
      stopped = true
      await running
    },
  }
}

/** The versions that do not grow, row by row. */
export const inversions = (entries: readonly Pick<Entry, 'resource' | 'id' | 'version' | 'pos'>[]): string[] => {
  const last = new Map<string, number>()
  return entries.flatMap((entry) => {
    const before = last.get(keyOf(entry)) ?? 0
    last.set(keyOf(entry), entry.version)
    return entry.version > before ? [] : [`${keyOf(entry)}: ${entry.version} after ${before} at ${entry.pos}`]
  })
}

/** The last state of each row, in the order of the feed. */
export const finals = (entries: readonly (Entry | Change)[]): string[] => {
  const last = new Map<string, string>()
  for (const entry of entries) {
    last.delete(keyOf(entry))
    last.set(keyOf(entry), `${keyOf(entry)} ${entry.version}`)
  }
  return [...last.values()]
}

const merged = (first: string, next: string): string => {
  if (next === 'delete') return 'delete'
  return first === 'create' ? 'create' : 'update'
}

/**
 * Everything that is wrong with what an observer heard of the feed: order, versions, events that are no entries,
 * rows whose last state he was not told of, and, where he stayed connected, wrongly merged actions.
 */
export const faultsOf = (changes: readonly Change[], feed: readonly Entry[], options: { readonly stayed: boolean }): string[] => {
  const faults = inversions(changes)
  const byPos = new Map(feed.map((entry) => [entry.pos, entry]))
  const heard = new Map<string, Change>()
  for (const [index, change] of changes.entries()) {
    const before = changes[index - 1]
    if (before && change.pos <= before.pos) faults.push(`position ${change.pos} after ${before.pos}`)
    const entry = byPos.get(change.pos)
    if (!entry || keyOf(entry) !== keyOf(change) || entry.version !== change.version)
      faults.push(`heard ${stepOf(change)} at ${change.pos}, the feed has ${entry ? stepOf(entry) : 'nothing'}`)
    if (options.stayed) {
      const since = heard.get(keyOf(change))?.pos ?? 0
      const [first = '', ...rest] = feed
        .filter((each) => keyOf(each) === keyOf(change) && each.pos > since && each.pos <= change.pos)
        .map((each) => each.action)
      const action = rest.reduce(merged, first)
      if (action !== change.action) faults.push(`heard ${stepOf(change)}, which should be ${action}`)
    }
    heard.set(keyOf(change), change)
  }
  const last = new Map(feed.map((entry) => [keyOf(entry), entry]))
  for (const [row, entry] of last)
    if (heard.get(row)?.version !== entry.version) faults.push(`never heard ${stepOf(entry)} at ${entry.pos}`)
  return faults
}
