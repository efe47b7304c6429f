// What a job is, and the worker that runs due ones: outside of any transaction, since the embedded database has one connection for all.
import { setTimeout as sleep } from 'node:timers/promises'
import { AppError, coalesce, type Log, type Payload, type Runtime } from '#sovrane'
import {
  claimJobs, deleteJob, giveUpJob, hasDueJobs, postponeJob, queueSchedules, renewLease, type ClaimedJob,
  type Schedule,
} from './table.ts'

/** What a handler may use. It runs in no transaction: the database is reached through `run`, a short one at a time. */
export interface Tools {
  /** The job's id: the same in each attempt, so that what was done can be recognised. */
  readonly id: string
  readonly run: Runtime['run']
  readonly log: Log
}

/** Does one job; throwing is a failed attempt. It may run twice, and must bound its own waits. */
export type Handler = (payload: Payload, tools: Tools) => Promise<void>
/** Does a schedule's work; throwing is a failed attempt. */
export type Task = (tools: Tools) => Promise<void>

export interface HandlerOptions {
  /** How often a job is tried, the first time included; default 8. */
  readonly attempts?: number
  /** Seconds before the second attempt, doubled for each further one up to an hour, with jitter of a half; default 5. */
  readonly backOff?: number
}

export interface Job {
  /** The plugin's name and a word: `auth.reset`. */
  readonly name: string
  readonly handle: Handler
  readonly attempts: number
  readonly backOff: number
  /** Of a schedule: how often it runs. */
  readonly seconds?: number
}

/** Thrown by a handler that another attempt cannot help: the job is kept as failed at once. */
export class GiveUp extends Error {
  override readonly name = 'GiveUp'
}

/** Whether another attempt cannot help: its handler says so, or what the job holds is refused as wrong, which it will be again. */
const isFinal = (error: unknown): boolean => error instanceof GiveUp || (error instanceof AppError && error.code === 'invalid_payload')

/** Characters of a message that are kept. */
const maxReasonLength = 500
/** Seconds. */
const maxPause = 3600

const textsOf = (value: unknown): string[] => {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : []
}

/** What an error says, without any text of the payload: it may be a token, and this is stored and logged. */
export const reasonOf = (error: unknown, payload: Payload): string => {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return textsOf(payload)
    .filter((part) => part.length > 3)
    .reduce((left, part) => left.replaceAll(part, '***'), text)
    .slice(0, maxReasonLength)
}

/** Where an error came from: the stack without its message. */
const traceOf = (error: unknown): string[] =>
  (error instanceof Error ? (error.stack ?? '') : '')
    .split('\n')
    .filter((line) => line.startsWith('    at '))
    .slice(0, 10)
    .map((line) => line.trim())

/** Seconds before the attempt after this one: doubled each time, and spread so that what failed together does not come back together. */
export const pauseAfter = (attempt: number, backOff: number): number =>
  Math.min(backOff * 2 ** (attempt - 1), maxPause) * (0.5 + Math.random())

interface WorkerOptions {
  readonly runtime: Runtime
  readonly jobs: ReadonlyMap<string, Job>
  readonly schedules: readonly Schedule[]
  /** Seconds. */
  readonly lease: number
  readonly concurrency: number
}

export interface Worker {
  wake(): void
  idle(): Promise<void>
  /** Takes no more, and waits for what runs, 2 s at most. What runs on is taken over by others when its lease ends. */
  stop(): Promise<void>
}

/** Milliseconds. */
const pollInterval = 1000
const stopPatience = 2000
const idlePause = 20

export const startWorker = ({ runtime, jobs, schedules, lease, concurrency }: WorkerOptions): Worker => {
  const { log } = runtime
  const run: Runtime['run'] = (task) => runtime.run(task)
  // Jobs of other names belong to plugins that are not plugged in here; they are left alone.
  const names = [...jobs.keys()]
  const running = new Set<Promise<void>>()
  let isStopped = false

  const renew = async (job: ClaimedJob): Promise<void> => {
    const { name, id } = job
    try {
      if (!(await run(({ db }) => renewLease(db, job, lease))))
        log.warn({ job: name, id }, 'a job was taken over while it ran; it may be done twice')
    } catch (error) {
      log.warn({ err: error, job: name, id }, 'the lease of a job could not be renewed')
    }
  }

  const fail = async (job: ClaimedJob, error: unknown, { attempts, backOff }: Job): Promise<void> => {
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

  const attempt = async (job: ClaimedJob, definition: Job): Promise<void> => {
    // Its holders died, one after another: it may be what kills them.
    if (job.attempt > definition.attempts) return fail(job, new GiveUp('the node that ran it ended before it was done'), definition)
    const renewal = setInterval(() => void renew(job), (lease * 1000) / 3)
    try {
      await definition.handle(job.payload, { id: job.id, run, log })
    } catch (error) {
      return await fail(job, error, definition)
    } finally {
      clearInterval(renewal)
    }
    await run(({ db }) => deleteJob(db, job))
  }

  const begin = (job: ClaimedJob, definition: Job): void => {
    const task: Promise<void> = attempt(job, definition)
      .catch((error: unknown) =>
        log.warn({ err: error, job: job.name, id: job.id }, 'the end of a job could not be recorded; it will run again'),
      )
      .finally(() => {
        running.delete(task)
        taking.kick()
      })
    running.add(task)
  }

  const takeDue = async (): Promise<void> => {
    const free = concurrency - running.size
    if (free <= 0) return
    const claimed = await run(async ({ db }) => {
      await queueSchedules(db, schedules)
      return claimJobs(db, names, { limit: free, lease })
    })
    for (const job of claimed) {
      const definition = jobs.get(job.name)
      if (definition) begin(job, definition)
    }
  }

  const taking = coalesce({
    interval: pollInterval,
    task: () => takeDue().then(() => false),
    onTrouble(error, again) {
      // A database that is away for an hour is not worth 3,600 lines.
      if (!again) log.warn({ err: error }, 'due jobs could not be read')
    },
  })
  taking.kick()

  return {
    wake: () => taking.kick(),
    async idle() {
      while (!isStopped) {
        await taking.run().catch(() => undefined)
        await Promise.all(running)
        if (!(await run(({ db }) => hasDueJobs(db, names)))) return
        await sleep(idlePause)
      }
    },
    async stop() {
      isStopped = true
      const ended = taking.stop().then(() => Promise.all(running))
      const early = new AbortController()
      await Promise.race([ended, sleep(stopPatience, undefined, { signal: early.signal }).catch(() => undefined)])
      early.abort()
      if (running.size > 0) log.warn({ count: running.size }, 'jobs were still running; they will be taken over')
    },
  }
}
