// The chart of a run: for each operation the targets' ratios to limit, as bars on a logarithmic scale.
import { round } from '../measure/figures.ts'
import type { Row } from './rows.ts'

/** Pixels. */
const [left, plot, right, barHeight, gap, top] = [330, 500, 40, 12, 12, 46]
/** Ratios at the ends of the scale. */
const [least, most] = [0.02, 100]
const marks = [0.03, 0.1, 0.3, 1, 3, 10, 30]
const colours: Readonly<Record<string, string>> = { sovrane: '#2563eb', feathers: '#9ca3af' }

const across = (ratio: number): number => {
  const shown = Math.min(most, Math.max(least, ratio))
  return left + (Math.log(shown / least) / Math.log(most / least)) * plot
}

const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')

/** More is always better: where less is, the ratio is turned over. */
const gain = ({ ratio = Number.NaN, isLessBetter }: Row): number => (isLessBetter ? 1 / ratio : ratio)

const text = (x: number, y: number, words: string, anchor = 'start'): string =>
  `<text x="${x.toFixed(1)}" y="${y}" text-anchor="${anchor}">${escape(words)}</text>`

const box = (x: number, y: number, width: number, colour = ''): string =>
  `<rect x="${x.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="${barHeight - 2}" fill="${colour}"/>`

/** @returns an SVG document */
export const chartOf = (rows: readonly Row[], caption: string): string => {
  const operations = [...new Set(rows.map(({ operation }) => operation))]
  const parts: string[] = []
  let y = top
  for (const operation of operations) {
    const shown = rows.filter((row) => row.operation === operation && colours[row.target] !== undefined && Number.isFinite(gain(row)))
    const [first] = shown
    if (!first) continue
    parts.push(text(left - 10, y + (shown.length * barHeight) / 2 + 4, first.title, 'end'))
    for (const row of shown) {
      const [from, to] = [across(1), across(gain(row))].toSorted((a, b) => a - b) as [number, number]
      parts.push(box(from, y, Math.max(1, to - from), colours[row.target]))
      const isLess = gain(row) < 1
      parts.push(text(isLess ? from - 4 : to + 4, y + barHeight - 3, round(gain(row)), isLess ? 'end' : 'start'))
      y += barHeight
    }
    y += gap
  }
  const scale = marks.map((mark) => {
    const x = across(mark)
    const line = `<path d="M${x.toFixed(1)} ${top - 8}V${y}" stroke="${mark === 1 ? '#111827' : '#e5e7eb'}"/>`
    return line + text(x, top - 14, mark === 1 ? 'limit' : String(mark), 'middle')
  })
  const legend = Object.entries(colours).map(([target, colour], at) => {
    const x = left + at * 100
    return box(x, y + 8, barHeight - 2, colour) + text(x + 16, y + 17, target)
  })
  const [width, height] = [left + plot + right, y + 50]
  const style = 'font-family="system-ui, sans-serif" font-size="11" fill="#111827"'
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" ${style}>
<rect width="${width}" height="${height}" fill="#ffffff"/>
${text(left, 16, 'Speed as a multiple of that of limit, the leanest honest server; more is better')}
${[...scale, ...parts, ...legend, text(10, y + 38, caption)].join('\n')}
</svg>
`
}
