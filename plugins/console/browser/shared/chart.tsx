// A line or bars over days: drawn by uPlot in the colours of the page, and as a table for those who do not see it.
import { useEffect, useRef, useState } from 'preact/hooks'
import uPlot from 'uplot'
import { number } from '../app/format.ts'
import { theme } from '../app/theme.ts'
import { language } from '../texts/texts.ts'
import { ta } from '../texts/administration/texts.ts'

export interface Point {
  readonly at: Date
  readonly count: number
}

/** Pixels. */
const height = 170
/** Between the lines behind it: what is counted is whole. */
const steps = [1, 2, 5].flatMap((step) => [0, 1, 2, 3, 4, 5, 6].map((power) => step * 10 ** power)).toSorted((a, b) => a - b)
/** Seconds. */
const halfDay = 43_200

const dayOf = (date: Date): string =>
  new Intl.DateTimeFormat(language.value, { day: 'numeric', month: 'short', timeZone: 'UTC' }).format(date)

const colour = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim()

const optionsOf = (kind: 'line' | 'bars', width: number, onPoint: (index: number | null) => void): uPlot.Options => {
  const [ink, line, main, tint] = [colour('--soft'), colour('--line'), colour('--main'), colour('--tint')]
  const axis = { stroke: ink, grid: { stroke: line, width: 1 }, ticks: { show: false }, font: '12px system-ui, sans-serif' }
  return {
    width, height,
    legend: { show: false },
    cursor: { y: false, points: { show: kind === 'line' }, drag: { x: false, y: false } },
    // Days are of UTC, wherever one is.
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'UTC'),
    // A bar is as wide as its day.
    scales: {
      x: { range: (_chart, least, most) => (kind === 'bars' ? [least - halfDay, most + halfDay] : [least, most]) },
      y: { range: (_chart, _least, most) => [0, Math.max(4, most * 1.1)] },
    },
    axes: [
      {
        ...axis, size: 26, grid: { show: false }, space: 64,
        values: (_chart, ticks) => ticks.map((seconds) => dayOf(new Date(seconds * 1000))),
      },
      {
        ...axis, size: 44, incrs: steps,
        values: (_chart, ticks) => ticks.map((value) => (Number.isInteger(value) ? number(value) : '')),
      },
    ],
    series: [
      {},
      {
        stroke: main, fill: kind === 'bars' ? main : tint, width: kind === 'bars' ? 0 : 2, points: { show: false },
        ...(kind === 'bars' && uPlot.paths.bars ? { paths: uPlot.paths.bars({ size: [0.6, 40], radius: 0.2 }) } : {}),
      },
    ],
    hooks: { setCursor: [(chart) => onPoint(chart.cursor.idx ?? null)] },
  }
}

export const Chart = ({ title, kind, points }: {
  readonly title: string
  readonly kind: 'line' | 'bars'
  readonly points: readonly Point[]
}) => {
  const place = useRef<HTMLDivElement>(null)
  const [index, setIndex] = useState<number | null>(null)
  const [scheme, setScheme] = useState(0)
  useEffect(() => {
    const media = matchMedia('(prefers-color-scheme: dark)')
    const change = (): void => setScheme((now) => now + 1)
    media.addEventListener('change', change)
    return () => media.removeEventListener('change', change)
  }, [])
  useEffect(() => {
    const element = place.current
    if (!element) return
    const data: uPlot.AlignedData = [points.map(({ at }) => at.valueOf() / 1000), points.map(({ count }) => count)]
    const chart = new uPlot(optionsOf(kind, element.clientWidth, setIndex), data, element)
    const watch = new ResizeObserver(() => chart.setSize({ width: element.clientWidth, height }))
    watch.observe(element)
    return () => {
      watch.disconnect()
      chart.destroy()
    }
  }, [JSON.stringify(points), kind, theme.value, scheme, language.value])
  const told = points[index ?? points.length - 1]
  return (
    <figure class="card chart">
      <figcaption>
        <h2>{title}</h2>
        <p>
          <b>{told ? number(told.count) : ''}</b> <small>{told && dayOf(told.at)}</small>
        </p>
      </figcaption>
      <div class="plot" ref={place} aria-hidden="true" />
      <div class="unseen">
        <table>
          <caption>{title}</caption>
          <thead>
            <tr>
              <th scope="col">{ta.value.dashboard.day}</th>
              <th scope="col">{ta.value.dashboard.count}</th>
            </tr>
          </thead>
          <tbody>
            {points.map(({ at, count }) => (
              <tr key={at.valueOf()}>
                <th scope="row">{dayOf(at)}</th>
                <td>{number(count)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </figure>
  )
}
