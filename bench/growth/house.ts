// Sovrane on a database of its own, for measuring how costs grow: as many servers and rows as a point asks for.
import { ordinary, type Size } from '../database/organisation.ts'
import { runSql, type Place } from '../database/place.ts'
import type { DatabaseServer } from '../database/server.ts'
import type { Sample } from '../load/in-flight.ts'
import { percentile } from '../measure/figures.ts'
import { measure } from '../measure/window.ts'
import type { Scene } from '../operations/operation.ts'
import { raise } from '../run.ts'
import type { Launched } from '../targets/launch.ts'
import { sovrane } from '../targets/sovrane.ts'

/** What one operation cost at one point. */
export interface Figure {
  readonly operation: string
  readonly perSecond: number
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
  /** Milliseconds of processor time for 1,000 operations: of the server that was asked, of its fellows, and of the database. */
  readonly server: number
  readonly others: number
  readonly database: number | undefined
}

export interface House {
  readonly scene: Scene
  readonly place: Place
  readonly nodes: readonly Launched[]
  /** Runs SQL beside the servers, as someone from outside would. */
  sql(...statements: string[]): Promise<void>
  /** Measures for some seconds, after a while that is not counted. @param helpers processes that make the load */
  figure(operation: string, run: (duration: number) => Promise<Sample>, helpers?: readonly number[]): Promise<Figure>
}

/** Milliseconds. */
const [warmUp, window] = [1500, 4000]

let made = 0

/** Opens a house, lets `work` measure in it, and takes it down. @param nodes servers on its database, the first of which is asked */
export const inHouse = async <T>(
  server: DatabaseServer, { nodes: count = 1, size = ordinary }: { readonly nodes?: number; readonly size?: Size },
  work: (house: House) => Promise<T>,
): Promise<T> => {
  made += 1
  const name = `sovrane_growth_${process.pid}_${made}`
  const place: Place = { kind: 'postgres', name, url: await server.create(name) }
  const running = await raise(sovrane, place, size)
  const nodes = [running.launched]
  try {
    while (nodes.length < count) nodes.push(await sovrane.start(place))
    const { scene } = running
    return await work({
      scene, place, nodes,
      sql: (...statements) => runSql(place, statements),
      async figure(operation, run, helpers = []) {
        await run(warmUp)
        const fellows = nodes.slice(1).map(({ pid }) => pid)
        const own = [process.pid, ...nodes.map(({ pid }) => pid), ...helpers]
        const around = { server, pid: scene.pid, database: name, own, isParallel: false, repeats: { left: 1 }, fellows }
        const { operations, elapsed, latencies, serverCpu, databaseCpu, fellowsCpu } = await measure(around, () => run(window))
        const each = (cpu: number): number => (cpu / operations) * 1000
        return {
          operation, perSecond: (operations / elapsed) * 1000, p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99),
          server: each(serverCpu), others: each(fellowsCpu), database: databaseCpu === undefined ? undefined : each(databaseCpu),
        }
      },
    })
  } finally {
    for (const node of nodes.slice(1)) await node.stop()
    await running.stop()
  }
}

/** More users than the house was filled with: their rows only, as a new size. */
export const sized = (users: number): Size => ({ ...ordinary, users })
