// The rows of a result: medians over the windows, and ratios to limit.
import { median, percentile } from '../measure/figures.ts'
import { isNoisy } from '../measure/window.ts'
import type { Outcome } from '../run.ts'

export interface Row {
  readonly operation: string
  readonly title: string
  readonly target: string
  /** Of the result. */
  readonly unit: string
  readonly result: number
  /** The result in terms of limit's: of operations a second more is better, of times less. */
  readonly ratio: number | undefined
  /** Milliseconds. */
  readonly p50: number
  readonly p95: number
  readonly p99: number
  /** Milliseconds of processor time for 1,000 operations. */
  readonly serverCpu: number
  readonly databaseCpu: number | undefined
  readonly bytesPerConnection?: number
  /** Why it could not be measured to its end. */
  readonly failure?: string
  /** Of all processors, in the window that was disturbed most. */
  readonly foreign: number | undefined
  readonly noisyWindows: number
  readonly windows: number
}

const perSecond = 'per second'

const rowOf = ({ operation, target, windows, bytesPerConnection, failure }: Outcome): Row => {
  const of = (value: (window: Outcome['windows'][number]) => number): number => median(windows.map(value))
  const foreign = windows.flatMap((window) => (window.foreign === undefined ? [] : [window.foreign]))
  const hasDatabase = windows.every(({ databaseCpu }) => databaseCpu !== undefined)
  return {
    operation: operation.name, title: operation.title, target,
    unit: operation.unit ?? (operation.counts === undefined ? perSecond : `${operation.counts} ${perSecond}`),
    result: of(({ value, operations, elapsed }) => value ?? (operations / elapsed) * 1000),
    ratio: undefined,
    p50: of(({ latencies }) => percentile(latencies, 0.5)), p95: of(({ latencies }) => percentile(latencies, 0.95)),
    p99: of(({ latencies }) => percentile(latencies, 0.99)),
    serverCpu: of(({ serverCpu, operations }) => (serverCpu / operations) * 1000),
    databaseCpu: hasDatabase ? of(({ databaseCpu = Number.NaN, operations }) => (databaseCpu / operations) * 1000) : undefined,
    ...(bytesPerConnection === undefined ? {} : { bytesPerConnection }),
    ...(failure === undefined ? {} : { failure }),
    foreign: foreign.length === 0 ? undefined : Math.max(...foreign),
    noisyWindows: windows.filter(isNoisy).length, windows: windows.length,
  }
}

export const rowsOf = (outcomes: readonly Outcome[]): Row[] => {
  const rows = outcomes.map(rowOf)
  return rows.map((row) => {
    const base = rows.find(({ operation, target }) => operation === row.operation && target === 'limit')
    return { ...row, ratio: base && row.result / base.result }
  })
}
