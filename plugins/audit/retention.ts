// Retention: the months of the log are partitions, audit_entries_YYYYMM and audit_seals_YYYYMM in UTC. Whole months that are too old are
// dropped; signed anchors stand for them, by which verification goes on.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Knex } from 'knex'
import { number } from 'yup'
import { setting, type Log, type Runtime } from '#sovrane'
import { sealedEntries, type Anchor, type Signer } from './entry.ts'
import { readAnchors, sealAt, takeSealLock, writeAnchor } from './seals.ts'
import { walkSealed, type Broken, type Range } from './verify.ts'

export const retentionDays = setting('audit_retention_days', number().integer().min(1).max(3650).default(365),
  'Days that audit entries are kept; whole months are removed once all of them is older.')

interface Partition {
  readonly name: string
  /** ISO 8601. */
  readonly start: string
  /** The first moment that is no longer in it. */
  readonly end: string
}

/** Makes the partitions of this month and the next two. Cheap when they are there. */
export const ensurePartitions = async (db: Knex): Promise<void> => {
  await db.raw("select audit_partition(now() + n * interval '1 month') from generate_series(0, 2) n")
}

const partitionOf = (name: string): Partition => {
  const [year, month] = [Number(name.slice(-6, -2)), Number(name.slice(-2))]
  return { name, start: new Date(Date.UTC(year, month - 1)).toISOString(), end: new Date(Date.UTC(year, month)).toISOString() }
}

/** The partition of the same month's seals. */
const sealsOf = (name: string): string => name.replace('audit_entries', 'audit_seals')

/** The partitions that ended more than so many days ago by the database's clock, oldest first. */
const endedBefore = async (db: Knex, days: number): Promise<Partition[]> => {
  const found: { rows: { name: string; limit: Date }[] } = await db.raw(
    `select c.relname as name, now() - make_interval(days => ?) as limit
     from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'audit_entries'::regclass order by 1`, [days])
  return found.rows.filter(({ name }) => /_\d{6}$/.test(name)).map(({ name, limit }) => ({ ...partitionOf(name), limit }))
    .filter(({ end, limit }) => new Date(end) <= limit)
}

/** What is left of a range without some others in it. */
const without = (whole: Range, taken: readonly Range[]): Range[] => {
  const runs: Range[] = []
  let from = whole.from
  for (const each of [...taken].toSorted((a, b) => a.from - b.from)) {
    if (each.from > from) runs.push({ from, to: Math.min(each.from - 1, whole.to) })
    from = Math.max(from, each.to + 1)
  }
  if (from <= whole.to) runs.push({ from, to: whole.to })
  return runs
}

const requireSealAt = async (db: Knex, pos: number, anchors: readonly Anchor[]): Promise<string> => {
  const seal = await sealAt(db, pos, anchors)
  if (seal === undefined) throw new Error(`There is no seal at position ${pos}`)
  return seal
}

/** The positions of a partition; undefined when it is empty, `open` while something in it waits for its seal. */
const positions = async (db: Knex, { name }: Partition): Promise<Range | 'open' | undefined> => {
  // All of the month, once a day.
  await db.raw('set local statement_timeout = 0')
  const found: { rows: { from: number | null; to: number | null; open: boolean }[] } = await db.raw(
    `with sealed as (select pos from ?? join ?? using (at, id))
     select min(pos) as "from", max(pos) as "to", count(*) < (select count(*) from ??) as open from sealed`, [name, sealsOf(name), name])
  const [row] = found.rows
  if (row?.open === true) return 'open'
  return row && row.from !== null && row.to !== null ? { from: row.from, to: row.to } : undefined
}

/** Around midnight entries of two months alternate: what leaves is one run of positions or a few. */
const runsOf = async (db: Knex, partition: Partition, whole: Range, anchors: readonly Anchor[]): Promise<Range[]> => {
  const others: { rows: { pos: number }[] } = await db.raw(
    `select pos from ${sealedEntries} where pos between ? and ? and (at < ?::timestamptz or at >= ?::timestamptz)`,
    [whole.from, whole.to, partition.start, partition.end])
  return without(whole, [...others.rows.map(({ pos }) => ({ from: pos, to: pos })), ...anchors])
}

type Outcome = 'dropped' | 'open' | 'held'

/** Drops one month, in the caller's transaction. */
const drop = async (db: Knex, signer: Signer, partition: Partition): Promise<Outcome> => {
  // Another seals, or holds up the sealing: the month goes at the next run.
  if (!(await takeSealLock(db))) return 'held'
  // Someone has been reading for long. The month goes tomorrow, rather than let all writers queue behind us.
  await db.raw("set local lock_timeout = '3s'")
  const whole = await positions(db, partition)
  if (whole === 'open') return 'open'
  if (whole) {
    const anchors = await readAnchors(db, signer)
    for (const { from, to } of await runsOf(db, partition, whole, anchors)) {
      await writeAnchor(db, signer, {
        from, to, before: await requireSealAt(db, from - 1, anchors), seal: await requireSealAt(db, to, anchors),
      })
    }
  }
  await db.raw('drop table ??, ??', [partition.name, sealsOf(partition.name)])
  return 'dropped'
}

/** Positions that are verified in one transaction: the embedded database has one connection for all. */
const sliceSize = 2000

const firstBroken = async (run: Runtime['run'], signer: Signer, whole: Range): Promise<Broken | undefined> => {
  for (let { from } = whole; from <= whole.to; from += sliceSize) {
    const { broken } = await run(({ db }) => walkSealed(db, signer, { from, to: Math.min(from + sliceSize - 1, whole.to) }))
    if (broken) return broken
  }
  return undefined
}

/** Asks for the lock 20 times, every 100 ms: a node that seals has it for a moment. */
const dropPatiently = async (run: Runtime['run'], signer: Signer, partition: Partition): Promise<Outcome> => {
  for (let left = 20; left > 0; left -= 1) {
    const outcome = await run(({ db }) => drop(db, signer, partition))
    if (outcome !== 'held') return outcome
    await sleep(100)
  }
  return 'held'
}

interface RetentionOptions {
  readonly days: number
  readonly log: Log
  /** Told of the month that was altered. */
  readonly onBroken: (partition: Partition, broken: Broken) => Promise<void>
}

/**
 * Drops the months that ended more than `days` days ago, oldest first; answers their names. A month that does not verify
 * stays, as evidence, and with it all that follows: an anchor over it would sign what was altered.
 */
export const dropOld = async (run: Runtime['run'], signer: Signer, { days, log, onBroken }: RetentionOptions): Promise<string[]> => {
  const dropped: string[] = []
  for (const partition of await run(({ db }) => endedBefore(db, days))) {
    const whole = await run(({ db }) => positions(db, partition))
    const broken = typeof whole === 'object' ? await firstBroken(run, signer, whole) : undefined
    if (broken) {
      log.error({ partition: partition.name, ...broken }, 'audit entries were altered; their month is kept')
      await onBroken(partition, broken)
      return dropped
    }
    const outcome = await dropPatiently(run, signer, partition)
    if (outcome === 'held')
      log.error({ partition: partition.name }, 'a month of audit entries could not be removed: another session holds the lock of sealing')
    if (outcome === 'open') log.warn({ partition: partition.name }, 'a month of audit entries is kept: some of them have no seal')
    if (outcome !== 'dropped') return dropped
    dropped.push(partition.name)
    log.info({ partition: partition.name }, 'a month of audit entries was removed')
  }
  return dropped
}
