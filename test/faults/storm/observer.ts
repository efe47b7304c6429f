// A client that shows: it reads everything once, then each row that it is told of, and everything again when it is told to.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Change, Fields, Observed, Row, Told } from './history.ts'
import { Line } from './line.ts'

const patience = 2500
const resources = ['site', 'department', 'user', 'group'] as const
/** The fields that are compared. */
const compared = ['label', 'name', 'lastName', 'siteId', 'parentId', 'departmentId'] as const

/** A row as it is compared, of a reply or of the database. */
export const rowOf = (source: Fields): Row => ({
  version: Number(source['version']),
  fields: Object.fromEntries(compared.flatMap((name) => (name in source ? [[name, source[name]]] : []))),
})

/** Whether a row is one that the storm makes or shares: the accounts of observers are none. */
export const concerns = (row: string): boolean => /^(?:\w+)\/(?:c\d|shared-)/.test(row)

export interface ObserverOptions {
  readonly name: string
  readonly urls: readonly string[]
  readonly first: number
  readonly token: string
  readonly readable: Observed['readable']
  /** Milliseconds after which it comes back elsewhere, without need. */
  readonly restless?: number
}

export class Observer {
  readonly told: Told[] = []
  readonly line: Line
  resyncs = 0
  readonly #options: ObserverOptions
  readonly #rows = new Map<string, Row>()
  readonly #stale: string[] = []
  readonly #older: string[] = []
  readonly #dirty = new Set<string>()
  readonly #versions = new Map<string, Change>()
  #cursor: { readonly epoch: string; readonly pos: number } | undefined
  #isUnread = true
  #isReading = false
  #isClosed = false

  constructor(options: ObserverOptions) {
    this.#options = options
    const auth = (): Fields => ({ token: options.token, ...(this.#cursor ? { since: this.#cursor } : {}) })
    this.line = new Line({ ...options, auth, onEvent: (event, payload) => this.#hear(event, payload) })
  }

  #hear(event: string, payload: Fields): void {
    if (event === 'session-expired') {
      this.#stale.push(`${this.#options.name} was told that the session has ended: ${String(payload['reason'])}`)
    } else if (event === 'session') {
      // The first is where it begins; of a later one it keeps its own cursor.
      this.#cursor ??= payload['feed'] as { epoch: string; pos: number }
    } else if (event === 'feed-resync') {
      const { epoch, pos } = payload as { epoch: string; pos: number }
      this.told.push({ kind: 'resync', epoch, pos })
      // Another history: what was told of the one before counts no more, nor that rows which were read meanwhile are older.
      if (epoch !== this.#cursor?.epoch) {
        this.#versions.clear()
        this.#older.length = 0
      }
      this.#cursor = { epoch, pos }
      this.resyncs += 1
      this.#isUnread = true
    } else if (event === 'rights-changed') {
      this.#isUnread = true
    } else if (event.endsWith('-changed')) {
      const { id, action, version, pos } = payload as { id: string; action: string; version: number; pos: number }
      const change: Change = { row: `${event.slice(0, -'-changed'.length)}/${id}`, action, version, pos }
      this.told.push({ kind: 'change', ...change })
      this.#cursor = { epoch: this.#cursor?.epoch ?? '', pos }
      this.#versions.set(change.row, change)
      if (concerns(change.row)) this.#dirty.add(change.row)
    }
  }

  async start(): Promise<void> {
    await this.line.open()
    void this.#keepReading()
    if (this.#options.restless !== undefined) void this.#wander(this.#options.restless)
  }

  async #wander(pause: number): Promise<void> {
    for (;;) {
      await sleep(pause)
      if (this.#isClosed) return
      if (this.line.isOpen) this.line.hop()
    }
  }

  async #keepReading(): Promise<void> {
    while (!this.#isClosed) {
      this.#isReading = true
      try {
        if (this.#isUnread) await this.#readAll()
        const rows = [...this.#dirty].slice(0, 10)
        await Promise.all(rows.map((row) => this.#readOne(row)))
        this.#isReading = this.#dirty.size > 0 || this.#isUnread
        await sleep(rows.length < 10 ? 100 : 0)
      } catch {
        // No connection, no answer, or none that counts: what was not read is still to be read.
        await sleep(100)
      }
    }
  }

  async #readAll(): Promise<void> {
    this.#isUnread = false
    try {
      const found = new Map<string, Row>()
      for (const resource of resources) {
        let after: unknown
        do {
          const page = await this.line.ask(`${resource}-list-request`, { limit: 100, ...(after === undefined ? {} : { after }) }, patience)
          if ('error' in page) throw new Error('not read')
          for (const item of page['items'] as Fields[]) found.set(`${resource}/${String(item['id'])}`, rowOf(item))
          after = page['next']
        } while (after !== undefined)
      }
      this.#rows.clear()
      for (const [row, value] of found) if (concerns(row)) this.#rows.set(row, value)
    } catch (error) {
      this.#isUnread = true
      throw error
    }
  }

  async #readOne(row: string): Promise<void> {
    const [known, epoch] = [this.#versions.get(row), this.#cursor?.epoch]
    this.#dirty.delete(row)
    const [resource = '', id = ''] = row.split('/')
    try {
      const reply = await this.line.ask(`${resource}-get`, { id }, patience)
      const code = (reply['error'] as Fields | undefined)?.['code']
      if (code === 'not_found' || code === 'forbidden') return void this.#rows.delete(row)
      if (code !== undefined) throw new Error('not read')
      const read = rowOf(reply)
      if (known && read.version < known.version && epoch === this.#cursor?.epoch)
        this.#older.push(`${this.#options.name} read ${row} ${read.version}, told of ${known.version} before`)
      this.#rows.set(row, read)
    } catch (error) {
      this.#dirty.add(row)
      throw error
    }
  }

  /** Whether it was told of this row, or to read everything after `pos`, and has read all that it was told of. */
  hasCaughtUp(row: string, pos: number): boolean {
    const isTold = this.#versions.has(row) || this.told.some((one) => one.kind === 'resync' && one.pos >= pos)
    return isTold && this.#dirty.size === 0 && !this.#isUnread && !this.#isReading
  }

  get observed(): Observed {
    const { name, readable } = this.#options
    return { name, readable, told: this.told, rows: this.#rows, stale: [...this.#stale, ...this.#older] }
  }

  close(): void {
    this.#isClosed = true
    this.line.close()
  }
}
