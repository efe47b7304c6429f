// Rows by their ids: kept as long as the feed says nothing else, read together where several are asked for at once, and never older than
// what a mutation of this client has answered.
import type { Abouts } from './about.ts'
import type { CallOptions, Calls, Outcome, Payload } from './calls.ts'
import type { Change } from './changes.ts'
import { SovraneError, toSovraneError } from './errors.ts'
import { isPage } from './live-state.ts'
import { isReading } from './names.ts'
import { bound, deferred, later, type Deferred } from './time.ts'

export interface Rows {
  /** @throws SovraneError as a single get is answered */
  get(resource: string, id: string, options?: CallOptions): Promise<Payload>
  heard(change: Change): void
  answered(outcome: Outcome): void
  /** Nothing that was read is sure any longer. */
  clear(): void
}

export interface RowsOptions {
  readonly call: Calls['call']
  readonly abouts: Abouts
  readonly isOnline: () => boolean
  /** Rows that are kept at most; 0: none. */
  readonly most: number
  /** Milliseconds that a call may take. */
  readonly timeout: number
}

/** Ids in one list at most. Source: docs/protocol.md §3.2. */
const mostIds = 100
/** Milliseconds after which a row is read again, for the few fields of whose changes no one is told. */
const longest = 60_000
/** A node that has not yet heard of what another has written is asked so often again, after twice as many milliseconds each time. */
const repeats = { most: 6, first: 50 }

interface Kept {
  readonly row: Payload
  readonly at: number
}

interface Asked {
  readonly resource: string
  readonly id: string
  readonly found: Deferred<Payload>
  /** Nothing was heard of the row since it was asked for. */
  isSure: boolean
}

/** So many entries; the one that was used longest ago goes. */
class Shelf<V> {
  readonly #values = new Map<string, V>()
  readonly #most: number

  constructor(most: number) { this.#most = most }

  get(key: string): V | undefined {
    const value = this.#values.get(key)
    if (value !== undefined) this.set(key, value)
    return value
  }

  set(key: string, value: V): void {
    this.#values.delete(key)
    this.#values.set(key, value)
    const [oldest] = this.#values.keys()
    if (this.#values.size > this.#most && oldest !== undefined) this.#values.delete(oldest)
  }

  delete(key: string): void { this.#values.delete(key) }
  clear(): void { this.#values.clear() }
  keys(): Iterable<string> { return this.#values.keys() }
}

const keyOf = (resource: string, id: string): string => `${resource}/${id}`
const versionOf = ({ version }: Payload): number => (typeof version === 'number' ? version : 0)
const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => void later(resolve, milliseconds))

export const createRows = ({ call, abouts, isOnline, most, timeout }: RowsOptions): Rows => {
  const kept = new Shelf<Kept>(most)
  /** The least version that a row may have: one that a mutation of this client has answered. */
  const floors = new Shelf<number>(1000)
  /** The last version of which was heard. */
  const told = new Shelf<number>(1000)
  const asked = new Map<string, Asked>()
  let queue: Asked[] = []

  /** What is being read may be older than what is now known. */
  const touch = (key: string): void => {
    kept.delete(key)
    const reading = asked.get(key)
    if (reading) reading.isSure = false
    asked.delete(key)
  }

  /** A row as a single get answers it; again where it is older than it may be. */
  const single = async (resource: string, id: string): Promise<Payload> => {
    const key = keyOf(resource, id)
    for (let times = 0; ; times += 1) {
      const isLast = times === repeats.most
      try {
        const row = await call(`${resource}-get`, { id })
        if (isLast || versionOf(row) >= (floors.get(key) ?? 0)) return row
      } catch (thrown) {
        if (isLast || !floors.get(key) || toSovraneError(thrown).code !== 'not_found') throw thrown
      }
      await pause(repeats.first * 2 ** times)
    }
  }

  const settle = (one: Asked, row: Payload): void => {
    const key = keyOf(one.resource, one.id)
    if (asked.get(key) === one) asked.delete(key)
    if (one.isSure && most > 0 && abouts.of(one.resource)) kept.set(key, { row: Object.freeze(row), at: performance.now() })
    one.found.resolve(row)
  }

  const alone = (one: Asked): void => void single(one.resource, one.id).then((row) => settle(one, row), (error: unknown) => {
    const key = keyOf(one.resource, one.id)
    if (asked.get(key) === one) asked.delete(key)
    one.found.reject(error)
  })

  /** Those that a list holds; what is missing in it, a single get answers. */
  const together = async (resource: string, all: readonly Asked[]): Promise<void> => {
    const query = { filter: { id: { in: all.map(({ id }) => id) } }, limit: all.length }
    const page = await call(`${resource}-list-request`, query).catch(() => undefined)
    const found = new Map((isPage(page) ? page.items : []).map((row) => [row.id, row as Payload]))
    for (const one of all) {
      const row = found.get(one.id)
      if (row && versionOf(row) >= (floors.get(keyOf(resource, one.id)) ?? 0)) settle(one, row)
      else alone(one)
    }
  }

  const read = async (resource: string, all: readonly Asked[]): Promise<void> => {
    if (all.length === 1 || !(await abouts.learn(resource))?.alike) return all.forEach(alone)
    for (let at = 0; at < all.length; at += mostIds) void together(resource, all.slice(at, at + mostIds))
  }

  const flush = (): void => {
    const all = queue
    queue = []
    for (const resource of new Set(all.map((one) => one.resource))) void read(resource, all.filter((one) => one.resource === resource))
  }

  const ask = (resource: string, id: string): Asked => {
    const key = keyOf(resource, id)
    const known = asked.get(key)
    if (known) return known
    const one: Asked = { resource, id, found: deferred(), isSure: isOnline() }
    asked.set(key, one)
    if (queue.push(one) === 1) queueMicrotask(flush)
    return one
  }

  return {
    async get(resource, id, { signal, timeout: own = timeout } = {}) {
      const found = kept.get(keyOf(resource, id))
      if (found && performance.now() - found.at < longest && !signal?.aborted) return found.row
      const event = `${resource}-get`
      const limit = bound(own, signal, () => new SovraneError('timeout', { message: `${event} was not answered in time`, event }))
      try {
        return await limit.race(ask(resource, id).found.promise)
      } finally {
        limit.release()
      }
    },
    heard({ resource, id, action, version }) {
      const key = keyOf(resource, id)
      told.set(key, version)
      if ((floors.get(key) ?? Infinity) <= version || action === 'delete') floors.delete(key)
      const now = kept.get(key)
      if (!now || versionOf(now.row) < version || action === 'delete') touch(key)
      // Who may read a row may hang on others.
      for (const other of [...kept.keys(), ...asked.keys()]) {
        const [name = ''] = other.split('/')
        if (name !== resource && (abouts.of(name)?.about.has(resource) ?? true)) touch(other)
      }
    },
    answered(outcome) {
      const { event, payload, reply } = outcome
      const several: unknown = reply?.['items']
      if (event.endsWith('-many') && Array.isArray(several)) {
        for (const each of several as Payload[]) this.answered({ ...outcome, event: event.slice(0, -'-many'.length), reply: each })
        return
      }
      const id = reply?.['id'] ?? payload['id']
      if (!reply || typeof id !== 'string' || isReading(event)) return
      // The row is of the resource with whose name the event begins, however many words that has.
      const words = event.split('-')
      for (let count = 1; count < words.length; count += 1) {
        const resource = words.slice(0, count).join('-')
        const [key, work, version] = [keyOf(resource, id), words.slice(count).join('-'), versionOf(reply)]
        touch(key)
        if (work === 'delete') floors.delete(key)
        else if (version > 0) floors.set(key, version)
        if (!['create', 'update'].includes(work) || version === 0 || version < (told.get(key) ?? 0)) continue
        if (abouts.of(resource) && isOnline() && most > 0) kept.set(key, { row: Object.freeze(reply), at: performance.now() })
      }
    },
    clear() {
      kept.clear()
      for (const one of asked.values()) one.isSure = false
      asked.clear()
    },
  }
}
