// What was read and still holds: rows by id, and totals. Dropped when the feed tells of a change, and at once by what this node commits.
import type { Row } from '../define/rights.ts'
import { resetTopic, resourceOfTopic } from '../define/topics.ts'
import type { Resource } from '../model/resource.ts'
import type { Noted } from './noted.ts'

export interface Cache {
  /** A row as it is in the database; `read` is asked when it is not known. Raw: what of it an actor may read is another matter. */
  row(resource: Resource, id: string, read: () => Promise<Row | undefined>): Promise<Row | undefined>
  /** A total by the statement that counts it. */
  total(resource: Resource, statement: string, count: () => Promise<number>): Promise<number>
  /** Drops what these changes make untrue. */
  forget(changes: Noted): void
}

export interface CacheOptions {
  /** Rows that are kept at most; 0: none. */
  readonly rows: number
  /** Whether each change of what the fields of a resource are kept in is told, so that its rows can be kept. */
  readonly isTold: (resource: Resource) => boolean
  /** Whether changes are heard at present. */
  readonly isHearing: () => boolean
}

const totals = 1000

/** Puts a value in a map that holds so many; the one that was put or used longest ago goes. */
const keep = <V>(map: Map<string, V>, key: string, value: V, most: number): void => {
  map.delete(key)
  map.set(key, value)
  if (map.size <= most) return
  const [oldest] = map.keys()
  if (oldest !== undefined) map.delete(oldest)
}

const keyOf = (resource: string, id: string): string => `${resource}/${id}`

/** Shared by all who ask for it: no one may change it for the others. */
const frozen = (row: Row | undefined): Row | undefined => row && Object.freeze(row)

/**
 * Reads of one thing at a time are one read. What is dropped while it is being read is not kept: the read may have begun before the
 * change.
 */
const share = <V>(map: Map<string, Promise<V>>, key: string, { read, most, isKept }: {
  readonly read: () => Promise<V>
  readonly most: number
  readonly isKept: (value: V) => boolean
}): Promise<V> => {
  const known = map.get(key)
  if (known) {
    keep(map, key, known, most)
    return known
  }
  const reading = read()
  keep(map, key, reading, most)
  const drop = (): void => {
    if (map.get(key) === reading) map.delete(key)
  }
  reading.then((value) => void (isKept(value) || drop()), drop)
  return reading
}

export const createCache = ({ rows: most, isTold, isHearing }: CacheOptions): Cache => {
  const rows = new Map<string, Promise<Row | undefined>>()
  const counts = new Map<string, Promise<number>>()
  const isOpen = (resource: Resource): boolean => most > 0 && isTold(resource) && isHearing()
  const forgetAll = (): void => rows.clear()
  return {
    row: (resource, id, read) =>
      (isOpen(resource) ? share(rows, keyOf(resource.name, id), { read: async () => frozen(await read()), most, isKept: (row) => row !== undefined }) : read()),
    // Which rows an actor may list hangs on other resources too, such as the tree of its scopes: any change ends all totals.
    total: (resource, statement, count) =>
      (isOpen(resource) ? share(counts, statement, { read: count, most: totals, isKept: () => true }) : count()),
    forget(changes) {
      if (changes.length > 0) counts.clear()
      if (changes === 'many') return forgetAll()
      for (const { resource, id } of changes) {
        if (resource === resetTopic) forgetAll()
        else rows.delete(keyOf(resourceOfTopic(resource), id))
      }
    },
  }
}
