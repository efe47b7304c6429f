// The page of a live list, read again whenever something may have changed it: one reading at a time, and one waiting.
import type { CallOptions, Payload } from './calls.ts'
import { SovraneError, toSovraneError } from './errors.ts'
import { isPage, sharing, type AnyRow, type PageOfRows } from './live-state.ts'
import { backOff, later } from './time.ts'

/** What a client tells its lists. */
export interface Moved {
  /** Something may have changed it. @param since a moment since which reading holds the change; a list read after it need not read again */
  dirty(since?: number): void
  /** There is a connection: whatever was read over another is doubtful. */
  online(): void
  offline(): void
  /** What was read must no longer be shown as sure: rights have changed, or changes were missed. */
  doubt(): void
  /** Its session has ended. */
  forget(error: SovraneError): void
}

export interface ReadingOptions {
  /** The event that reads it, and what is asked. */
  readonly event: string
  readonly query: Payload
  readonly call: (event: string, payload: Payload, options: CallOptions) => Promise<Payload>
  /** Counts moments: what begins at a later one is answered later. */
  readonly moment: () => number
  readonly isOnline: () => boolean
}

/** Milliseconds between two readings: as long as the last one took, so that a list never takes more than half of what it can. */
const pause = { least: 20, most: 2000 }
/** A reading that is not answered. */
const patience = 30_000

export const nothing: PageOfRows<never> = { items: [], page: 1, limit: 0, total: 0 }

/** What may be different the next time, though nothing is done about it. */
export const isPassing = ({ code }: SovraneError): boolean =>
  ['offline', 'timeout', 'rate_limited', 'unavailable', 'internal', 'aborted'].includes(code)

export class Reading<Row extends AnyRow> implements Moved {
  page: PageOfRows<Row> = nothing
  isLoaded = false
  /** It was read before something that may have changed all of it. */
  isDoubtful = false
  error: SovraneError | undefined
  /** One after another. */
  failures = 0
  /** The moment at which the last reading began that was answered. */
  answered = 0
  readonly #options: ReadingOptions
  readonly #onChange: () => void
  #isAwake = false
  #isDirty = true
  #began = 0
  #reading: AbortController | undefined
  #notBefore = 0
  #stopTimer = (): void => undefined

  constructor(options: ReadingOptions, onChange: () => void) {
    this.#options = options
    this.#onChange = onChange
  }

  /** Nothing is known that has not been read. */
  get isSettled(): boolean {
    return this.#isAwake && !this.#isDirty && this.#reading === undefined && this.#options.isOnline()
  }

  get isAwake(): boolean { return this.#isAwake }

  wake(): void {
    if (this.#isAwake) return
    this.#isAwake = true
    // It was told of nothing meanwhile.
    this.doubt()
  }

  sleep(): void {
    this.#isAwake = false
    this.#stopTimer()
    this.#reading?.abort()
  }

  dirty(since?: number): void {
    if (since !== undefined && this.#began > since) return
    this.#isDirty = true
    this.#pump()
  }

  online(): void {
    this.failures = 0
    this.doubt()
  }

  offline(): void { this.#onChange() }

  doubt(): void {
    this.isDoubtful = this.isLoaded
    this.#isDirty = true
    this.#onChange()
    this.#pump()
  }

  forget(error: SovraneError): void {
    this.#reading?.abort()
    this.page = nothing
    this.isLoaded = false
    this.#isDirty = true
    this.error = error
    this.#onChange()
  }

  get #isDue(): boolean {
    return this.#isDirty && this.#reading === undefined && this.#isAwake && this.#options.isOnline()
  }

  #pump(): void {
    if (!this.#isDue) return
    this.#stopTimer()
    const read = (): void => void (this.#isDue && this.#read())
    // Someone waits for it before there is anything to see: a timer would come after the browser has painted that.
    if (!this.isLoaded && this.failures === 0) return queueMicrotask(read)
    // Not at once: what comes of the same message is read together.
    this.#stopTimer = later(read, this.#notBefore - performance.now())
  }

  async #read(): Promise<void> {
    const { event, query, call, moment } = this.#options
    const reading = new AbortController()
    const start = performance.now()
    const began = moment()
    this.#reading = reading
    this.#began = began
    this.#isDirty = false
    try {
      const reply = await call(event, query, { signal: reading.signal, timeout: patience })
      if (!isPage(reply)) throw new SovraneError('protocol', { message: `${event} does not answer a page`, event })
      if (reading.signal.aborted) throw new SovraneError('aborted', { event })
      this.#take(reply as unknown as PageOfRows<Row>, began)
    } catch (thrown) {
      this.#fail(toSovraneError(thrown, event), reading.signal.aborted)
    }
    this.#reading = undefined
    const took = Math.min(pause.most, Math.max(pause.least, performance.now() - start))
    this.#notBefore = performance.now() + (this.failures > 0 ? backOff(this.failures) : took)
    this.#onChange()
    this.#pump()
  }

  #take(page: PageOfRows<Row>, began: number): void {
    this.page = { ...page, items: sharing(this.page.items, page.items) }
    this.isLoaded = true
    // Something more may have happened while it was read.
    this.isDoubtful &&= this.#isDirty
    this.error = undefined
    this.failures = 0
    this.answered = began
  }

  #fail(error: SovraneError, isAborted: boolean): void {
    if (isAborted || isPassing(error)) {
      this.#isDirty = true
      if (!isAborted) this.failures += 1
      return
    }
    this.page = nothing
    this.isLoaded = true
    this.isDoubtful = false
    this.error = error
  }
}
