// What a plugin tells the queue: who does the jobs of a name, and what runs how often.
import type { Log, Payload, Runtime } from '../../core/define/index.ts'

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

export interface Definition {
  readonly handler: Handler
  readonly attempts: number
  readonly backOff: number
}

export interface Schedule {
  readonly name: string
  readonly seconds: number
}
