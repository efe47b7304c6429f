// Work that outlives its request: a queue and schedules in the database, written in the operation's own transaction.
//
// A queue of our own on `for update skip locked`, and not pg-boss: its version 10 is no longer maintained, from 11 on it
// asks for Node 22, and it brings a second pool of connections (on the embedded database, statements inside whatever
// transaction is open). What is needed here is the few statements of table.ts.
//
// At least once: a job whose node dies, or whose success could not be recorded, runs again. Handlers bear repetition.
import { number, object, string } from 'yup'
import { v7 as uuid } from 'uuid'
import { definePlugin, type Call, type Payload, type Runtime } from '../../core/define/index.ts'
import { insertJob, keepSchedules, removeJob, trimFailed, type Schedule } from './table.ts'
import { startWorker, type Definition, type Handler, type HandlerOptions, type Task, type Worker, type WorkerOptions } from './worker.ts'

export { GiveUp } from './worker.ts'
export type { Handler, HandlerOptions, Task, Tools } from './worker.ts'

export interface Enqueue {
  /** Seconds before it may run, by the database's clock; default 0. */
  readonly delaySeconds?: number
  /** Of one name and id there is one job: while it waits or runs, a second changes nothing. Default: a new UUIDv7. */
  readonly id?: string
}

export interface Jobs {
  /**
   * Names who does the jobs of a name. To be called in setup; jobs left from an earlier run may come before the plugin's own start.
   * @throws Error when the name is taken
   */
  define(name: string, handler: Handler, options?: HandlerOptions): void
  /**
   * Runs a task every so many seconds (at least 1), once per cluster, by the database's clock; the first time when the schedule
   * is new. Runs do not overlap, missed ones are not made up for, a failed one is tried three times. To be called in setup.
   * @throws Error when the name is taken or the seconds are wrong
   */
  every(name: string, seconds: number, task: Task): void
  /**
   * Writes a job in the caller's transaction; it runs after the commit, on any node. Answers its id.
   * The payload is JSON that stands in the database as it is: secrets must be sealed.
   * @throws Error when nobody has defined the name
   */
  enqueue(call: Pick<Call, 'db' | 'afterCommit'>, name: string, payload: Payload, options?: Enqueue): Promise<string>
  /** Takes a job out that the same transaction has written, or one that nobody has begun. */
  withdraw(call: Pick<Call, 'db'>, name: string, id: string): Promise<void>
  /** Looks for due jobs now instead of within a second. */
  wake(): void
  /** For tests: waits until no job that is due, or was, is left, wherever it runs. Jobs that wait for their time or their next attempt do not count. */
  idle(): Promise<void>
}

const secondsPerDay = 86_400
/** Days that a job that was given up is kept for the operator. */
const failedKept = 14

/** A queue with nothing in it, and the worker's start and stop. `hasSchedules`: false, and this node queues nothing by itself. */
export const createQueue = ({ hasSchedules }: { readonly hasSchedules: boolean } = { hasSchedules: true }) => {
  const definitions = new Map<string, Definition>()
  const schedules: Schedule[] = []
  let worker: Worker | undefined

  const services: Jobs = {
    define(name, handler, { attempts = 8, backOff = 5 } = {}) {
      if (definitions.has(name)) throw new Error(`The job "${name}" is defined twice`)
      definitions.set(name, { handler, attempts, backOff })
    },
    every(name, seconds, task) {
      if (!(seconds >= 1)) throw new Error(`The schedule "${name}" cannot run every ${seconds} seconds; one second is the least`)
      services.define(name, (_payload, tools) => task(tools), { attempts: 3 })
      schedules.push({ name, seconds })
    },
    async enqueue({ db, afterCommit }, name, payload, { delaySeconds = 0, id = uuid() } = {}) {
      if (!definitions.has(name)) throw new Error(`No plugin has defined the job "${name}"`)
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

  services.every('jobs.trim-failed', secondsPerDay, ({ run }) => run(({ db }) => trimFailed(db, failedKept)))

  return {
    services,
    async start(runtime: Runtime, options: Pick<WorkerOptions, 'lease' | 'concurrency'>): Promise<void> {
      await runtime.run(({ db }) => keepSchedules(db, schedules))
      worker = startWorker({ ...options, runtime, definitions, schedules: hasSchedules ? schedules : [] })
    },
    stop: async (): Promise<void> => worker?.stop(),
  }
}

export const jobs = definePlugin({
  name: 'jobs',
  migrations: new URL('migrations/', import.meta.url),
  config: object({
    /** Seconds that a silent node keeps its jobs; a working one renews them. */
    JOB_LEASE: number().integer().min(1).max(3600).default(60),
    /** Jobs that one node runs at once on PostgreSQL. The embedded database has one connection: there it is always one. */
    JOB_CONCURRENCY: number().integer().min(1).max(100).default(4),
    /** `none`: this node queues nothing by schedule, for tests and for upkeep; what is queued it does all the same. */
    JOB_SCHEDULES: string().oneOf(['all', 'none']).default('all'),
  }),
  setup({ config: { JOB_LEASE: lease, JOB_CONCURRENCY: concurrency, JOB_SCHEDULES: which } }) {
    const queue = createQueue({ hasSchedules: which === 'all' })
    return {
      services: queue.services,
      start: (runtime) => queue.start(runtime, { lease, concurrency: runtime.database === 'embedded' ? 1 : concurrency }),
      stop: () => queue.stop(),
    }
  },
})
