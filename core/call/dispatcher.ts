// The one way in: every transport and every inner call passes here, and every reply is made here. It never rejects.
import type { Knex } from 'knex'
import { v7 as uuid } from 'uuid'
import type { Admitted } from '../access/actors.ts'
import type { Call, Connection, Payload } from '../define/call.ts'
import { AppError, invalidPayload } from '../define/errors.ts'
import type { Log } from '../define/plugin.ts'
import { createCurrentRights } from './current-rights.ts'
import { createCalls, type CallContext, type Frame, type Unit } from './calls.ts'
import { gate } from './gate.ts'
import { createInFlight } from './in-flight.ts'
import { AlreadyAnswered, type Idempotency, type Request } from './idempotency.ts'
import type { EngineCall, Operation } from './operation.ts'
import { createRepeated } from './repeated.ts'
import { errorReply, type Reply } from './reply.ts'
import { runSteps } from './steps.ts'
import { inTransaction } from './transaction.ts'

export interface DispatcherOptions extends CallContext {
  readonly knex: Knex
  readonly idempotency: Idempotency
  readonly log: Log
  /** Called after each commit: the relay has something to do. */
  onCommit(operation: Operation, actorId: string | undefined): void
}

export interface Dispatcher {
  /** Answers a request of a client. */
  dispatch(event: string, payload: unknown, connection: Connection): Promise<Reply>
  /** Runs a task in a transaction of its own and in no one's name. */
  run<T>(task: (call: Call) => Promise<T>): Promise<T>
  /** Refuses further requests of clients; waits for those under way, at most so many milliseconds. */
  drain(patience: number): Promise<void>
}

const internal: Connection = { transport: 'internal' }

/** In whose call the tasks of plugins run. */
const system: Operation = {
  event: 'system', owner: 'core', kind: 'mutation', public: false, getter: false, hooks: [],
  stages: { parse: (payload) => payload, authorise: () => Promise.resolve(), handle: () => Promise.resolve({}) },
}

/** It is told to everyone who hears of the change: nothing that a page could take for markup. */
const requestIdForm = /^[A-Za-z0-9_.:~-]{1,64}$/

const requestIdOf = (payload: Payload): string | undefined => {
  const id = payload['requestId']
  if (id === undefined) return undefined
  if (typeof id !== 'string' || !requestIdForm.test(id)) throw invalidPayload([{ path: 'requestId', message: 'must be 1 to 64 characters of A-Z a-z 0-9 _ . : ~ -' }])
  return id
}

interface Performance {
  readonly frame: Frame
  readonly admitted: Admitted | undefined
  readonly tasks: Unit['tasks']
  readonly request: Request | undefined
}

export const createDispatcher = (options: DispatcherOptions): Dispatcher => {
  const { actors, knex, log } = options
  const { find, make } = createCalls(options)
  const inFlight = createInFlight()
  const repeated = createRepeated(knex, options.idempotency)

  /** What follows the end of a call; nothing of it can fail the call now. */
  const settle = async (operation: Operation, tasks: Unit['tasks'], { requestId, actorId }: { readonly requestId: string; readonly actorId?: string | undefined }): Promise<void> => {
    if (operation.kind === 'mutation') options.onCommit(operation, actorId)
    for (const task of tasks) {
      try {
        await task()
      } catch (cause) {
        log.error({ err: cause, operation: operation.event, requestId }, 'a task after the commit failed')
      }
    }
  }

  /** Runs a top-level call; the transaction of a mutation begins at the step `begin`. */
  const execute = async (operation: Operation, payload: Payload, frame: Frame): Promise<Payload> => {
    const { principal } = frame.connection
    const admitted = principal ? await actors.admit(knex, principal, { fresh: false }) : undefined
    if (!operation.public && !admitted && !frame.system) throw new AppError('unauthenticated')
    const tasks: Unit['tasks'] = []
    const outer = make(operation, payload, frame, { db: knex, admitted, depth: 0, tasks })
    const request = admitted && principal && frame.echo !== undefined && operation.kind === 'mutation'
      ? { actorId: admitted.actor.id, sessionId: principal.sessionId, requestId: frame.echo, event: operation.event, payload } : undefined
    const again = await repeated(operation, request, outer)
    if (again) return again
    try {
      return await perform(operation, outer, { frame, admitted, tasks, request })
    } catch (thrown) {
      if (!(thrown instanceof AlreadyAnswered)) throw thrown
      const reply = await repeated(operation, request, outer)
      if (!reply) throw new AppError('unavailable', { retryAfter: 1, cause: thrown })
      return reply
    }
  }

  /**
   * Runs a call. A mutation decides by the rights that are cached, and reads them again when all its locks are held and its work is
   * done: rights that others have changed meanwhile undo it, and it decides anew by those.
   */
  const perform = async (operation: Operation, outer: EngineCall, { frame, admitted, tasks, request }: Performance): Promise<Payload> => {
    const { principal } = frame.connection
    const current = createCurrentRights({ actors, knex, principal, admitted })
    const after = { requestId: frame.requestId, actorId: outer.actor?.id }
    let committed = false
    const output = await runSteps(operation, outer, async (work) => {
      if (operation.kind === 'query') return work(outer)
      const done = await current.run((now) => inTransaction(knex, { actorId: outer.actor?.id, requestId: frame.echo }, async (trx) => {
        tasks.length = 0
        if (request) await options.idempotency.take(trx, request)
        const call = make(operation, outer.input, frame, { db: trx, admitted: now, depth: 0, tasks })
        for (const [key, note] of outer.notes) call.notes.set(key, note)
        // A hook around a call that fails still learns why.
        const reply = await work(call).finally(() => call.notes.forEach((note, key) => outer.notes.set(key, note)))
        await current.confirm(trx)
        if (request) await options.idempotency.keep(trx, request, operation.secret === true ? undefined : reply)
        return reply
      }))
      committed = true
      return done
    }).catch(async (thrown: unknown) => {
      // A hook around it refuses what it has committed, such as the end of a stolen session: told to everyone, and yet no success.
      if (committed) await settle(operation, tasks, after)
      if (committed && request) {
        await options.idempotency.drop(knex, request).catch((cause: unknown) => log.warn({ err: cause, requestId: frame.requestId }, 'a refused request is still kept'))
      }
      throw thrown
    })
    await settle(operation, tasks, after)
    return output
  }

  return {
    async dispatch(event, payload, connection) {
      let requestId: string = uuid()
      try {
        const { requestId: _own, ...rest } = gate(payload)
        const echo = requestIdOf({ requestId: _own })
        requestId = echo ?? requestId
        const data = await inFlight.run(() => execute(find(event), rest, { requestId, connection, system: false, echo }))
        return { ok: true, data: echo === undefined ? data : { ...data, requestId: echo } }
      } catch (thrown) {
        const reply = errorReply(thrown, requestId)
        if (reply.error.code === 'internal') log.error({ err: thrown, event, requestId }, 'a request failed')
        else if (reply.error.code === 'unavailable') log.warn({ err: thrown, event, requestId }, 'a request could not be served')
        return reply
      }
    },
    drain: (patience) => inFlight.drain(patience),
    async run(task) {
      const tasks: Unit['tasks'] = []
      const frame = { requestId: uuid(), connection: internal, system: true, echo: undefined }
      const result = await inTransaction(knex, { actorId: undefined, requestId: undefined }, (trx) => {
        tasks.length = 0
        return task(make(system, {}, frame, { db: trx, admitted: undefined, depth: 0, tasks }))
      })
      await settle(system, tasks, frame)
      return result
    },
  }
}
