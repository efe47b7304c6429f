// system-status-request: how this node, the feed and the database are.
import { array, boolean, number, object, string } from 'yup'
import { dateTime, operation, type Reading, type Runtime } from '#sovrane'
import { connectedNodes, databaseFacts } from './database.ts'

const readKey = 'read-system'

/** The figures of core that are told. */
const names = [
  'sovrane_build_info', 'sovrane_ready', 'sovrane_sockets', 'sovrane_feed_position', 'sovrane_feed_behind', 'sovrane_feed_lag_seconds',
  'sovrane_outbox_age_seconds', 'sovrane_database_connections_used', 'sovrane_database_connections_idle', 'sovrane_database_waiting',
  'process_resident_memory_bytes', 'process_start_time_seconds',
] as const

const numberIn = (reading: Reading): number | null => (typeof reading === 'number' ? reading : null)
const sumOf = (reading: Reading): number | null =>
  (typeof reading === 'object' ? Object.values(reading).reduce((sum, each) => sum + each, 0) : numberIn(reading))

const figure = () => number().nullable().defined()

export const statusOperation = (running: () => Runtime) => operation({
  event: 'system-status-request',
  about: 'Says how the node that answers, the feed and the database are',
  kind: 'query',
  access: { key: readKey },
  input: object({}),
  output: object({
    version: string().required(),
    node: object({
      startedAt: dateTime().required(), runtime: string().required(),
      /** Bytes. */
      memory: figure(),
      sockets: figure(),
    }).required(),
    /** Empty where the database is this process's own. */
    nodes: array().of(object({ address: string().nullable().defined(), since: dateTime().required() })).required(),
    feed: object({
      ready: boolean().required(), position: figure(), behind: figure(),
      /** Seconds. */
      lag: figure(), outboxAge: figure(),
    }).required(),
    database: object({
      kind: string().oneOf(['embedded', 'postgres'] as const).required(), version: string().required(),
      /** Bytes. */
      size: figure(),
      used: figure(), idle: figure(), waiting: figure(),
    }).required(),
  }),
  async handle({ db }) {
    const runtime = running()
    const read = await runtime.readings(names)
    const of = (name: (typeof names)[number]): Reading => read[name]
    const builds = of('sovrane_build_info')
    const nodes = runtime.database === 'postgres' ? await connectedNodes(db) : []
    return {
      version: typeof builds === 'object' ? Object.keys(builds)[0] ?? 'unknown' : 'unknown',
      node: {
        startedAt: new Date((numberIn(of('process_start_time_seconds')) ?? 0) * 1000).toISOString(), runtime: `Node.js ${process.version}`,
        memory: numberIn(of('process_resident_memory_bytes')), sockets: sumOf(of('sovrane_sockets')),
      },
      nodes,
      feed: {
        ready: of('sovrane_ready') === 1, position: numberIn(of('sovrane_feed_position')), behind: numberIn(of('sovrane_feed_behind')),
        lag: numberIn(of('sovrane_feed_lag_seconds')), outboxAge: numberIn(of('sovrane_outbox_age_seconds')),
      },
      database: {
        kind: runtime.database, ...await databaseFacts(db), used: sumOf(of('sovrane_database_connections_used')),
        idle: sumOf(of('sovrane_database_connections_idle')), waiting: sumOf(of('sovrane_database_waiting')),
      },
    }
  },
})
