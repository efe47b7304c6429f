// Work that outlives its request: a queue and schedules in the database, written in the operation's own transaction.
//
// A queue of our own on `for update skip locked`, and not pg-boss: its version 10 is no longer maintained, from 11 on it
// asks for Node 22, and it brings a second pool of connections (on the embedded database, statements inside whatever
// transaction is open). What is needed here is the few statements of table.ts.
//
// At least once: a job whose node dies, or whose success could not be recorded, runs again. Handlers bear repetition.
import { number, object, string } from 'yup'
import { v7 as uuid } from 'uuid'
import { definePlugin, extensionPoint, type Call, type Payload, type Provided } from '#sovrane'
import { jobOperations } from './operations.ts'
import { insertJob, keepSchedules, removeJob, trimFailed } from './table.ts'
import { startWorker, type Handler, type HandlerOptions, type Job, type Task, type Worker } from './worker.ts'

export { GiveUp } from './worker.ts'
export type { Handler, Tools } from './worker.ts'

interface Enqueue {
  /** Seconds before it may run, by the database's clock; default 0. */
  readonly delaySeconds?: number
  /** Of one name and id there is one job: while it waits or runs, a second changes nothing. Default: a new UUIDv7. */
  readonly id?: string
}

export interface Jobs {
  /**
   * Writes a job in the caller's transaction; it runs after the commit, on any node. Answers its id.
   * The payload is JSON that stands in the database as it is: secrets must be sealed.
   * @throws Error when no plugin provides the name
   */
  enqueue(call: Pick<Call, 'db' | 'afterCommit'>, name: string, payload: Payload, options?: Enqueue): Promise<string>
  /** Takes a job out that the same transaction has written, or one that no one has begun. */
  withdraw(call: Pick<Call, 'db'>, name: string, id: string): Promise<void>
  /** Looks for due jobs now instead of within a second. */
  wake(): void
  /**
   * For tests: waits until no job that is due, or was, is left, wherever it runs. Jobs that wait for their time or their next attempt do
   * not count.
   */
  idle(): Promise<void>
}

const jobPoint = extensionPoint<Job>({ plugin: 'jobs', kind: 'job', keyOf: ({ name }) => name })

/** What does the jobs of a name, for `provides`. Jobs left from an earlier run may come before the plugin's own start. */
export const job = (name: string, handle: Handler, { attempts = 8, backOff = 5 }: HandlerOptions = {}): Provided =>
  jobPoint.of({ name, handle, attempts, backOff })

/**
 * A task for every so many seconds (at least 1), once per cluster, by the database's clock; the first time when the schedule
 * is new. For `provides`. Runs do not overlap, missed ones are not made up for, a failed one is tried three times.
 * @throws Error when the seconds are wrong
 */
export const every = (name: string, seconds: number, task: Task): Provided => {
  if (!(seconds >= 1)) throw new Error(`The schedule "${name}" cannot run every ${seconds} seconds; one second is the least`)
  return jobPoint.of({ name, handle: (_payload, tools) => task(tools), attempts: 3, backOff: 5, seconds })
}

const secondsPerDay = 86_400
/** Days that a job that was given up is kept for the operator. */
const failedKept = 14

export const jobs = definePlugin({
  name: 'jobs',
  migrations: new URL('migrations/', import.meta.url),
  commands: { jobs: { about: 'lists jobs that were given up, and lets one run again', load: () => import('./command.ts') } },
  environment: object({
    /** Seconds that a silent node keeps its jobs; a working one renews them. */
    JOB_LEASE: number().integer().min(1).max(3600).default(60),
    /** Jobs that one node runs at once on PostgreSQL. The embedded database has one connection: there it is always one. */
    JOB_CONCURRENCY: number().integer().min(1).max(100).default(4),
    /** `none`: this node queues nothing by schedule, for tests and for upkeep; what is queued it does all the same. */
    JOB_SCHEDULES: string().oneOf(['all', 'none']).default('all'),
  }),
  setup({ environment: { JOB_LEASE: lease, JOB_CONCURRENCY, JOB_SCHEDULES }, provided }) {
    const known = provided(jobPoint)
    let worker: Worker | undefined
    const services: Jobs = {
      async enqueue({ db, afterCommit }, name, payload, { delaySeconds = 0, id = uuid() } = {}) {
        if (!known.has(name)) throw new Error(`No plugin provides the job "${name}"`)
        await insertJob(db, { name, id, payload, delaySeconds })
        afterCommit(() => services.wake())
        return id
      },
      withdraw: ({ db }, name, id) => removeJob(db, name, id),
      wake: () => worker?.wake(),
      async idle() {
        if (!worker) throw new Error('The job worker has not started')
        await worker.idle()
      },
    }
    return {
      services,
      operations: jobOperations(() => services.wake()),
      provides: [every('jobs.trim-failed', secondsPerDay, ({ run }) => run(({ db }) => trimFailed(db, failedKept)))],
      async start(runtime) {
        const schedules = [...known.values()].flatMap(({ name, seconds }) => (seconds === undefined ? [] : [{ name, seconds }]))
        await runtime.run(({ db }) => keepSchedules(db, schedules))
        const concurrency = runtime.database === 'embedded' ? 1 : JOB_CONCURRENCY
        worker = startWorker({ runtime, jobs: known, schedules: JOB_SCHEDULES === 'all' ? schedules : [], lease, concurrency })
      },
      stop: async () => worker?.stop(),
    }
  },
})
