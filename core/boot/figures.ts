// The figures of core itself: what its parts count, and what is read of them and of the process at each scrape.
import { readFileSync } from 'node:fs'
import { monitorEventLoopDelay, type IntervalHistogram } from 'node:perf_hooks'
import type { Knex } from 'knex'
import type { FeedNode } from '../change/node.ts'
import type { Database } from '../db/connection.ts'
import { poolOf, type Pool } from '../db/room.ts'
import type { Metric, Reading } from '../define/metric.ts'
import type { Sockets } from '../transport/socket.ts'

export interface FigureOptions {
  readonly database: Database
  readonly node: FeedNode
  readonly sockets: Sockets
  /** Statements asked since the start, by pool. */
  readonly statements: Readonly<Record<string, number>>
}

/** The version of the package that this file is of: beside the sources, and above what is built of them. */
const versionOf = (): string => {
  for (const path of ['../../package.json', '../../../package.json']) {
    try {
      const { name, version } = JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as { name?: string; version?: string }
      if (name === 'sovrane' && version !== undefined) return version
    } catch {
      // Not there: the other one.
    }
  }
  return 'unknown'
}

const outboxAge = async (upkeep: Knex): Promise<number> => {
  const result: { rows: { age: number | null }[] } =
    await upkeep.raw('select extract(epoch from clock_timestamp() - (select at from outbox order by seq limit 1))::float8 as age')
  return Math.max(0, result.rows[0]?.age ?? 0)
}

const gauge = (name: string, help: string, read: () => Reading | Promise<Reading>, label?: string): Metric =>
  ({ name, help, kind: 'gauge', read, ...(label === undefined ? {} : { label }) })

const counter = (name: string, help: string, read: () => Reading, label?: string): Metric =>
  ({ name, help, kind: 'counter', read, ...(label === undefined ? {} : { label }) })

/** Milliseconds. */
const resolution = 20
let delay: IntervalHistogram | undefined
let watched = 0

/** The delays of the event loop, which all servers of a process share: each monitor of its own would wake it fifty times a second. */
const watchDelay = (): IntervalHistogram => {
  delay ??= monitorEventLoopDelay({ resolution })
  if (watched === 0) delay.enable()
  watched += 1
  return delay
}

const leaveDelay = (): void => {
  watched -= 1
  if (watched === 0) delay?.disable()
}

export interface Figures {
  readonly metrics: readonly Metric[]
  stop(): void
}

export const createFigures = ({ database, node, sockets, statements }: FigureOptions): Figures => {
  const delays = watchDelay()
  const pools = { requests: poolOf(database.knex), ...(database.upkeep === database.knex ? {} : { upkeep: poolOf(database.upkeep) }) }
  const ofPools = (read: (pool: Pool) => number) => (): Reading =>
    Object.fromEntries(Object.entries(pools).flatMap(([name, pool]) => (pool ? [[name, read(pool)]] : [])))
  /** Nanoseconds; of the time since the last scrape. */
  const lag = (): Reading => {
    const [p50, p99, max] = [delays.percentile(50), delays.percentile(99), delays.max].map((value) => value / 1e9)
    delays.reset()
    return { p50: p50 ?? 0, p99: p99 ?? 0, max: max ?? 0 }
  }
  const started = Math.round(Date.now() - process.uptime() * 1000) / 1000
  const version = versionOf()
  const { used, idle, waiting } = {
    used: ofPools((pool) => pool.numUsed()), idle: ofPools((pool) => pool.numFree()), waiting: ofPools((pool) => pool.numPendingAcquires()),
  }
  return {
    stop: leaveDelay,
    metrics: [
      gauge('sovrane_build_info', 'The version that runs; always 1', () => ({ [version]: 1 }), 'version'),
      gauge('sovrane_ready', 'Whether the feed moves: 1 or 0', () => Number(node.isReady())),
      counter('sovrane_statements_total', 'Statements asked of the database, by pool', () => statements, 'pool'),
      gauge('sovrane_database_connections_used', 'Connections in use, by pool', used, 'pool'),
      gauge('sovrane_database_connections_idle', 'Open connections that are not in use, by pool', idle, 'pool'),
      gauge('sovrane_database_waiting', 'Requests that wait for a connection, by pool', waiting, 'pool'),
      gauge('sovrane_sockets', 'Open sockets, by namespace', () => sockets.counts(), 'namespace'),
      gauge('sovrane_transports', 'Open connections of clients, whatever sockets are on them', () => sockets.transports()),
      counter('sovrane_slow_consumers_total', 'Clients dropped because they did not read what they were sent', () => sockets.dropped()),
      gauge('sovrane_feed_position', 'The last position that this node has told of', () => node.pos),
      gauge('sovrane_feed_behind', 'Positions that are known and not told yet', () => node.behind()),
      gauge('sovrane_feed_lag_seconds', 'The time since all that was committed by then was read here', () => node.lag() / 1000),
      gauge('sovrane_outbox_age_seconds', 'The age of the oldest change that is not in the feed yet', () => outboxAge(database.upkeep)),
      counter('sovrane_relay_moved_total', 'Changes that this node has moved to the feed', () => node.relayed.moved),
      counter('sovrane_relay_busy_total', 'Tries of this node at the relay while another had it', () => node.relayed.busy),
      gauge('sovrane_ring_entries', 'Entries of the feed that this node keeps in memory', () => node.ring.entries),
      gauge('sovrane_ring_bytes', 'What they take', () => node.ring.bytes),
      counter('sovrane_resumes_total', 'Readings of what clients who came back had missed, by where from', () => {
        const { hits, misses } = node.recall.counts
        return { memory: hits, database: misses }
      }, 'from'),
      gauge('sovrane_event_loop_delay_seconds', 'How late the event loop was since the last scrape', lag, 'quantile'),
      gauge('process_resident_memory_bytes', 'Memory of the process', () => process.memoryUsage.rss()),
      gauge('nodejs_heap_size_used_bytes', 'Memory of the heap in use', () => process.memoryUsage().heapUsed),
      counter('process_cpu_seconds_total', 'CPU time of the process',
        () => Object.values<number>({ ...process.cpuUsage() }).reduce((sum, part) => sum + part, 0) / 1e6),
      gauge('process_start_time_seconds', 'When the process was started, in seconds since 1970', () => started),
    ],
  }
}
