// One measured window: what the operation gave, what server and database took for it, and how much others disturbed it.
import { cpuOfBackends, type DatabaseServer } from '../database/server.ts'
import type { Sample } from '../load/in-flight.ts'
import { busy, cores, cpuOf, cpuOfEnded, withDescendants } from './processes.ts'

export interface Measured extends Sample {
  /** Milliseconds of processor time in the window; undefined where it cannot be told. */
  readonly serverCpu: number
  readonly databaseCpu: number | undefined
  /** The share of all processors that other processes had; undefined where it cannot be told. */
  readonly foreign: number | undefined
}

export interface Around {
  readonly server: DatabaseServer | undefined
  /** The target's process and its database. */
  readonly pid: number
  readonly database: string
  /** All processes of the run, the driver's own among them. */
  readonly own: readonly number[]
  /** Queries that run in several processes of the database at once: their helpers have ended when it is counted. */
  readonly isParallel: boolean
  /** Windows that may still be measured again, in the whole run. */
  readonly repeats: { left: number }
}

/** A window in which others had more of the processors than this is measured again. */
const mostForeign = 0.08
/** How often at most, so long as the run's repeats last: on a machine that is never calm they would double its time for nothing. */
const tries = 3

const total = (pids: readonly number[]): number => pids.reduce((sum, pid) => sum + (cpuOf(pid) ?? 0), 0)

const once = async ({ server, pid, database, own, isParallel }: Around, run: () => Promise<Sample>): Promise<Measured> => {
  const mine = withDescendants(own)
  const ended = (): number => (isParallel && server?.postmaster !== undefined ? cpuOfEnded(server.postmaster) : 0)
  const backendsBefore = cpuOfBackends((await server?.backends()) ?? [])
  const before = { busy: busy(), mine: total(mine), server: cpuOf(pid) ?? 0, ended: ended(), at: performance.now() }
  const sample = await run()
  const after = { busy: busy(), mine: total(mine), server: cpuOf(pid) ?? 0, ended: ended(), at: performance.now() }
  const backends = cpuOfBackends((await server?.backends()) ?? [])
  let [ofDatabase, ofBackends] = [after.ended - before.ended, after.ended - before.ended]
  for (const [each, { database: theirs, cpu }] of backends) {
    const taken = cpu - (backendsBefore.get(each)?.cpu ?? 0)
    // Those of the whole server have been there all along.
    if (theirs === '' && !backendsBefore.has(each)) continue
    ofBackends += taken
    if (theirs === database) ofDatabase += taken
  }
  const isHere = server === undefined || server.postmaster !== undefined
  const foreign = before.busy === undefined || after.busy === undefined || !isHere ? undefined
    : Math.max(0, after.busy - before.busy - (after.mine - before.mine) - ofBackends) / ((after.at - before.at) * cores)
  return { ...sample, serverCpu: after.server - before.server, databaseCpu: isHere && server ? ofDatabase : undefined, foreign }
}

/** Measures, and again while it is disturbed, a bounded number of times; gives the calmest. */
export const measure = async (around: Around, run: () => Promise<Sample>): Promise<Measured> => {
  let best: Measured | undefined
  for (let left = tries; left > 0; left -= 1) {
    const measured = await once(around, run)
    if (best === undefined || (measured.foreign ?? 0) < (best.foreign ?? 0)) best = measured
    if ((best.foreign ?? 0) <= mostForeign || around.repeats.left === 0) break
    around.repeats.left -= 1
  }
  if (!best) throw new Error('nothing was measured')
  return best
}

export const isNoisy = ({ foreign }: { readonly foreign: number | undefined }): boolean => (foreign ?? 0) > mostForeign
