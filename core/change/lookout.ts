// Hears of changed rights ahead of the feed: who was suspended is refused in a second, whatever holds the relay or the telling up.
import type { Knex } from 'knex'
import { coalesce, type CoalesceOptions, type Coalesced } from '../define/coalesce.ts'
import { readAhead } from './feed.ts'

export interface LookoutOptions extends Pick<CoalesceOptions, 'interval' | 'onTrouble'> {
  readonly knex: Knex
  /** The resources and internal topics whose changes may change rights. */
  readonly topics: readonly string[]
  /** The position up to which the feed was read. */
  readonly read: () => number
  /** Whether all that was committed until a moment ago has been read already: then there is nothing to look for. */
  readonly isCovered: () => boolean
  readonly onFound: (changes: readonly { readonly resource: string; readonly id: string }[] | 'many') => void
}

/** More than so many at once are everyone. */
const most = 5000

/** Reads feed and outbox in one snapshot: what moves from the one to the other is in exactly one of them. */
export const startLookout = ({ knex, topics, read, isCovered, onFound, ...rest }: LookoutOptions): Coalesced => {
  let seen: ReadonlySet<string> = new Set()
  return coalesce({
    ...rest,
    task: async () => {
      if (isCovered()) return false
      const found = await readAhead(knex, read(), topics, most)
      const fresh = found.filter(({ place }) => !seen.has(place))
      seen = new Set(found.map(({ place }) => place))
      if (found.length === most) onFound('many')
      else if (fresh.length > 0) onFound(fresh)
      return false
    },
  })
}
