// A run as a table in Markdown, for docs/performance.md: one line an operation, the targets side by side.
import { round } from '../measure/figures.ts'
import type { Row } from './rows.ts'

const cells = (values: readonly string[]): string => `| ${values.join(' | ')} |`

const costs = (row: Row | undefined): string =>
  (row?.serverCpu === undefined ? '–' : `${round(row.serverCpu)} + ${round(row.databaseCpu)}`)

const times = (row: Row | undefined): string => (row === undefined ? '–' : [row.p50, row.p95, row.p99].map(round).join(' / '))

const heads = [
  'operation', 'limit', 'Feathers, ratio', 'Sovrane, ratio', 'Sovrane, CPU × limit', 'Sovrane, p50 / p95 / p99 in ms',
  'server + database, CPU ms/1k: Sovrane', 'limit', 'foreign',
]

/** @returns lines of Markdown; ratios of times and memory are better when they are small, of everything else when they are large */
export const markdownOf = (rows: readonly Row[]): string => {
  const operations = [...new Set(rows.map(({ operation }) => operation))]
  const lines = operations.map((operation) => {
    const of = (target: string): Row | undefined => rows.find((row) => row.operation === operation && row.target === target)
    const [limit, feathers, sovrane] = ['limit', 'feathers', 'sovrane'].map(of)
    const foreign = Math.max(...rows.filter((row) => row.operation === operation).map((row) => row.foreign ?? 0))
    return cells([
      (limit ?? sovrane)?.title ?? operation, limit ? `${round(limit.result)} ${limit.unit}` : '–', round(feathers?.ratio),
      `**${round(sovrane?.ratio)}**`, round(sovrane?.cpuRatio), times(sovrane), costs(sovrane), costs(limit),
      `${Math.round(foreign * 100)} %`,
    ])
  })
  return `${[cells(heads), cells(heads.map((_head, index) => (index === 0 ? '---' : '--:'))), ...lines].join('\n')}\n`
}
