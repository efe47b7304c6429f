// The one way in: every transport and every inner call passes here, and every reply is made here. It never rejects.
import { randomUUID as uuid } from 'node:crypto'
import type { Knex } from 'knex'
import type { Call, Connection, Payload } from '../define/call.ts'
import { AppError, invalidPayload } from '../define/errors.ts'
import type { Log } from '../define/plugin.ts'
import { findOperation, openCall, type BoundCall, type CallContext, type Request, type Standing } from './call.ts'
import { createCurrentRights } from './current-rights.ts'
import { gate } from './gate.ts'
import { createInFlight } from './in-flight.ts'
import { AlreadyAnswered, type Idempotency, type KeptRequest } from './idempotency.ts'
import type { Noted, NotedRow } from './noted.ts'
import { deciding, type Operation } from './operation.ts'
import { perform, prepares, runCall } from './pipeline.ts'
import { createRepeated } from './repeated.ts'
import { errorReply, type Reply } from './reply.ts'
import type { Rows } from '../db/transaction.ts'
import { inTransaction, type Unit } from './transaction.ts'

export interface DispatcherOptions extends Omit<CallContext, 'onStep'> {
  readonly knex: Knex
  readonly idempotency: Idempotency
  readonly log: Log
  /** Called after each commit, with what it has changed, and the row that is answered: the client is not to be shown an older one. */
  onCommit(noted: Noted, answered?: NotedRow): void
}

export interface Dispatcher {
  /** Answers a request of a client. */
  dispatch(event: string, payload: unknown, connection: Connection): Promise<Reply>
  /** Runs a task in a transaction of its own and in no one's name. */
  run<T>(task: (call: Call) => Promise<T>): Promise<T>
  /** Tells a listener of each step of each call, for tests and debugging; undefined: no longer. */
  watch(listener: CallContext['onStep'] | undefined): void
  /** Refuses further requests of clients; waits for those under way, at most so many milliseconds. */
  drain(patience: number): Promise<void>
}

/** In whose call the tasks of plugins run. */
const system: Operation = {
  event: 'system', owner: 'core', kind: 'mutation', action: 'custom', tags: [], public: false, file: 'core/call/dispatcher.ts', hooks: [],
  steps: deciding({ parse: (payload) => payload, load: async () => undefined, authorise: async () => undefined, handle: async () => ({}) }),
}

/** It is told to everyone who hears of the change: nothing that a page could take for markup. */
const requestIdForm = /^[A-Za-z0-9_.:~-]{1,64}$/

const requestIdOf = (id: unknown): string | undefined => {
  if (id === undefined) return undefined
  if (typeof id === 'string' && requestIdForm.test(id)) return id
  throw invalidPayload([{ path: 'requestId', message: 'must be 1 to 64 characters of A-Z a-z 0-9 _ . : ~ -' }])
}

interface Attempt {
  readonly request: Request
  /** In whose name it came in. */
  readonly outside: Standing
  /** By what its reply is found again. */
  readonly kept: KeptRequest | undefined
}

/** A transaction starts, perhaps anew. */
const begin = (request: Request): void => {
  request.tasks.length = 0
  request.last.length = 0
  request.refusal = undefined
}

export const createDispatcher = (options: DispatcherOptions): Dispatcher => {
  const { actors, knex, log, idempotency, operations } = options
  let watching: CallContext['onStep'] | undefined
  const context: CallContext = { ...options, onStep: (call, step) => watching?.(call, step) }
  const inFlight = createInFlight()
  const repeated = createRepeated(options)

  /**
   * What follows the work, or the commit of a mutation; nothing of it can fail the call now.
   * @throws the error that the call is to be answered with although it is committed
   */
  const settle = async (operation: Operation, { tasks, requestId, refusal }: Request): Promise<void> => {
    for (const task of tasks) {
      try {
        await task()
      } catch (cause) {
        log.error({ err: cause, operation: operation.event, requestId }, 'a task after the commit failed')
      }
    }
    if (refusal) throw refusal
  }

  /**
   * Runs a mutation in a transaction. It decides by the rights that are cached, and reads them again when all its locks are held
   * and its work is done: rights that others have changed meanwhile undo it, and it decides anew by those.
   */
  const transact = async (operation: Operation, call: BoundCall, { request, outside, kept }: Attempt): Promise<Payload> => {
    const current = createCurrentRights({ actors, knex, principal: request.connection.principal, admitted: outside.admitted })
    const { input, actor } = call
    const take = (rows: Rows): void => {
      if (rows.length === 0) throw new AlreadyAnswered()
    }
    const unit: Unit = {
      actorId: actor?.id,
      requestId: request.echo,
      ...(kept ? { first: { sql: idempotency.take(kept), done: take } } : {}),
    }
    const { value, noted } = await current.run((admitted) => inTransaction(knex, unit, async (db, closing) => {
      begin(request)
      call.begin({ db, admitted })
      call.input = input
      const reply = await perform(operation, call)
      closing.stamp = await current.confirm(db)
      // What is refused has not succeeded: the same request may come again.
      const told = operation.secret === true ? undefined : reply
      if (kept) request.last.push(request.refusal ? idempotency.drop(kept) : idempotency.keep(kept, told))
      closing.last.push(...request.last)
      return reply
    })).finally(() => call.leave(knex))
    const { written } = call
    options.onCommit(noted, written && { resource: written.resource.name, id: written.row.id })
    await settle(operation, request)
    return value
  }

  const answer = async (operation: Operation, payload: Payload, request: Request): Promise<Payload> => {
    const { echo, connection: { principal } } = request
    const outside: Standing = { db: knex, admitted: principal && await actors.admit(knex, principal, { fresh: false }) }
    if (!operation.public && !outside.admitted) throw new AppError('unauthenticated')
    const call = openCall(context, { operation, input: payload, request, parent: undefined, system: false, ...outside })
    if (operation.kind === 'query') {
      const found = await runCall(operation, call)
      await settle(operation, request)
      return found
    }
    const kept = outside.admitted && principal && echo !== undefined
      ? { actorId: principal.actorId, sessionId: principal.sessionId, requestId: echo, event: operation.event, payload } : undefined
    // Its transaction would find out too, after what is prepared for it, such as a password that is compared, was done a second time.
    const again = kept && prepares(operation) && await repeated(operation, kept, call)
    if (again) return again
    try {
      return await runCall(operation, call, () => transact(operation, call, { request, outside, kept }))
    } catch (thrown) {
      if (!kept || !(thrown instanceof AlreadyAnswered)) throw thrown
      const first = await repeated(operation, kept, call)
      if (!first) throw new AppError('unavailable', { retryAfter: 1, cause: thrown })
      return first
    }
  }

  return {
    async dispatch(event, payload, connection) {
      let requestId: string = uuid()
      try {
        const { requestId: own, ...rest } = gate(payload)
        const echo = requestIdOf(own)
        requestId = echo ?? requestId
        const request: Request = { requestId, echo, connection, tasks: [], last: [] }
        const data = await inFlight.run(() => answer(findOperation(operations, event), rest, request))
        return { ok: true, data: echo === undefined ? data : { ...data, requestId: echo } }
      } catch (thrown) {
        const reply = errorReply(thrown, requestId)
        if (reply.error.code === 'internal') log.error({ err: thrown, event, requestId }, 'a request failed')
        else if (reply.error.code === 'unavailable') log.warn({ err: thrown, event, requestId }, 'a request could not be served')
        return reply
      }
    },
    watch: (listener) => void (watching = listener),
    drain: (patience) => inFlight.drain(patience),
    async run(task) {
      const request: Request = { requestId: uuid(), echo: undefined, connection: { transport: 'internal' }, tasks: [], last: [] }
      const { value, noted } = await inTransaction(knex, { actorId: undefined, requestId: undefined }, async (db, closing) => {
        begin(request)
        const done = await task(openCall(context, {
          operation: system, input: {}, request, parent: undefined, system: true, isTask: true, db, admitted: undefined,
        }))
        closing.last.push(...request.last)
        return done
      })
      options.onCommit(noted)
      await settle(system, request)
      return value
    },
  }
}
