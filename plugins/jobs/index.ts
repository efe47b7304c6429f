// Work that outlives its request: a queue and schedules in the database, written in the operation's own transaction.
//
// A queue of our own on `for update skip locked`, and not pg-boss: its version 10 is no longer maintained, from 11 on it
// asks for Node 22, and it brings a second pool of connections (on the embedded database, statements inside whatever
// transaction is open). What is needed here is the few statements of table.ts.
//
// At least once: a job whose node dies, or whose success could not be recorded, runs again. Handlers bear repetition.
import { number, object, string } from 'yup'
import { definePlugin } from '../../core/define/index.ts'
import { createQueue } from './queue.ts'

export { GiveUp } from './failure.ts'
export type { Handler, HandlerOptions, Task, Tools } from './definition.ts'
export type { Enqueue, Jobs } from './queue.ts'

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
