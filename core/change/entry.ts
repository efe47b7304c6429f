// An entry of the feed, and how several changes of one row become one.

export type ChangeAction = 'create' | 'update' | 'delete'

export interface Entry {
  readonly pos: number
  readonly resource: string
  readonly id: string
  readonly action: ChangeAction
  readonly version: number
  readonly requestId: string | null
}

/** The internal topic of a change to an actor's rights or sessions that is no change of his row; its id is the actor's. */
export const rightsTopic = '~rights'

/** Internal entries are for caches; no client hears of them. */
export const isInternal = (entry: Entry): boolean => entry.resource.startsWith('~')

const merged = (first: ChangeAction, last: ChangeAction): ChangeAction => {
  if (last === 'delete') return 'delete'
  if (first === 'create') return 'create'
  return 'update'
}

/** Only the last change of each row, in order. Create then update is a create, delete then create an update. */
export const mergeEntries = (entries: readonly Entry[]): Entry[] => {
  const last = new Map<string, Entry>()
  for (const entry of entries) {
    const key = `${entry.resource}/${entry.id}`
    const earlier = last.get(key)
    // Deleting first keeps the map in the order of the last changes.
    last.delete(key)
    last.set(key, earlier ? { ...entry, action: merged(earlier.action, entry.action) } : entry)
  }
  return [...last.values()]
}
