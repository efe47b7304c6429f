// audit-verify: whether the log is still what was written, and if not, the first entry that is not.
import type { Knex } from 'knex'
import { object } from 'yup'
import { dayOrTime, invalidPayload, operation } from '../../core/define/index.ts'
import { columns, type Anchor, type Head, type Sealed, type Signer, type Written } from './entry.ts'
import { periodFaults, viewKey, whereOf, type Period } from './log.ts'
import { genesis, isLate, readAnchors, readHead, sealAt } from './seals.ts'

type Reason =
  | 'edited' // the entry is not what its writer signed
  | 'resealed' // its place in the chain, its time or its seal is not what the sealer gave
  | 'missing' // entries before it are gone
  | 'inserted' // it stands where another one already is
  | 'copied' // another entry has its id
  | 'cut' // it is the last one, and entries after it are gone
  | 'unsealed' // it has waited for its seal for more than 30 s
  | 'head' // the head of the chain is lost or forged

export interface Broken {
  /** The entry's id; null when there is none left to name. */
  readonly id: string | null
  readonly reason: Reason
}

/** Positions, both included. */
export interface Range {
  readonly from: number
  readonly to: number
}

interface Walk {
  readonly checked: number
  readonly broken?: Broken
  /** The last position, and its seal. */
  readonly end: Head
  readonly lastId: string | null
}

const batchSize = 1000

/** Over the anchors, as far as they go on from here without a gap. */
const overAnchors = (anchors: readonly Anchor[], from: Head): Head => {
  let head = from
  for (const anchor of anchors)
    if (anchor.from === head.pos + 1 && anchor.before === head.seal) head = { pos: anchor.to, seal: anchor.seal }
  return head
}

const faultOf = (entry: Sealed, previous: Head, signer: Signer): Reason | undefined => {
  if (entry.pos <= previous.pos) return 'inserted'
  if (entry.pos > previous.pos + 1) return 'missing'
  if (!signer.verify({ kind: 'entry', entry }, entry.mac)) return 'edited'
  return signer.verify({ kind: 'seal', pos: entry.pos, previous: previous.seal, entry }, entry.seal) ? undefined : 'resealed'
}

/** The first of some entries whose id another one has too. */
const firstCopied = async (db: Knex, entries: readonly Sealed[]): Promise<string | undefined> => {
  const found: { rows: { id: string }[] } = await db.raw(
    'select id from audit_entries where id = any(?::text[]) group by id having count(*) > 1', [entries.map(({ id }) => id)])
  const copied = new Set(found.rows.map(({ id }) => id))
  return entries.find(({ id }) => copied.has(id))?.id
}

const readBatch = async (db: Knex, after: readonly [number, string], to: number): Promise<Sealed[]> => {
  const found: { rows: Sealed[] } = await db.raw(
    `select ${columns}, seal_pos as pos, seal from audit_entries where (seal_pos, id) > (?, ?) and seal_pos <= ? order by seal_pos, id limit ${batchSize}`,
    [...after, to])
  return found.rows
}

/**
 * Walks the chain through a range of positions, and stops at the first entry that is not as it was written.
 * Many short statements: it may take minutes, and locks no one out.
 */
export const walkSealed = async (db: Knex, signer: Signer, { from, to }: Range): Promise<Walk> => {
  const anchors = await readAnchors(db, signer)
  const before = await sealAt(db, from - 1, anchors)
  let head: Head = before === undefined ? genesis : { pos: from - 1, seal: before }
  let [checked, lastId, place]: [number, string | null, readonly [number, string]] = [
    0, null,
    [from === 1 ? Number.MIN_SAFE_INTEGER : from, ''],
  ]
  for (;;) {
    const entries = await readBatch(db, place, to)
    const copied = await firstCopied(db, entries)
    for (const entry of entries) {
      head = entry.pos > head.pos + 1 ? overAnchors(anchors, head) : head
      const reason = faultOf(entry, head, signer) ?? (entry.id === copied ? 'copied' : undefined)
      checked += 1
      if (reason) return { checked, broken: { id: entry.id, reason }, end: head, lastId }
      // `faultOf` has compared it with a signature of ours.
      head = { pos: entry.pos, seal: entry.seal ?? '' }
      lastId = entry.id
      place = [entry.pos, entry.id]
    }
    if (entries.length < batchSize) return { checked, end: overAnchors(anchors, head), lastId }
  }
}

export interface Verdict {
  readonly ok: boolean
  /** Entries looked at, the broken one included. */
  readonly checked: number
  /** The id of the first broken entry. */
  readonly firstBroken?: string
  readonly reason?: Reason
  /** The entries that have waited for their seal for more than 30 s, the oldest first; at most 100. */
  readonly unsealed?: readonly string[]
}

/** Entries around the ends of a period that may stand in another order than their times. */
const margin = 1000

/** The positions of a period; without one, all there are. */
const rangeOf = async (db: Knex, period: Period): Promise<Range | undefined> => {
  if (period.from === undefined && period.to === undefined) return { from: 1, to: Number.MAX_SAFE_INTEGER }
  const where = whereOf(period)
  const edge = async (pick: 'min' | 'max', order: 'asc' | 'desc'): Promise<number | null | undefined> => {
    const found: { rows: { pos: number | null }[] } = await db.raw(
      `select ${pick}(seal_pos) as pos from (
         select seal_pos from audit_entries where seal_pos is not null and ${where.sql}
         order by at ${order}, id ${order} limit ${margin}) near`,
      [...where.bindings])
    return found.rows[0]?.pos
  }
  const [from, to] = [await edge('min', 'asc'), await edge('max', 'desc')]
  return typeof from === 'number' && typeof to === 'number' ? { from, to } : undefined
}

/** Entries that wait for their seal: their writer's signature says that no one made them up. */
const walkOpen = async (db: Knex, signer: Signer): Promise<{ checked: number; broken?: Broken }> => {
  const found: { rows: Written[] } = await db.raw(`select ${columns} from audit_entries where seal_pos is null order by at, id limit 10000`)
  const forged = found.rows.findIndex((entry) => !signer.verify({ kind: 'entry', entry }, entry.mac))
  const entry = found.rows[forged]
  return entry ? { checked: forged + 1, broken: { id: entry.id, reason: 'edited' } } : { checked: found.rows.length }
}

/** Whether the chain goes as far as its head says. The head is read first: entries sealed since only make it longer. */
const endFault = async (db: Knex, head: Head | 'missing' | 'forged', walk: Walk): Promise<Broken | undefined> => {
  if (head === 'forged' || (head === 'missing' && walk.end.pos > 0)) return { id: walk.lastId, reason: 'head' }
  if (head === 'missing') return undefined
  if (walk.end.pos < head.pos || (walk.end.pos === head.pos && walk.end.seal !== head.seal)) return { id: walk.lastId, reason: 'cut' }
  const beyond: { rows: { id: string }[] } = await db.raw(
    'select e.id from audit_entries e join audit_head h on e.seal_pos > h.pos order by e.seal_pos limit 1')
  return beyond.rows[0] && { id: beyond.rows[0].id, reason: 'inserted' }
}

/** The first fault of a period, or of everything: then also of the end of the chain, and of what waits for its seal. */
const firstFault = async (db: Knex, signer: Signer, period: Period): Promise<{ checked: number; broken?: Broken | undefined }> => {
  const head = await readHead(db, signer)
  const range = await rangeOf(db, period)
  if (!range) return { checked: 0 }
  const walk = await walkSealed(db, signer, range)
  const { checked, broken } = walk
  if (broken || period.from !== undefined || period.to !== undefined) return { checked, broken }
  const end = await endFault(db, head, walk)
  if (end) return { checked, broken: end }
  const open = await walkOpen(db, signer)
  return { checked: checked + open.checked, broken: open.broken }
}

/** Entries that no one has sealed in time can be removed unseen: the log is not well then, though nothing is altered. */
const lateEntries = async (db: Knex, period: Period): Promise<string[]> => {
  const where = whereOf(period)
  const found: { rows: { id: string }[] } = await db.raw(
    `select id from audit_entries where ${isLate} and ${where.sql} order by at, id limit 100`, [...where.bindings])
  return found.rows.map(({ id }) => id)
}

export const verify = async (db: Knex, signer: Signer, period: Period = {}): Promise<Verdict> => {
  const { checked, broken } = await firstFault(db, signer, period)
  if (broken) return { ok: false, checked, ...(broken.id === null ? {} : { firstBroken: broken.id }), reason: broken.reason }
  const unsealed = await lateEntries(db, period)
  const [first] = unsealed
  return first === undefined ? { ok: true, checked } : { ok: false, checked, firstBroken: first, reason: 'unsealed', unsealed }
}

export const verifyOperation = (signer: Signer) => operation({
  event: 'audit-verify',
  kind: 'query',
  access: { key: viewKey },
  input: object({ from: dayOrTime().optional(), to: dayOrTime().optional() }),
  async handle(call) {
    const faults = periodFaults(call.input, 'from', 'to')
    if (faults.length > 0) throw invalidPayload(faults)
    return { ...(await verify(call.db, signer, call.input)) }
  },
})
