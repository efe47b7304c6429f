// audit-verify: whether the log is still what was written, and if not, the first entry that is not.
import type { Knex } from 'knex'
import { object } from 'yup'
import { dayOrTime, invalidPayload, operation } from '../../core/define/index.ts'
import { columns, type Written } from './entry.ts'
import { readHead } from './head.ts'
import { rangeFaults, viewKey } from './log.ts'
import { endOf, startOf } from './page.ts'
import type { Signer } from './signature.ts'
import { lateEntries } from './unsealed.ts'
import { walkSealed, type Broken, type Range, type Walk } from './walk.ts'

export interface Period {
  /** ISO 8601, inclusive. */
  readonly from?: string | undefined
  readonly to?: string | undefined
}

export interface Verdict {
  readonly ok: boolean
  /** Entries looked at, the broken one included. */
  readonly checked: number
  /** The id of the first broken entry. */
  readonly firstBroken?: string
  readonly reason?: Broken['reason']
  /** The entries that have waited for their seal for more than 30 s, the oldest first; at most 100. */
  readonly unsealed?: readonly string[]
}

/** Entries around the ends of a period that may stand in another order than their times. */
const margin = 1000
/** Unsealed entries that a verdict names. */
const mostNamed = 100

const edge = async (db: Knex, period: Period, end: 'asc' | 'desc'): Promise<number | undefined> => {
  const tests = [['from', 'at >= ?::timestamptz'], ['to', 'at <= ?::timestamptz']] as const
  const used = tests.flatMap(([name, sql]) => (period[name] === undefined ? [] : [{ sql, value: name === 'from' ? startOf(period[name]) : endOf(period[name]) }]))
  const found: { rows: { pos: number | null }[] } = await db.raw(
    `select ${end === 'asc' ? 'min' : 'max'}(seal_pos) as pos from (
       select seal_pos from audit_entries where seal_pos is not null ${used.map(({ sql }) => `and ${sql}`).join(' ')} order by at ${end}, id ${end} limit ${margin}) near`,
    used.map(({ value }) => value))
  return found.rows[0]?.pos ?? undefined
}

/** The positions of a period; without one, all there are. */
const rangeOf = async (db: Knex, period: Period): Promise<Range | undefined> => {
  if (period.from === undefined && period.to === undefined) return { from: 1, to: Number.MAX_SAFE_INTEGER }
  const [from, to] = [await edge(db, period, 'asc'), await edge(db, period, 'desc')]
  return from === undefined || to === undefined ? undefined : { from, to }
}

/** Entries that wait for their seal: that nobody made them up, their writer's signature says. */
const walkOpen = async (db: Knex, signer: Signer): Promise<{ checked: number; broken?: Broken }> => {
  const found: { rows: Written[] } = await db.raw(`select ${columns} from audit_entries where seal_pos is null order by at, id limit 10000`)
  const forged = found.rows.findIndex((entry) => !signer.verify({ kind: 'entry', entry }, entry.mac))
  const entry = found.rows[forged]
  return entry ? { checked: forged + 1, broken: { id: entry.id, reason: 'edited' } } : { checked: found.rows.length }
}

/** Whether the chain goes as far as its head says. The head is read first: entries sealed since only make it longer. */
const endFault = async (db: Knex, head: Awaited<ReturnType<typeof readHead>>, walk: Walk): Promise<Broken | undefined> => {
  if (head === 'forged' || (head === 'missing' && walk.end.pos > 0)) return { id: walk.lastId, reason: 'head' }
  if (head === 'missing') return undefined
  if (walk.end.pos < head.pos || (walk.end.pos === head.pos && walk.end.seal !== head.seal)) return { id: walk.lastId, reason: 'cut' }
  const beyond: { rows: { id: string }[] } = await db.raw(
    'select e.id from audit_entries e join audit_head h on e.seal_pos > h.pos order by e.seal_pos limit 1')
  return beyond.rows[0] ? { id: beyond.rows[0].id, reason: 'inserted' } : undefined
}

const toVerdict = (checked: number, broken: Broken | undefined): Verdict =>
  broken ? { ok: false, checked, ...(broken.id === null ? {} : { firstBroken: broken.id }), reason: broken.reason } : { ok: true, checked }

/** What nobody has sealed in time can be removed unseen: that is not well, though nothing is altered. */
const withLate = async (db: Knex, { from, to }: Period, verdict: Verdict): Promise<Verdict> => {
  if (!verdict.ok) return verdict
  const late = await lateEntries(db, { from: from === undefined ? undefined : startOf(from), to: to === undefined ? undefined : endOf(to) }, mostNamed)
  const [first] = late
  return first === undefined ? verdict : { ok: false, checked: verdict.checked, firstBroken: first, reason: 'unsealed', unsealed: late }
}

/** Verifies a period, or everything: then also the end of the chain and what waits for its seal. */
export const verify = async (db: Knex, signer: Signer, period: Period = {}): Promise<Verdict> => {
  const head = await readHead(db, signer)
  const range = await rangeOf(db, period)
  const walk = range && await walkSealed(db, signer, range)
  const checked = walk?.checked ?? 0
  if (walk?.broken) return toVerdict(checked, walk.broken)
  if (!walk || period.from !== undefined || period.to !== undefined) return withLate(db, period, toVerdict(checked, undefined))
  const end = await endFault(db, head, walk)
  if (end) return toVerdict(checked, end)
  const open = await walkOpen(db, signer)
  return withLate(db, period, toVerdict(checked + open.checked, open.broken))
}

export const verifyOperation = (signer: Signer) => operation({
  event: 'audit-verify',
  kind: 'query',
  access: { key: viewKey },
  input: object({ from: dayOrTime().optional(), to: dayOrTime().optional() }),
  async handle(call) {
    const { from, to } = call.input
    const faults = rangeFaults({ path: 'from', value: from }, { path: 'to', value: to })
    if (faults.length > 0) throw invalidPayload(faults)
    return { ...(await verify(call.db, signer, { from, to })) }
  },
})
