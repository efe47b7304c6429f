// audit-verify: whether the log is still what was written, and if not, the first entry that is not.
import type { Knex } from 'knex'
import { array, boolean, number, object, string } from 'yup'
import { always, dayOrTime, invalidPayload, operation } from '#sovrane'
import { columns, sealedEntries, type Anchor, type Head, type Sealed, type Signer, type Written } from './entry.ts'
import { periodFaults, viewKey, whereOf, type Period } from './log.ts'
import { genesis, readAnchors, readHead, sealAt } from './seals.ts'
import { findUnsealed, type Waiting } from './waiting.ts'

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

/**
 * Which of some entries have a seal of another time: an id is given once. Their own seal says nothing, since it may have come after they
 * were read.
 */
const copiedOf = async (db: Knex, entries: readonly Written[]): Promise<ReadonlySet<string>> => {
  const found: { rows: { id: string }[] } = await db.raw(
    `select distinct s.id from audit_seals s join jsonb_to_recordset(?::jsonb) as e(id text, timestamp timestamptz) using (id)
     where s.at <> e.timestamp`, [JSON.stringify(entries.map(({ id, timestamp }) => ({ id, timestamp })))])
  return new Set(found.rows.map(({ id }) => id))
}

const readBatch = async (db: Knex, after: readonly [number, string], to: number): Promise<Sealed[]> => {
  const found: { rows: Sealed[] } = await db.raw(
    `select ${columns}, pos, seal from ${sealedEntries} where (pos, id) > (?, ?) and pos <= ? order by pos, id limit ${batchSize}`,
    [...after, to])
  return found.rows
}

/** At most so many entries without a seal are looked at. */
const maxOpen = 10_000

/**
 * What a gap in the chain comes from: an entry whose time or id was changed, so that its seal, which is still in the gap, has none.
 * Undefined when the entry is gone.
 */
const displaced = async (db: Knex, signer: Signer, { from, to }: Range): Promise<Broken | undefined> => {
  const found: { rows: { id: string; at: Date }[] } = await db.raw(
    `select id, at from audit_seals where pos between ? and ? order by pos limit ${batchSize}`, [from, to])
  if (found.rows.length === 0) return undefined
  const [ids, times] = [new Set(found.rows.map(({ id }) => id)), new Set(found.rows.map(({ at }) => at.getTime()))]
  for (const entry of await findUnsealed(db, always, maxOpen)) {
    const isSigned = signer.verify({ kind: 'entry', entry }, entry.mac)
    if (isSigned ? ids.has(entry.id) : ids.has(entry.id) || times.has(entry.timestamp.getTime()))
      return { id: entry.id, reason: isSigned ? 'resealed' : 'edited' }
  }
  return undefined
}

/**
 * Walks the chain through a range of positions, and stops at the first entry that is not as it was written.
 * Many short statements: it may take minutes, and locks no one out.
 */
export const walkSealed = async (db: Knex, signer: Signer, { from, to }: Range): Promise<Walk> => {
  let [checked, lastId, place]: [number, string | null, readonly [number, string]] = [
    0, null,
    [from === 1 ? Number.MIN_SAFE_INTEGER : from, ''],
  ]
  // First of all: what the transaction has read of, retention drops no more, so that the anchors are those of what is gone by now.
  let entries = await readBatch(db, place, to)
  const anchors = await readAnchors(db, signer)
  const before = await sealAt(db, from - 1, anchors)
  let head: Head = before === undefined ? genesis : { pos: from - 1, seal: before }
  for (;;) {
    const copied = await copiedOf(db, entries)
    for (const entry of entries) {
      head = entry.pos > head.pos + 1 ? overAnchors(anchors, head) : head
      const reason = faultOf(entry, head, signer) ?? (copied.has(entry.id) ? 'copied' : undefined)
      checked += 1
      const cause = reason === 'missing' ? await displaced(db, signer, { from: head.pos + 1, to: entry.pos - 1 }) : undefined
      if (reason) return { checked, broken: cause ?? { id: entry.id, reason }, end: head, lastId }
      head = { pos: entry.pos, seal: entry.seal }
      lastId = entry.id
      place = [entry.pos, entry.id]
    }
    if (entries.length < batchSize) return { checked, end: overAnchors(anchors, head), lastId }
    entries = await readBatch(db, place, to)
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

const isWhole = ({ from, to }: Period): boolean => from === undefined && to === undefined

/** The positions of a period; without one, all there are. */
const rangeOf = async (db: Knex, period: Period): Promise<Range | undefined> => {
  if (isWhole(period)) return { from: 1, to: Number.MAX_SAFE_INTEGER }
  const where = whereOf(period)
  const edge = async (pick: 'min' | 'max', order: 'asc' | 'desc'): Promise<number | null | undefined> => {
    const found: { rows: { pos: number | null }[] } = await db.raw(
      `select ${pick}(pos) as pos from (
         select pos from audit_entries
           join lateral (select s.pos from audit_seals s where s.at = audit_entries.at and s.id = audit_entries.id offset 0) s on true
         where ${where.sql} order by at ${order}, id ${order} limit ${margin}) near`,
      [...where.bindings])
    return found.rows[0]?.pos
  }
  const [from, to] = [await edge('min', 'asc'), await edge('max', 'desc')]
  return typeof from === 'number' && typeof to === 'number' ? { from, to } : undefined
}

/** Whether the chain goes as far as its head says. The head is read first: entries sealed since only make it longer. */
const endFault = async (db: Knex, signer: Signer, head: Head | 'missing' | 'forged', walk: Walk): Promise<Broken | undefined> => {
  if (head === 'forged' || (head === 'missing' && walk.end.pos > 0)) return { id: walk.lastId, reason: 'head' }
  if (head === 'missing') return undefined
  if (walk.end.pos < head.pos || (walk.end.pos === head.pos && walk.end.seal !== head.seal))
    return (await displaced(db, signer, { from: walk.end.pos + 1, to: head.pos })) ?? { id: walk.lastId, reason: 'cut' }
  const beyond: { rows: { id: string }[] } = await db.raw(
    `select id from ${sealedEntries} where pos > (select h.pos from audit_head h) order by pos limit 1`)
  return beyond.rows[0] && { id: beyond.rows[0].id, reason: 'inserted' }
}

/** The first fault of the chain in a period, or of everything: then also of the end of the chain. */
const chainFault = async (db: Knex, signer: Signer, period: Period): Promise<{ checked: number; broken?: Broken | undefined }> => {
  const head = await readHead(db, signer)
  const range = await rangeOf(db, period)
  if (!range) return { checked: 0 }
  const walk = await walkSealed(db, signer, range)
  const { checked, broken } = walk
  return { checked, broken: broken ?? (isWhole(period) ? await endFault(db, signer, head, walk) : undefined) }
}

/** Of entries without a seal, their writer's signature says that no one made them up. */
const openFault = async (db: Knex, signer: Signer, waiting: readonly Waiting[]): Promise<{ checked: number; broken?: Broken }> => {
  const copied = await copiedOf(db, waiting)
  for (const [index, entry] of waiting.entries()) {
    const reason = signer.verify({ kind: 'entry', entry }, entry.mac) ? (copied.has(entry.id) ? 'copied' : undefined) : 'edited'
    if (reason) return { checked: index + 1, broken: { id: entry.id, reason } }
  }
  return { checked: waiting.length }
}

const brokenVerdict = (checked: number, { id, reason }: Broken): Verdict =>
  ({ ok: false, checked, ...(id === null ? {} : { firstBroken: id }), reason })

export const verify = async (db: Knex, signer: Signer, period: Period = {}): Promise<Verdict> => {
  const chain = await chainFault(db, signer, period)
  if (chain.broken) return brokenVerdict(chain.checked, chain.broken)
  const waiting = await findUnsealed(db, whereOf(period), maxOpen)
  const open = isWhole(period) ? await openFault(db, signer, waiting) : { checked: 0 }
  const checked = chain.checked + open.checked
  if (open.broken) return brokenVerdict(checked, open.broken)
  // Entries that no one has sealed in time can be removed unseen: the log is not well then, though nothing is altered.
  const unsealed = waiting.filter(({ late }) => late).slice(0, 100).map(({ id }) => id)
  const [first] = unsealed
  return first === undefined ? { ok: true, checked } : { ok: false, checked, firstBroken: first, reason: 'unsealed', unsealed }
}

const verdictReply = object({
  ok: boolean().required(), checked: number().integer().required(), firstBroken: string().optional(), reason: string().optional(),
  unsealed: array().of(string().required()).optional(),
})

export const verifyOperation = (signer: Signer) => operation({
  event: 'audit-verify',
  about: 'Checks that no sealed entry of the audit log was changed',
  kind: 'query',
  access: { key: viewKey },
  input: object({ from: dayOrTime().optional(), to: dayOrTime().optional() }),
  output: verdictReply,
  async handle(call) {
    const faults = periodFaults(call.input, 'from', 'to')
    if (faults.length > 0) throw invalidPayload(faults)
    return { ...(await verify(call.db, signer, call.input)) }
  },
})
