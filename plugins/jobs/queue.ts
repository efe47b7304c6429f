// What other plugins see as `use.jobs`: they name their handlers and schedules in setup, and queue jobs while the app runs.
import { v7 as uuid } from 'uuid'
import type { Call, Payload, Runtime } from '../../core/define/index.ts'
import type { Definition, Handler, HandlerOptions, Schedule, Task } from './definition.ts'
import { insertJob, keepSchedules, removeJob, trimFailed } from './table.ts'
import { startWorker, type Worker, type WorkerOptions } from './worker.ts'

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

/** Seconds. */
const day = 86_400
/** Days that a job that was given up is kept for the operator. */
const keepFailed = 14

/** A queue with nothing in it, and the worker's start and stop. `hasSchedules`: false, and this node queues nothing by itself. */
export const createQueue = ({ hasSchedules }: { readonly hasSchedules: boolean } = { hasSchedules: true }) => {
  const definitions = new Map<string, Definition>()
  const schedules: Schedule[] = []
  const parts: { worker?: Worker } = {}

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
    wake: () => parts.worker?.wake(),
    async idle() {
      if (!parts.worker) throw new Error('The job worker has not started')
      await parts.worker.idle()
    },
  }

  services.every('jobs.trim-failed', day, ({ run }) => run(({ db }) => trimFailed(db, keepFailed)))

  return {
    services,
    async start(runtime: Runtime, options: Pick<WorkerOptions, 'lease' | 'concurrency'>): Promise<void> {
      await runtime.run(({ db }) => keepSchedules(db, schedules))
      parts.worker = startWorker({ ...options, runtime, definitions, schedules: hasSchedules ? schedules : [] })
    },
    stop: async (): Promise<void> => parts.worker?.stop(),
  }
}
