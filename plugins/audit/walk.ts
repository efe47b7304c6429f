// Walks the chain of seals in order and stops at the first entry that is not as it was written.
import type { Knex } from 'knex'
import { columns, type Sealed } from './entry.ts'
import { readAnchors } from './head.ts'
import { genesis, type Anchor, type Head, type Signer } from './signature.ts'

export type Reason =
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

export interface Walk {
  readonly checked: number
  readonly broken?: Broken
  /** The last position, and its seal. */
  readonly end: Head
  readonly lastId: string | null
}

const batch = 1000

/** Over the anchors, as far as they go on from here without a gap. */
const overAnchors = (anchors: readonly Anchor[], from: Head): Head => {
  let head = from
  for (const anchor of anchors) if (anchor.from === head.pos + 1 && anchor.before === head.seal) head = { pos: anchor.to, seal: anchor.seal }
  return head
}

const fault = (entry: Sealed, previous: Head, signer: Signer): Reason | undefined => {
  if (entry.pos <= previous.pos) return 'inserted'
  if (entry.pos > previous.pos + 1) return 'missing'
  if (!signer.verify({ kind: 'entry', entry }, entry.mac)) return 'edited'
  return signer.verify({ kind: 'seal', pos: entry.pos, previous: previous.seal, entry }, entry.seal) ? undefined : 'resealed'
}

/** The first of some entries whose id another one has too. */
const firstCopied = async (db: Knex, entries: readonly Sealed[]): Promise<string | undefined> => {
  const found: { rows: { id: string }[] } = await db.raw('select id from audit_entries where id = any(?::text[]) group by id having count(*) > 1', [entries.map(({ id }) => id)])
  const copied = new Set(found.rows.map(({ id }) => id))
  return entries.find(({ id }) => copied.has(id))?.id
}

const readBatch = async (db: Knex, after: readonly [number, string], to: number): Promise<Sealed[]> => {
  const found: { rows: Sealed[] } = await db.raw(
    `select ${columns}, seal_pos as pos, seal from audit_entries where (seal_pos, id) > (?, ?) and seal_pos <= ? order by seal_pos, id limit ${batch}`,
    [...after, to])
  return found.rows
}

/** The seal before a position, as it stands: of the entry there, of an anchor, or none before the first. */
const headBefore = async (db: Knex, from: number, anchors: readonly Anchor[]): Promise<Head> => {
  const found: { rows: { seal: string | null }[] } = await db.raw('select seal from audit_entries where seal_pos = ? limit 1', [from - 1])
  const seal = found.rows[0]?.seal ?? anchors.find(({ to }) => to === from - 1)?.seal
  return seal === undefined ? { pos: 0, seal: genesis } : { pos: from - 1, seal }
}

/** Checks the sealed entries of a range of positions. Many short statements: it may take minutes, and locks nobody out. */
export const walkSealed = async (db: Knex, signer: Signer, { from, to }: Range): Promise<Walk> => {
  const anchors = await readAnchors(db, signer)
  let head = await headBefore(db, from, anchors)
  let [checked, lastId, place]: [number, string | null, readonly [number, string]] = [0, null, [from === 1 ? Number.MIN_SAFE_INTEGER : from, '']]
  for (;;) {
    const entries = await readBatch(db, place, to)
    const copied = await firstCopied(db, entries)
    for (const entry of entries) {
      head = entry.pos > head.pos + 1 ? overAnchors(anchors, head) : head
      const reason = fault(entry, head, signer) ?? (entry.id === copied ? 'copied' : undefined)
      checked += 1
      if (reason) return { checked, broken: { id: entry.id, reason }, end: head, lastId }
      // `fault` has compared it with a signature of ours.
      head = { pos: entry.pos, seal: entry.seal ?? genesis }
      lastId = entry.id
      place = [entry.pos, entry.id]
    }
    if (entries.length < batch) return { checked, end: overAnchors(anchors, head), lastId }
  }
}
