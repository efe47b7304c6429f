// What holds limit to its name: were it slow beside a bare loop over pg and a bare echo over ws, no ratio to it would mean anything.
import pg from 'pg'
import { idOf, ordinary } from '../database/organisation.ts'
import { statements } from '../limit/statements.ts'
import { inFlight } from '../load/in-flight.ts'
import { connect } from '../load/wire.ts'
import { atOnce, type Opened, type OperationName } from '../operations/operation.ts'
import type { Row } from '../report/rows.ts'
import { root } from '../targets/compile.ts'
import { launch } from '../targets/launch.ts'

export const bareName = 'bare'

interface Bound {
  /** What it is, for people. */
  readonly title: string
  /** The share of it that limit must reach. */
  readonly least: number
  /** @param databaseUrl limit's database */
  open(databaseUrl: string): Promise<Opened & { readonly pid: number }>
}

/** The statement of limit, over as many connections, in the process of the load itself: no server between. */
const loop: Bound = {
  title: 'a bare pg loop',
  least: 0.55,
  open: (connectionString) => {
    const pool = new pg.Pool({ connectionString, max: 10 })
    // The databases are dropped under it when a run is broken off.
    pool.on('error', () => undefined)
    let number = 0
    const get = async (): Promise<void> => {
      number += 1
      await pool.query({ ...statements.getUser, values: [idOf('user', (number * 7919) % ordinary.users + 1)] })
    }
    return Promise.resolve({ pid: process.pid, window: (duration) => inFlight(atOnce, duration, get), close: () => pool.end() })
  },
}

const echo: Bound = {
  title: 'a bare ws echo',
  least: 0.7,
  async open() {
    const launched = await launch([`${root}bench/dist/limit/echo.js`], {})
    const wires = await Promise.all(Array.from({ length: 4 }, () => connect(launched.url)))
    let turn = 0
    const send = async (): Promise<unknown> => wires[(turn += 1) % wires.length]?.ask('ping', {})
    return {
      pid: launched.pid,
      helpers: [launched.pid],
      window: (duration) => inFlight(atOnce, duration, send),
      async close() {
        for (const wire of wires) wire.close()
        await launched.stop()
      },
    }
  },
}

export const bounds: Partial<Record<OperationName, Bound>> = { get: loop, ping: echo }

/** Why the run is void; empty when limit reached what it must, or was not measured beside it. */
export const faultsOf = (rows: readonly Row[]): string[] => Object.entries(bounds).flatMap(([operation, { title, least }]) => {
  const [limit, bare] = ['limit', bareName].map((target) => rows.find((row) => row.operation === operation && row.target === target))
  if (!limit || !bare || limit.result / bare.result >= least) return []
  const disturbed = limit.noisyWindows + bare.noisyWindows > 0 ? ' (in windows that others disturbed)' : ''
  return [`limit reaches ${(limit.result / bare.result).toFixed(2)} of ${title}, and must reach ${least}${disturbed}`]
})
