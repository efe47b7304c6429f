// What was read and still holds: rows by id, totals, pages. Dropped when the feed tells of a change, or by what this node commits.
import type { Sql } from '../define/sql.ts'
import type { Row } from '../define/rights.ts'
import { resetTopic, resourceOfTopic } from '../define/topics.ts'
import type { Resource } from '../model/resource.ts'
import type { Noted } from './noted.ts'

export interface Cache {
  /** A row as it is in the database; `read` is asked when it is not known. Raw: what of it an actor may read is another matter. */
  row(resource: Resource, id: string, read: () => Promise<Row | undefined>): Promise<Row | undefined>
  /** What `read` finds out of all rows of some resources; `what` names it and says how it is read. */
  found<T>(of: readonly Resource[], what: readonly unknown[], read: () => Promise<T>): Promise<T>
  /** The same of a page of rows: few are kept, which many ask for at a time, such as first pages. */
  page(of: readonly Resource[], what: readonly unknown[], read: () => Promise<readonly Row[]>): Promise<readonly Row[]>
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

/** Findings of the same resources that are kept at most. */
const findings = 500
/** Rows of a page at most, one more than it shows: all pages hold no more rows than are kept by id. */
const pageSize = 101

/** Rows as they were counted, in one snapshot. */
export interface Counted {
  readonly total: number
  /** How many rows the table has, as the planner believes; negative where it knows nothing. */
  readonly size: number
  /** The position of the feed. */
  readonly pos: number
}

/** SQL that counts rows: a `Counted`. */
export const countSql = ({ table }: Resource, from: string, { sql }: Sql): string =>
  `select count(*) as total, (select pos from feed_state) as pos, (select reltuples::bigint from pg_class where oid = to_regclass('${table}')) as size
    from ${from} where ${sql}`

/** SQL: nothing has been written since that position, not even what no one has been told of. */
export const stillHolds = (pos: number): Sql =>
  ({ sql: '((select pos from feed_state) = ? and not exists (select 1 from outbox))', bindings: [pos] })

const keyOf = (resource: string, id: string): string => `${resource}/${id}`

/** Shared by all who ask for it: no one may change it for the others. */
const frozen = (row: Row | undefined): Row | undefined => row && Object.freeze(row)

/** So many values that were read; the one that was put or used longest ago goes. */
class Shelf {
  readonly #values = new Map<string, Promise<unknown>>()
  readonly #most: number

  constructor(most: number) {
    this.#most = most
  }

  /**
   * Reads of one thing at a time are one read. What is dropped while it is being read is not kept: the read may have begun before the
   * change. Nothing is kept where there is nothing.
   */
  take<V>(key: string, read: () => Promise<V>): Promise<V> {
    // What is kept under a key was read by the same reading.
    const known = this.#values.get(key) as Promise<V> | undefined
    if (known) {
      this.#put(key, known)
      return known
    }
    const reading = read()
    this.#put(key, reading)
    const drop = (): void => {
      if (this.#values.get(key) === reading) this.#values.delete(key)
    }
    reading.then((value) => void (value !== undefined || drop()), drop)
    return reading
  }

  delete(key: string): void {
    this.#values.delete(key)
  }

  keys(): Iterable<string> {
    return this.#values.keys()
  }

  clear(): void {
    this.#values.clear()
  }

  #put(key: string, value: Promise<unknown>): void {
    this.#values.delete(key)
    this.#values.set(key, value)
    if (this.#values.size <= this.#most) return
    const [oldest] = this.#values.keys()
    if (oldest !== undefined) this.#values.delete(oldest)
  }
}

export const createCache = ({ rows: most, isTold, isHearing }: CacheOptions): Cache => {
  const rows = new Shelf(most)
  /** By the names of the resources that they are about, on one line, and what they are. */
  const pages = new Shelf(Math.floor(most / pageSize))
  /** By the names of the resources that they are about. */
  const found = new Map<string, Shelf>()
  const isOpen = (resource: Resource): boolean => most > 0 && isTold(resource) && isHearing()
  const forgetAll = (): void => {
    rows.clear()
    pages.clear()
    found.clear()
  }
  const namesOf = (of: readonly Resource[]): string => [...new Set(of.map(({ name }) => name))].join(' ')
  const shelfOf = (names: string): Shelf => {
    const shelf = found.get(names) ?? new Shelf(findings)
    found.set(names, shelf)
    return shelf
  }
  return {
    row: (resource, id, read) =>
      (isOpen(resource) ? rows.take(keyOf(resource.name, id), async () => frozen(await read())) : read()),
    found: (of, what, read) =>
      (of.every(isOpen) ? shelfOf(namesOf(of)).take(JSON.stringify(what), read) : read()),
    page: (of, what, read) =>
      (of.every(isOpen) ? pages.take(`${namesOf(of)}\n${JSON.stringify(what)}`, async () => Object.freeze(await read())) : read()),
    forget(changes) {
      if (changes === 'many') return forgetAll()
      const changed = new Set(changes.map(({ resource }) => resourceOfTopic(resource)))
      const isAbout = (names: string): boolean => names.split(' ').some((name) => changed.has(name))
      for (const names of found.keys()) if (isAbout(names)) found.delete(names)
      for (const key of pages.keys()) if (isAbout(key.slice(0, key.indexOf('\n')))) pages.delete(key)
      for (const { resource, id } of changes) {
        if (resource === resetTopic) forgetAll()
        else rows.delete(keyOf(resourceOfTopic(resource), id))
      }
    },
  }
}
