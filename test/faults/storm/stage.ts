// Where a storm takes place: a PostgreSQL cluster, servers on it, a link between each and the database, and one between each and clients.
import pg from 'pg'
import { startCluster, type Cluster } from '../cluster.ts'
import { startProxy, type Proxy } from '../proxy.ts'
import { temporaryDirectory, undoLater } from '../../kit/place.ts'
import { freePort } from '../../kit/port.ts'
import { commonEnvironment } from '../../kit/ready.ts'
import { createNode, type Node } from './node.ts'
import type { Fault } from './weather.ts'

export interface Place {
  readonly node: Node
  /** None where the database is within the node. */
  readonly database?: Proxy
  readonly clients: Proxy
}

/** A stage on a cluster. */
export interface ClusterStage extends Stage {
  readonly places: readonly (Place & { readonly database: Proxy })[]
  readonly cluster: () => Cluster
  /** Leads all nodes to another cluster, and `sql` too. */
  move(to: Cluster): Promise<void>
}

export interface Stage {
  readonly places: readonly Place[]
  /** What a server did wrong besides: an end by itself, a stop that was no success. */
  readonly strange: string[]
  /** The database's own, past all links. */
  sql<R extends pg.QueryResultRow>(text: string, values?: readonly unknown[]): Promise<R[]>
  /** Begins a fault; the promise is of what ends it. */
  begin(fault: Fault): Promise<() => Promise<void>>
}

const openPlace = async (cluster: Cluster, more: Readonly<Record<string, string>>): Promise<Place & { readonly database: Proxy }> => {
  const database = await startProxy(cluster.port)
  const port = await freePort()
  const node = createNode({
    ...commonEnvironment(), PORT: String(port), DATA_DIR: await temporaryDirectory(), LOG_LEVEL: 'error', LOG_FORMAT: 'json',
    DATABASE_URL: `postgres://root@127.0.0.1:${database.port}/postgres`, DATABASE_ACQUIRE_TIMEOUT: '2000', JWT_ACCESS_TOKEN_DURATION: '12h',
    ...more,
  })
  const clients = await startProxy(port)
  undoLater(async () => {
    await clients.close()
    await node.signal('SIGCONT')
    await node.signal('SIGKILL')
    await database.close()
  })
  return { node, database, clients }
}

const poolOf = ({ port }: Cluster): pg.Pool => {
  const pool = new pg.Pool({ connectionString: `postgres://root@127.0.0.1:${port}/postgres`, max: 2 })
  pool.on('error', () => undefined)
  return pool
}

/** Sets the stage up. `cleanUp` of the kit takes it down. @param more of the environment of each node */
export const setStage = async (nodes: number, more: Readonly<Record<string, string>> = {}): Promise<ClusterStage> => {
  let cluster = await startCluster()
  let pool = poolOf(cluster)
  undoLater(() => pool.end())
  const places: (Place & { readonly database: Proxy })[] = []
  for (let index = 0; index < nodes; index += 1) places.push(await openPlace(cluster, more))
  const [first, ...others] = places
  // The first makes the tables; the others would wait for it.
  await first?.node.start()
  await Promise.all(others.map(({ node }) => node.start()))
  const strange: string[] = []

  const begin = async (fault: Fault): Promise<() => Promise<void>> => {
    if (fault.kind === 'database restart') {
      await cluster.stop()
      return () => cluster.start()
    }
    if (fault.kind === 'database pause') {
      const goOn = await cluster.pause()
      return async () => goOn()
    }
    const place = places[fault.node]
    if (!place) throw new Error(`there is no node ${fault.node}`)
    const { node } = place
    if (fault.kind === 'link') {
      const link = place[fault.between]
      link[fault.trouble](fault.direction)
      return async () => link.heal()
    }
    if (fault.kind === 'pause') {
      await node.signal('SIGSTOP')
      return async () => void await node.signal('SIGCONT')
    }
    const code = await node.signal(fault.kind === 'kill' ? 'SIGKILL' : 'SIGTERM')
    if (fault.kind === 'terminate' && code !== 0)
      strange.push(`node ${fault.node} ended with ${String(code)} after SIGTERM: ${node.words().slice(-1000)}`)
    if (fault.kind === 'kill' && code !== null) strange.push(`node ${fault.node} had ended by itself, with ${String(code)}`)
    return () => node.start()
  }
  return {
    places, strange, begin,
    cluster: () => cluster,
    async move(to) {
      await pool.end()
      cluster = to
      pool = poolOf(to)
      for (const place of places) place.database.turn(to.port)
    },
    async sql<R extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []) {
      return (await pool.query<R>(text, [...values])).rows
    },
  }
}
