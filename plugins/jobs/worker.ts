// Takes due jobs and runs their handlers, outside of any transaction: the embedded database has one connection for all.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Runtime } from '../../core/define/index.ts'
import type { Definition, Schedule } from './definition.ts'
import { GiveUp, isFinal, pauseAfter, reasonOf, traceOf } from './failure.ts'
import { claimJobs, deleteJob, giveUpJob, hasDueJobs, postponeJob, queueSchedules, renewLease, type ClaimedJob } from './table.ts'

export interface WorkerOptions {
  readonly runtime: Runtime
  readonly definitions: ReadonlyMap<string, Definition>
  readonly schedules: readonly Schedule[]
  /** Seconds. */
  readonly lease: number
  readonly concurrency: number
}

export interface Worker {
  wake(): void
  idle(): Promise<void>
  /** Takes no more, and waits for what runs, 5 s at most. What runs on is taken over by others when its lease ends. */
  stop(): Promise<void>
}

/** Milliseconds. */
const pollInterval = 1000
const stopPatience = 5000
const idlePause = 20

export const startWorker = ({ runtime, definitions, schedules, lease, concurrency }: WorkerOptions): Worker => {
  const { log } = runtime
  const run: Runtime['run'] = (task) => runtime.run(task)
  // Of other names are the jobs of plugins that are not plugged in here; they are left alone.
  const names = [...definitions.keys()]
  const running = new Set<Promise<void>>()
  let wanted = false
  let stopped = false
  let failing = false
  let turning: Promise<void> | undefined

  const renew = async (job: ClaimedJob): Promise<void> => {
    const { name, id } = job
    try {
      if (!(await run(({ db }) => renewLease(db, job, lease)))) log.warn({ job: name, id }, 'a job was taken over while it ran; it may be done twice')
    } catch (error) {
      log.warn({ err: error, job: name, id }, 'the lease of a job could not be renewed')
    }
  }

  const fail = async (job: ClaimedJob, error: unknown, { attempts, backOff }: Definition): Promise<void> => {
    const { name, id, attempt } = job
    const reason = reasonOf(error, job.payload)
    const details = { job: name, id, attempt, reason, at: traceOf(error) }
    if (attempt >= attempts || isFinal(error)) {
      await run(({ db }) => giveUpJob(db, job, reason))
      log.error(details, 'a job was given up')
    } else {
      await run(({ db }) => postponeJob(db, job, { seconds: pauseAfter(attempt, backOff), error: reason }))
      log.warn(details, 'a job failed and will be tried again')
    }
  }

  const attempt = async (job: ClaimedJob, definition: Definition): Promise<void> => {
    // Its holders died, one after another: it may be what kills them.
    if (job.attempt > definition.attempts) return fail(job, new GiveUp('the node that ran it ended before it was done'), definition)
    const renewal = setInterval(() => void renew(job), (lease * 1000) / 3)
    try {
      await definition.handler(job.payload, { id: job.id, run, log })
    } catch (error) {
      return await fail(job, error, definition)
    } finally {
      clearInterval(renewal)
    }
    await run(({ db }) => deleteJob(db, job))
  }

  const begin = (job: ClaimedJob, definition: Definition): void => {
    const task: Promise<void> = attempt(job, definition)
      .catch((error: unknown) => log.warn({ err: error, job: job.name, id: job.id }, 'the end of a job could not be recorded; it will run again'))
      .finally(() => {
        running.delete(task)
        wake()
      })
    running.add(task)
  }

  const look = async (): Promise<void> => {
    const free = concurrency - running.size
    if (free <= 0) return
    const claimed = await run(async ({ db }) => {
      await queueSchedules(db, schedules)
      return claimJobs(db, names, { limit: free, lease })
    })
    for (const job of claimed) {
      const definition = definitions.get(job.name)
      if (definition) begin(job, definition)
    }
  }

  const turn = async (): Promise<void> => {
    while (wanted && !stopped) {
      wanted = false
      try {
        await look()
        failing = false
      } catch (error) {
        // The poll goes on; a database that is away for an hour is not worth 3,600 lines.
        if (!failing) log.warn({ err: error }, 'due jobs could not be read')
        failing = true
      }
    }
    // Without an await after the last look at `wanted`: no call of `wake` falls in between.
    turning = undefined
  }

  function wake(): void {
    if (stopped) return
    wanted = true
    turning ??= turn()
  }

  const poll = setInterval(wake, pollInterval)
  wake()

  return {
    wake,
    async idle() {
      while (!stopped) {
        wake()
        await turning
        await Promise.all(running)
        if (!(await run(({ db }) => hasDueJobs(db, names)))) return
        await sleep(idlePause)
      }
    },
    async stop() {
      stopped = true
      clearInterval(poll)
      await turning
      const late = new AbortController()
      await Promise.race([Promise.all(running), sleep(stopPatience, undefined, { signal: late.signal }).catch(() => undefined)])
      late.abort()
      if (running.size > 0) log.warn({ count: running.size }, 'jobs were still running; they will be taken over')
    },
  }
}
