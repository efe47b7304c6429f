// The figures that are read at `GET /metrics`, in the text of Prometheus: counted here for each request, read from everyone else.
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { OnAnswered } from '../call/answered.ts'
import type { Operations } from '../call/operation.ts'
import type { Metric, Reading } from '../define/metric.ts'

export interface Metrics {
  readonly onAnswered: OnAnswered
  add(metrics: readonly Metric[]): void
  readonly contentType: string
  readonly page: () => Promise<string>
}

/** Seconds: a read from memory takes less than the first, a hashed password about 0.1. */
const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]

/** What clients make up is one event: a label has few values. */
const unknown = 'unknown'

/** Milliseconds that one figure may take: a database that is away must not keep the others from being read. */
const patience = 1500

const reading = async (metric: Metric): Promise<Reading> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), patience)
  })
  try {
    return await Promise.race([Promise.resolve(metric.read()).catch(() => undefined), late])
  } catch {
    return undefined
  } finally {
    clearTimeout(timer)
  }
}

/** The figures of these names. */
export const readingsOf = async (
  metrics: readonly Metric[], names: readonly string[],
): Promise<Readonly<Record<string, Reading>>> =>
  Object.fromEntries(await Promise.all(metrics.filter(({ name }) => names.includes(name))
    .map(async (metric): Promise<[string, Reading]> => [metric.name, await reading(metric)])))

export const createMetrics = (operations: Operations): Metrics => {
  const registry = new Registry()
  const registers = [registry]
  const requests = new Counter({
    name: 'sovrane_requests_total', help: 'Requests answered, by event and code; events that do not exist are "unknown"',
    labelNames: ['event', 'code'], registers,
  })
  const durations = new Histogram({
    name: 'sovrane_request_duration_seconds', help: 'From a request to its reply, by event', labelNames: ['event'], buckets, registers,
  })
  // Found by their labels each time, they would cost more than the counting.
  const known = new Map<string, { readonly codes: Map<string, Counter.Internal>; readonly duration: Histogram.Internal<'event'> }>()
  const partsOf = (event: string) => {
    const found = known.get(event) ?? { codes: new Map<string, Counter.Internal>(), duration: durations.labels(event) }
    known.set(event, found)
    return found
  }

  const add = (metric: Metric): void => {
    const { name, help, kind, label } = metric
    const options = { name, help, registers, labelNames: label === undefined ? [] : [label] }
    const set = async (clear: () => void, put: (labels: Record<string, string>, value: number) => void): Promise<void> => {
      const value = await reading(metric)
      clear()
      if (typeof value === 'number') put({}, value)
      else for (const [each, number] of Object.entries(value ?? {})) put({ [label ?? name]: each }, number)
    }
    if (kind === 'gauge') {
      const gauge: Gauge = new Gauge({ ...options, collect: () => set(() => gauge.reset(), (labels, value) => gauge.set(labels, value)) })
    } else {
      const counter: Counter = new Counter({
        ...options, collect: () => set(() => counter.reset(), (labels, value) => counter.inc(labels, value)),
      })
    }
  }

  return {
    onAnswered({ event: given, code, milliseconds }) {
      const event = operations.has(given) ? given : unknown
      const { codes, duration } = partsOf(event)
      const count = codes.get(code) ?? requests.labels(event, code)
      codes.set(code, count)
      count.inc()
      duration.observe(milliseconds / 1000)
    },
    add: (metrics) => {
      for (const metric of metrics) add(metric)
    },
    contentType: registry.contentType,
    page: () => registry.metrics(),
  }
}
