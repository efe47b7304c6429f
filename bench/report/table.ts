// The table that is printed, one line for each operation and target.
import { round } from '../measure/figures.ts'
import type { Row } from './rows.ts'

const percent = (share: number | undefined): string => (share === undefined ? '–' : `${Math.round(share * 100)} %`)

interface Column {
  readonly heading: string
  readonly below?: string
  readonly width: number
  readonly isText?: boolean
  readonly cell: (row: Row) => string
}

const columns: readonly Column[] = [
  { heading: 'operation', width: 38, isText: true, cell: ({ title }) => title },
  { heading: 'target', width: 8, isText: true, cell: ({ target }) => target },
  { heading: 'result', width: 8, cell: ({ result }) => round(result) },
  { heading: '', width: 21, isText: true, cell: ({ unit }) => unit },
  { heading: 'ratio', below: 'to limit', width: 9, cell: ({ ratio }) => round(ratio) },
  { heading: 'p50', below: 'ms', width: 7, cell: ({ p50 }) => round(p50) },
  { heading: 'p95', below: 'ms', width: 7, cell: ({ p95 }) => round(p95) },
  { heading: 'p99', below: 'ms', width: 7, cell: ({ p99 }) => round(p99) },
  { heading: 'server', below: 'CPU ms/1k', width: 9, cell: ({ serverCpu }) => round(serverCpu) },
  { heading: 'database', below: 'CPU ms/1k', width: 9, cell: ({ databaseCpu }) => round(databaseCpu) },
  { heading: 'CPU', below: 'x limit', width: 8, cell: ({ cpuRatio }) => round(cpuRatio) },
  { heading: 'foreign', width: 8, cell: ({ foreign, noisyWindows }) => `${percent(foreign)}${noisyWindows > 0 ? ' !' : ''}` },
]

const line = (cellOf: (column: Column) => string): string =>
  columns.map((column) => {
    const cell = cellOf(column)
    return column.isText === true ? cell.slice(0, column.width).padEnd(column.width) : cell.padStart(column.width)
  }).join(' ').trimEnd()

export const heading = `${line((column) => column.heading)}\n${line(({ below = '' }) => below)}`

export const lineOf = (row: Row): string =>
  (row.failure === undefined ? line(({ cell }) => cell(row)) : `${row.title}, ${row.target}: failed, ${row.failure}`)
