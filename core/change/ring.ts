// The last entries of the feed, in this node's memory: what a client has missed is told from here, and the database is asked nothing.
import type { Entry } from './entry.ts'

export interface RingBounds {
  readonly entries: number
  /** As `weigh` has it. */
  readonly bytes: number
}

export interface Ring {
  /** From this position on all entries are here; no batch of the relay is cut by it. */
  readonly floor: number
  /** The last position that was read. */
  readonly head: number
  readonly entries: number
  readonly bytes: number
  /** What was read next of the feed. */
  add(entries: readonly Entry[]): void
  /** The database no longer keeps positions up to here. */
  forget(upto: number): void
  /** At most so many entries after a position that is not below the floor. */
  after(pos: number, most: number): readonly Entry[]
}

/** How much a node keeps. Source: docs/architecture.md. */
export const ringBounds: RingBounds = { entries: 20_000, bytes: 4_194_304 }

/** What an entry takes in memory, never less than measured: its object, its place in the list and the heads of two texts; and the texts. */
export const weigh = ({ id, requestId }: Pick<Entry, 'id' | 'requestId'>): number =>
  144 + Buffer.byteLength(id) + (requestId === null ? 0 : Buffer.byteLength(requestId))

/** `start`: the position after which the first entry comes. */
export const createRing = (start: number, most: RingBounds = ringBounds): Ring => {
  // Those before `first` are gone; they are moved away now and then, not one by one.
  let kept: Entry[] = []
  let first = 0
  let bytes = 0
  let head = start
  // A driver makes new texts for each row; these are few, and are kept once.
  const names = new Map<string, string>()

  const nameOf = (resource: string): string => {
    const known = names.get(resource)
    if (known === undefined) names.set(resource, resource)
    return known ?? resource
  }

  const drop = (): void => {
    const gone = kept[first]
    if (gone) bytes -= weigh(gone)
    first += 1
  }

  /** Ends at the beginning of a batch: of a cursor within one, all that was merged with it must be here. */
  const dropWhile = (isTooMuch: (oldest: Entry) => boolean): void => {
    for (let oldest = kept[first]; oldest && (isTooMuch(oldest) || oldest.batch < oldest.pos - 1); oldest = kept[first]) drop()
    if (first * 2 <= kept.length) return
    kept = kept.slice(first)
    first = 0
  }

  const floor = (): number => {
    const oldest = kept[first]
    return oldest ? oldest.pos - 1 : head
  }

  return {
    get floor() {
      return floor()
    },
    get head() {
      return head
    },
    get entries() {
      return kept.length - first
    },
    get bytes() {
      return bytes
    },
    add(entries) {
      for (const { pos, batch, resource, id, action, version, requestId } of entries) {
        // Positions are given out without a hole. Where there is one, nothing is known of what was there.
        if (pos !== head + 1) [kept, first, bytes] = [[], 0, 0]
        const entry: Entry = { pos, batch, resource: nameOf(resource), id, action, version, requestId }
        kept.push(entry)
        bytes += weigh(entry)
        head = pos
      }
      dropWhile(() => kept.length - first > most.entries || bytes > most.bytes)
    },
    forget: (upto) => dropWhile(({ pos }) => pos <= upto),
    after(pos, limit) {
      const from = first + Math.max(0, pos - floor())
      return kept.slice(from, from + limit)
    },
  }
}
