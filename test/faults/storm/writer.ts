// A client that works: its operations one after another, each sent again with the same `requestId` until its answer counts.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Attempt, Fields, Operation, Outcome } from './history.ts'
import { Line } from './line.ts'

/** Milliseconds that a client waits for an answer before it asks again, elsewhere. */
const patience = 2500

export interface Writer {
  readonly attempts: Attempt[]
  /** Requests sent, repetitions included. */
  readonly counts: { sends: number; again: number }
  /** Answers that the protocol knows but that no fault excuses. */
  readonly strange: string[]
}

const outcomeOf = (reply: Fields): Outcome => {
  const error = reply['error'] as Fields | undefined
  if (error) return { ok: false, code: String(error['code']), details: error['details'] }
  const { version } = reply
  return { ok: true, version: typeof version === 'number' ? version : undefined }
}

/** Whether the protocol says: try again. */
const isTransient = (outcome: Outcome): boolean => !outcome.ok && (
  outcome.code === 'unavailable' || (outcome.code === 'conflict' && (outcome.details as Fields | undefined)?.['reason'] === 'busy'))

export interface WriterOptions {
  readonly urls: readonly string[]
  readonly number: number
  readonly token: string
  readonly operations: Iterator<Operation, never>
  /** Milliseconds between two operations. */
  readonly pause: number
  readonly isOver: () => boolean
}

/** Works until `isOver`, and finishes what it has begun. */
export const startWriter = (
  { urls, number, token, operations, pause, isOver }: WriterOptions,
): Writer & { readonly done: Promise<void> } => {
  const lines = [number, number + 1].map((first) => new Line({ urls, first, auth: () => ({ token, listen: { resources: [] } }) }))
  const writer: Writer = { attempts: [], counts: { sends: 0, again: 0 }, strange: [] }

  const send = async (operation: Operation, line: Line): Promise<Outcome | undefined> => {
    writer.counts.sends += 1
    try {
      const outcome = outcomeOf(await line.ask(operation.event, { ...operation.payload, requestId: operation.requestId }, patience))
      if (!outcome.ok && outcome.code === 'internal') writer.strange.push(`${operation.requestId} ${operation.event}: internal`)
      return isTransient(outcome) || (!outcome.ok && outcome.code === 'internal') ? undefined : outcome
    } catch {
      return undefined
    }
  }

  const perform = async (operation: Operation): Promise<void> => {
    for (;;) {
      const [own, other] = lines as [Line, Line]
      await own.open()
      if (operation.twice) await other.open()
      const outcomes = (await Promise.all((operation.twice ? [own, other] : [own]).map((line) => send(operation, line))))
        .filter((outcome) => outcome !== undefined)
      if (outcomes.length > 0) return void writer.attempts.push({ ...operation, outcomes })
      writer.counts.again += 1
      own.hop()
      await sleep(50)
    }
  }

  const work = async (): Promise<void> => {
    while (!isOver()) {
      await perform(operations.next().value)
      await sleep(pause)
    }
    for (const line of lines) line.close()
  }
  const done = work()
  // Who waits for it is told; a storm that has failed waits no more.
  done.catch(() => undefined)
  return { ...writer, done }
}
