// A live list as its users see it: states to look at, to wait for, to subscribe to, and changes that are shown before they are answered.
import type { CallOptions, Payload } from './calls.ts'
import { SovraneError, toSovraneError } from './errors.ts'
import { isSame, laidOver, sharing, type AnyRow, type LiveState, type LiveStatus, type Overlay } from './live-state.ts'
import { Cell, type Observable } from './observable.ts'
import { isPassing, nothing, Reading, type Moved, type ReadingOptions } from './reading.ts'
import { bound, deferred, later, type Deferred } from './time.ts'

/** `Update` is what `update` sends, `Updated` what answers it. */
export interface LiveList<Row = AnyRow, Update = Payload & AnyRow, Updated = Row>
  extends Observable<LiveState<Row>>, AsyncIterable<LiveState<Row>> {
  /** The next state; of a list that was not read yet the first one that was. From then on it is kept live until `close`. */
  next(options?: CallOptions): Promise<LiveState<Row>>
  /** The state once nothing is known that has not been read: equal to a fresh list. */
  settled(options?: CallOptions): Promise<LiveState<Row>>
  /** Changes a row: shown at once, and taken back when it is refused. @throws SovraneError */
  update(payload: Update, options?: CallOptions): Promise<Updated>
  /** Reads again, for what no change is told of. */
  refresh(): void
  close(): void
}

export interface LiveOptions extends ReadingOptions {
  /** The event of `update`; undefined: it has none. */
  readonly updating: string | undefined
  /** Enters the list among those that are told of changes. @returns what takes it out */
  enter(moved: Moved): () => void
}

/** Milliseconds. A list that no one looks at any longer is kept live for a moment: someone may look again at once. */
const linger = 1000
/** How long `next` and `settled` wait. */
const patience = 30_000

export class LiveQuery<Row extends AnyRow> implements LiveList<Row> {
  readonly #options: LiveOptions
  readonly #reading: Reading<Row>
  readonly #cell = new Cell<LiveState<Row>>({ status: 'loading', ...nothing })
  readonly #overlays = new Set<Overlay>()
  readonly #settlers = new Set<Deferred<LiveState<Row>>>()
  #leave: (() => void) | undefined
  #stopLinger = (): void => undefined
  #watchers = 0
  #isHeld = false
  #isClosed = false

  constructor(options: LiveOptions) {
    this.#options = options
    this.#reading = new Reading<Row>(options, () => this.#publish())
  }

  get current(): LiveState<Row> { return this.#cell.current }

  subscribe(listener: (state: LiveState<Row>) => void): () => void {
    const stop = this.#cell.subscribe(listener)
    this.#watchers += 1
    this.#wake()
    let isOver = false
    return () => {
      if (isOver) return
      isOver = true
      stop()
      this.#watchers -= 1
      if (this.#watchers === 0 && !this.#isHeld) this.#stopLinger = later(() => this.#sleep(), linger)
    }
  }

  async next(options?: CallOptions): Promise<LiveState<Row>> {
    this.#isHeld = true
    const found = deferred<LiveState<Row>>()
    const stop = this.subscribe((state) => void (state.status !== 'loading' && found.resolve(state)))
    try {
      return await this.#within(found.promise, options)
    } finally {
      stop()
    }
  }

  async settled(options?: CallOptions): Promise<LiveState<Row>> {
    this.#isHeld = true
    this.#wake()
    if (this.#isSettled) return this.current
    const found = deferred<LiveState<Row>>()
    this.#settlers.add(found)
    try {
      return await this.#within(found.promise, options)
    } finally {
      this.#settlers.delete(found)
    }
  }

  async* [Symbol.asyncIterator](): AsyncIterator<LiveState<Row>> {
    let seen: LiveState<Row> | undefined
    let wake = deferred<undefined>()
    const stop = this.subscribe(() => wake.resolve(undefined))
    try {
      while (!this.#isClosed) {
        const { current } = this
        // Of several states only the last is given.
        if (current !== seen && current.status !== 'loading') {
          seen = current
          yield current
        } else {
          await wake.promise
          wake = deferred()
        }
      }
    } finally {
      stop()
    }
  }

  async update(payload: Payload & AnyRow, options: CallOptions = {}): Promise<Row> {
    const { updating, call, moment } = this.#options
    if (updating === undefined) throw new Error('Rows of this list are changed by the update of their resource')
    const { id, ifVersion: _version, requestId: _request, ...fields } = payload
    const overlay: Overlay = { id, fields }
    this.#overlays.add(overlay)
    this.#publish()
    try {
      const row = await call(updating, payload, options)
      overlay.fields = { ...fields, ...row }
      overlay.answered = moment()
      return row as unknown as Row
    } catch (thrown) {
      this.#overlays.delete(overlay)
      // No one knows whether it was done.
      if (isPassing(toSovraneError(thrown))) this.refresh()
      throw thrown
    } finally {
      this.#publish()
    }
  }

  refresh(): void { this.#reading.dirty() }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#sleep()
    this.#publish()
  }

  get #isSettled(): boolean { return this.#isClosed || this.#reading.isSettled }

  get #status(): LiveStatus {
    const { isLoaded, isDoubtful, failures, error } = this.#reading
    if (this.#isClosed) return 'closed'
    if (error) return 'error'
    if (!isLoaded) return 'loading'
    if (!this.#options.isOnline()) return 'offline'
    return isDoubtful || failures > 0 ? 'stale' : 'live'
  }

  async #within<T>(work: Promise<T>, { signal, timeout = patience }: CallOptions = {}): Promise<T> {
    const { event } = this.#options
    const limit = bound(timeout, signal, () => new SovraneError('timeout', { message: 'The list had nothing new in time', event }))
    try {
      return await limit.race(work)
    } finally {
      limit.release()
    }
  }

  #wake(): void {
    this.#stopLinger()
    if (this.#isClosed) return
    this.#leave ??= this.#options.enter(this.#reading)
    this.#reading.wake()
  }

  #sleep(): void {
    this.#leave?.()
    this.#leave = undefined
    this.#reading.sleep()
  }

  #publish(): void {
    const { page: { items: read, page, limit, total, next }, answered, error } = this.#reading
    for (const overlay of this.#overlays) if (overlay.answered !== undefined && overlay.answered < answered) this.#overlays.delete(overlay)
    const before = this.current
    const items = sharing(before.items, laidOver(read, this.#overlays))
    const after: LiveState<Row> = { status: this.#status, items, total, page, limit, next, error }
    const isNew = items !== before.items || error !== before.error || !isSame({ ...before, items, error }, after)
    if (isNew) this.#cell.set(after)
    if (this.#isSettled) for (const settler of this.#settlers) settler.resolve(this.current)
  }
}
