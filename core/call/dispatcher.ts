// The one way in: every transport and every inner call passes here, and every reply is made here. It never rejects.
import { randomUUID as uuid } from 'node:crypto'
import type { Knex } from 'knex'
import { coreOwner } from '../define/app.ts'
import type { Call, Connection, Payload } from '../define/call.ts'
import { AppError, invalidPayload } from '../define/errors.ts'
import type { Log, RunOptions } from '../define/plugin.ts'
import type { OnAnswered } from './answered.ts'
import type { BoundCall, CallContext, Request, Standing } from './call.ts'
import { createCurrentRights } from './current-rights.ts'
import { gate } from './gate.ts'
import { createInFlight } from './in-flight.ts'
import { AlreadyAnswered, type Idempotency, type KeptRequest } from './idempotency.ts'
import type { Noted, NotedRow } from './noted.ts'
import { findOperation, openCall } from './opened.ts'
import { deciding, type Operation } from './operation.ts'
import { perform, prepares, runCall } from './pipeline.ts'
import { createRepeated } from './repeated.ts'
import { errorReply, type Reply } from './reply.ts'
import type { Rows } from '../db/transaction.ts'
import { toAppError } from '../db/sqlstate.ts'
import { inTransaction, type Unit } from './transaction.ts'

export interface DispatcherOptions extends Omit<CallContext, 'onStep'> {
  readonly knex: Knex
  /** Connections that requests cannot take. */
  readonly upkeep: Knex
  readonly idempotency: Idempotency
  readonly log: Log
  /** Whether this node knows what was committed of late; one that has just woken does not, and asks for the rights it has in memory. */
  isHearing(): boolean
  /** Asked before a request of a client begins. @throws AppError unavailable when too many wait for the database */
  requireRoom(): void
  /** Told of each request of a client once it is answered; it throws nothing. */
  readonly onAnswered: OnAnswered
  /** Called after each commit, with what it has changed, and the row that is answered: the client is not to be shown an older one. */
  onCommit(noted: Noted, answered?: NotedRow): void
}

export interface Dispatcher {
  /** Answers a request of a client. */
  dispatch(event: string, payload: unknown, connection: Connection): Promise<Reply>
  /** The reply to a request that gets no further than the door. */
  refuse(event: string, thrown: unknown, connection: Connection): Reply & { readonly ok: false }
  /** Runs a task in a transaction of its own and in no one's name. */
  run<T>(task: (call: Call) => Promise<T>, options?: RunOptions): Promise<T>
  /**
   * Runs an operation for a program on the server's machine, as a request of that actor would be; without one, in no one's name and with
   * every right.
   * @throws AppError
   */
  act(event: string, payload: Payload, by: By): Promise<Payload>
  /** Tells a listener of each step of each call, for tests and debugging; undefined: no longer. */
  watch(listener: CallContext['onStep'] | undefined): void
  /** Refuses further requests of clients; waits for those under way, at most so many milliseconds. */
  drain(patience: number): Promise<void>
}

interface By {
  readonly actorId?: string | undefined
  /** Runs in the operation's transaction, last of all; what it throws undoes it. */
  readonly within?: ((call: Call, output: Payload) => Promise<void>) | undefined
}

/** In whose call the tasks of plugins run. */
const system: Operation = {
  event: 'system', owner: 'core', kind: 'mutation', action: 'custom', tags: [], public: false, file: 'core/call/dispatcher.ts', hooks: [],
  steps: deciding({
    accepts: { fields: new Map() }, demands: [], parse: (payload) => payload, load: async () => undefined,
    authorise: async () => undefined, handle: async () => ({}),
  }),
}

/** It is told to everyone who hears of the change: nothing that a page could take for markup. */
const requestIdForm = /^[A-Za-z0-9_.:~-]{1,64}$/

const requestIdOf = (id: unknown): string | undefined => {
  if (id === undefined) return undefined
  if (typeof id === 'string' && requestIdForm.test(id)) return id
  throw invalidPayload([{ path: 'requestId', message: 'must be 1 to 64 characters of A-Z a-z 0-9 _ . : ~ -' }])
}

const attributesOf = ({ requestId, connection: { transport, principal } }: Request): Readonly<Record<string, string>> => ({
  'sovrane.request_id': requestId, 'sovrane.transport': transport, ...(principal ? { 'enduser.id': principal.actorId } : {}),
})

interface Attempt {
  readonly request: Request
  /** In whose name it came in. */
  readonly outside: Standing
  /** By what its reply is found again. */
  readonly kept: KeptRequest | undefined
  readonly within: By['within']
}

/** What a call of the server's own machine may have. */
interface Inside {
  readonly system?: boolean
  readonly within?: By['within'] | undefined
}

/** A transaction starts, perhaps anew. */
const begin = (request: Request): void => {
  request.tasks.length = 0
  request.last.length = 0
  request.refusal = undefined
}

export const createDispatcher = (options: DispatcherOptions): Dispatcher => {
  const { actors, knex, log, idempotency, operations, onAnswered, tracing } = options
  let watching: CallContext['onStep'] | undefined
  const onStep: CallContext['onStep'] = (call, step) => {
    watching?.(call, step)
    tracing?.onStep(step)
  }
  const context: CallContext = { ...options, onStep }
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
  const transact = async (operation: Operation, call: BoundCall, { request, outside, kept, within }: Attempt): Promise<Payload> => {
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
      if (admitted) request.connection.decided?.(admitted.actor)
      call.begin({ db, admitted })
      call.input = input
      const reply = await perform(operation, call)
      await within?.(call, reply)
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

  const answer = async (
    operation: Operation, payload: Payload, request: Request, { system = false, within }: Inside = {},
  ): Promise<Payload> => {
    const { echo, connection: { principal } } = request
    const outside: Standing = { db: knex, admitted: principal && await actors.admit(knex, principal, { fresh: !options.isHearing() }) }
    if (!operation.public && !outside.admitted && !system) throw new AppError('unauthenticated')
    if (outside.admitted && operation.kind === 'query') request.connection.decided?.(outside.admitted.actor)
    const call = openCall(context, { operation, input: payload, request, parent: undefined, system, ...outside })
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
      return await runCall(operation, call, () => transact(operation, call, { request, outside, kept, within }))
    } catch (thrown) {
      if (!kept || !(thrown instanceof AlreadyAnswered)) throw thrown
      const first = await repeated(operation, kept, call)
      if (!first) throw new AppError('unavailable', { retryAfter: 1, cause: thrown })
      return first
    }
  }

  return {
    async dispatch(event, payload, connection) {
      const began = performance.now()
      let requestId: string = uuid()
      const told = <R extends Reply>(reply: R, cause?: unknown): R => {
        const milliseconds = performance.now() - began
        onAnswered({ event, requestId, connection, code: reply.ok ? 'ok' : reply.error.code, milliseconds, cause })
        return reply
      }
      try {
        const { requestId: own, ...rest } = gate(payload, operations.get(event)?.each !== undefined)
        const echo = requestIdOf(own)
        requestId = echo ?? requestId
        const request: Request = { requestId, echo, connection, tasks: [], last: [] }
        const data = await inFlight.run(async () => {
          const operation = findOperation(operations, event)
          // Those of core, such as `ping`, ask the database for nothing.
          if (operation.owner !== coreOwner) options.requireRoom()
          if (!tracing) return answer(operation, rest, request)
          return tracing.traced(event, attributesOf(request), () => answer(operation, rest, request))
        })
        return told({ ok: true, data: echo === undefined ? data : { ...data, requestId: echo } })
      } catch (thrown) {
        return told(errorReply(thrown, requestId), thrown)
      }
    },
    act(event, payload, { actorId, within }) {
      const named = actorId === undefined ? {} : { principal: { actorId, sessionId: '', expiresAt: Infinity } }
      const connection: Connection = { transport: 'internal', ...named }
      const request: Request = { requestId: uuid(), echo: undefined, connection, tasks: [], last: [] }
      return inFlight.run(async () => {
        try {
          return await answer(findOperation(operations, event), payload, request, { system: actorId === undefined, within })
        } catch (thrown) {
          // As a client would be told: what the database refuses, too.
          throw toAppError(thrown) ?? thrown
        }
      })
    },
    refuse(event, thrown, connection) {
      const reply = errorReply(thrown, uuid())
      const { code, requestId } = reply.error
      onAnswered({ event, requestId, connection, code, milliseconds: 0, cause: thrown })
      return reply
    },
    watch: (listener) => void (watching = listener),
    drain: (patience) => inFlight.drain(patience),
    async run(task, { reserved } = {}) {
      const request: Request = { requestId: uuid(), echo: undefined, connection: { transport: 'internal' }, tasks: [], last: [] }
      const pool = reserved ? options.upkeep : knex
      const work = () => inTransaction(pool, { actorId: undefined, requestId: undefined }, async (db, closing) => {
        begin(request)
        const done = await task(openCall(context, {
          operation: system, input: {}, request, parent: undefined, system: true, isTask: true, db, admitted: undefined,
        }))
        closing.last.push(...request.last)
        return done
      })
      const { value, noted } = await (tracing ? tracing.traced(system.event, {}, work) : work())
      options.onCommit(noted)
      await settle(system, request)
      return value
    },
  }
}
