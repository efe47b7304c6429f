// The rows of a result: medians over the windows, and ratios to limit.
import { median, percentile } from '../measure/figures.ts'
import { isNoisy, type Measured } from '../measure/window.ts'
import type { Outcome } from '../run.ts'

export interface Row {
  readonly operation: string
  readonly title: string
  readonly target: string
  /** Of the result. */
  readonly unit: string
  readonly result: number
  /** The result in terms of limit's, window by window. */
  readonly ratio: number | undefined
  /** Whether less of it is better: of times and memory. */
  readonly isLessBetter: boolean
  /** Milliseconds. */
  readonly p50: number
  readonly p95: number
  readonly p99: number
  /** Milliseconds of processor time for 1,000 operations. */
  readonly serverCpu: number | undefined
  readonly databaseCpu: number | undefined
  /** Both together in terms of limit's: how much dearer an operation is. */
  readonly cpuRatio: number | undefined
  /** Why it could not be measured to its end. */
  readonly failure?: string
  /** Of all processors, in the window that was disturbed most. */
  readonly foreign: number | undefined
  readonly noisyWindows: number
  readonly windows: number
}

const perSecond = 'per second'

const resultOf = ({ value, operations, elapsed }: Measured): number => value ?? (operations / elapsed) * 1000

const rowOf = ({ operation, target, windows, failure }: Outcome): Row => {
  const of = (value: (window: Measured) => number): number => median(windows.map(value))
  const foreign = windows.flatMap((window) => (window.foreign === undefined ? [] : [window.foreign]))
  const hasCosts = operation.withoutCosts !== true
  const hasDatabase = windows.every(({ databaseCpu }) => databaseCpu !== undefined)
  return {
    operation: operation.name, title: operation.title, target,
    unit: operation.unit ?? (operation.counts === undefined ? perSecond : `${operation.counts} ${perSecond}`),
    result: of(resultOf),
    ratio: undefined, isLessBetter: operation.unit !== undefined,
    p50: of(({ latencies }) => percentile(latencies, 0.5)), p95: of(({ latencies }) => percentile(latencies, 0.95)),
    p99: of(({ latencies }) => percentile(latencies, 0.99)),
    serverCpu: hasCosts ? of(({ serverCpu, operations }) => (serverCpu / operations) * 1000) : undefined,
    cpuRatio: undefined,
    databaseCpu: hasCosts && hasDatabase
      ? of(({ databaseCpu = Number.NaN, operations }) => (databaseCpu / operations) * 1000) : undefined,
    ...(failure === undefined ? {} : { failure }),
    foreign: foreign.length === 0 ? undefined : Math.max(...foreign),
    noisyWindows: windows.filter(isNoisy).length, windows: windows.length,
  }
}

const cpuOf = ({ serverCpu, databaseCpu = 0 }: Row): number => (serverCpu ?? Number.NaN) + databaseCpu

/** Of windows that stood side by side, so that what disturbs one disturbs the other too. */
const ratioOf = (windows: readonly Measured[], base: readonly Measured[]): number =>
  median(windows.flatMap((window, round) => {
    const beside = base[round]
    return beside ? [resultOf(window) / resultOf(beside)] : []
  }))

/** The rows of one operation. */
export const rowsOf = (outcomes: readonly Outcome[]): Row[] => {
  const base = outcomes.find(({ target }) => target === 'limit')
  const baseRow = base && rowOf(base)
  return outcomes.map((outcome) => {
    const row = rowOf(outcome)
    return base && baseRow ? { ...row, ratio: ratioOf(outcome.windows, base.windows), cpuRatio: cpuOf(row) / cpuOf(baseRow) } : row
  })
}
