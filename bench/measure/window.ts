// One measured window: what the operation gave, what server and database took for it, and how much others disturbed it.
import { cpuOfBackends, type DatabaseServer } from '../database/server.ts'
import type { Sample } from '../load/in-flight.ts'
import { busy, cores, cpuOf, cpuOfEnded, withDescendants } from './processes.ts'

export interface Measured extends Sample {
  /** Milliseconds of processor time in the window; undefined where it cannot be told. */
  readonly serverCpu: number
  /** Of the other servers on the same database. */
  readonly fellowsCpu: number
  readonly databaseCpu: number | undefined
  /** The share of all processors that other processes had; undefined where it cannot be told. */
  readonly foreign: number | undefined
}

export interface Around {
  readonly server: DatabaseServer | undefined
  /** The target's process and its database. */
  readonly pid: number
  readonly database: string
  /** Other servers on the same database. */
  readonly fellows?: readonly number[]
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

/** Milliseconds that the database's processes have taken so far, and that those of the whole server have. */
interface DatabaseCpu {
  readonly backends: ReturnType<typeof cpuOfBackends>
  /** Of processes that have ended; others' too, so that it tells something only while the run is alone on the server. */
  readonly ended: number
  readonly isAlone: boolean
}

const cpuOfDatabase = async (server: DatabaseServer, isParallel: boolean): Promise<DatabaseCpu> => ({
  backends: cpuOfBackends(await server.backends()),
  ended: isParallel && server.postmaster !== undefined ? cpuOfEnded(server.postmaster) : 0,
  isAlone: !isParallel || await server.isAlone(),
})

/** What was taken between two moments by one database, and by all processes that serve the run; undefined when it cannot be told. */
const takenBetween = (before: DatabaseCpu, after: DatabaseCpu, database: string): { one: number; all: number } | undefined => {
  if (!before.isAlone || !after.isAlone) return undefined
  const taken = { one: after.ended - before.ended, all: after.ended - before.ended }
  for (const [pid, { database: theirs, cpu }] of after.backends) {
    // Those of the whole server have been there all along.
    if (theirs === '' && !before.backends.has(pid)) continue
    const more = cpu - (before.backends.get(pid)?.cpu ?? 0)
    taken.all += more
    if (theirs === database) taken.one += more
  }
  return taken
}

const once = async ({ server, pid, database, own, isParallel, fellows = [] }: Around, run: () => Promise<Sample>): Promise<Measured> => {
  const mine = withDescendants(own)
  const isHere = server?.postmaster !== undefined
  const now = () => ({ busy: busy(), mine: total(mine), server: cpuOf(pid) ?? 0, fellows: total(fellows), at: performance.now() })
  const databaseBefore = isHere ? await cpuOfDatabase(server, isParallel) : undefined
  const before = now()
  const sample = await run()
  const after = now()
  const ofDatabase = databaseBefore && server && takenBetween(databaseBefore, await cpuOfDatabase(server, isParallel), database)
  // Without a server the database is within the target's process.
  const ofBackends = server ? ofDatabase?.all : 0
  const foreign = before.busy === undefined || after.busy === undefined || ofBackends === undefined ? undefined
    : Math.max(0, after.busy - before.busy - (after.mine - before.mine) - ofBackends) / ((after.at - before.at) * cores)
  const taken = { serverCpu: after.server - before.server, fellowsCpu: after.fellows - before.fellows, databaseCpu: ofDatabase?.one }
  return { ...sample, ...taken, foreign }
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
