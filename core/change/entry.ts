// An entry of the feed, and how several changes of one row become one.
import { isTopic } from '../define/topics.ts'

export type ChangeAction = 'create' | 'update' | 'delete'

export interface Entry {
  readonly pos: number
  /** The last position before the relay's batch that it came with. */
  readonly batch: number
  readonly resource: string
  readonly id: string
  readonly action: ChangeAction
  readonly version: number
  readonly requestId: string | null
}

/** Internal entries are for caches; no client hears of them. */
export const isInternal = (entry: Entry): boolean => isTopic(entry.resource)

const merged = (first: ChangeAction, last: ChangeAction): ChangeAction => {
  if (last === 'delete') return 'delete'
  if (first === 'create') return 'create'
  return 'update'
}

/** One text for a row, whatever its resource. */
export const rowKey = ({ resource, id }: Pick<Entry, 'resource' | 'id'>): string => `${resource}/${id}`

/**
 * Only the last change of each row, in order. Create then update is a create, delete then create an update, anything then
 * delete a delete; a row that first appears here is a create whatever came between, since no one has heard of it.
 * A create is merged with what came in the same batch of the relay only: a client that was cut off in the middle then knows
 * from the feed whether it can have heard of the row.
 */
export const mergeEntries = (entries: readonly Entry[]): Entry[] => {
  const told: Entry[] = []
  const last = new Map<string, { readonly began: Entry; readonly entry: Entry }>()
  for (const entry of entries) {
    const key = rowKey(entry)
    const earlier = last.get(key)
    const stands = earlier?.began.action === 'create' && earlier.began.batch !== entry.batch
    if (earlier && stands) told.push(earlier.entry)
    const began = earlier && !stands ? earlier.began : entry
    last.set(key, { began, entry: { ...entry, action: merged(began.action, entry.action) } })
  }
  return [...told, ...[...last.values()].map(({ entry }) => entry)].toSorted((a, b) => a.pos - b.pos)
}
