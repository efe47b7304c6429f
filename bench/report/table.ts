// The table that is printed, one line for each operation and target.
import { round } from '../measure/figures.ts'
import type { Row } from './rows.ts'

const widths = [36, 9, 11, 22, 9, 9, 9, 9, 10, 10, 9] as const
const headings = ['operation', 'target', 'result', '', 'ratio', 'p50 ms', 'p95 ms', 'p99 ms', 'server', 'database', 'foreign']

const line = (cells: readonly string[]): string =>
  cells.map((cell, at) => (at === 0 || at === 1 || at === 3 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
    .join(' ').trimEnd()

export const heading =
  `${line(headings)}\n${line(headings.map((_, at) => (at === 8 || at === 9 ? 'CPU ms/1k' : at === 4 ? 'to limit' : '')))}`

const percent = (share: number | undefined): string => (share === undefined ? '–' : `${Math.round(share * 100)} %`)

export const lineOf = (row: Row): string => {
  const { title, target, result, unit, ratio, p50, p95, p99, serverCpu, databaseCpu, foreign, noisyWindows } = row
  if (row.failure !== undefined) return `${line([title.slice(0, widths[0]), target])} failed: ${row.failure}`
  const kept = row.bytesPerConnection === undefined ? '' : `  ${(row.bytesPerConnection / 1024).toFixed(1)} KB a connection`
  return line([title.slice(0, widths[0]), target, round(result), unit, round(ratio), round(p50), round(p95), round(p99), round(serverCpu),
    round(databaseCpu),
    `${percent(foreign)}${noisyWindows > 0 ? ' !' : ''}`]) + kept
}
