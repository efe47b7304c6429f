// One call from admission to reply: the same object before, in and after its transaction, and the parent of those it makes.
import type { Knex } from 'knex'
import type { Actors, Admitted } from '../access/actors.ts'
import { noRights, rowRights, systemRights, type RowRights } from '../access/row-rights.ts'
import { kindsOf, readWithin } from '../access/scopes.ts'
import type { Connection, Note, Notes, Payload } from '../define/call.ts'
import { AppError } from '../define/errors.ts'
import type { Cursors } from '../define/page.ts'
import { written } from '../define/statement.ts'
import type { Resources } from '../model/resource.ts'
import type { Cache } from './cache.ts'
import type { Step } from './lifecycle.ts'
import type { EngineCall, Operation, Operations } from './operation.ts'
import { runCall } from './pipeline.ts'

/** What a request and all calls within it share. */
export interface Request {
  readonly requestId: string
  /** The client's own id of the request, which its changes carry. */
  readonly echo: string | undefined
  readonly connection: Connection
  /** What follows the commit. */
  readonly tasks: (() => void | Promise<void>)[]
  /** SQL that travels with the commit. */
  readonly last: string[]
  /** The error that is answered although it is committed. */
  refusal?: AppError | undefined
}

export interface CallContext {
  readonly cache: Cache
  readonly operations: Operations
  readonly resources: Resources
  readonly root: string
  /** The resource whose rows are actors. */
  readonly actorResource: string
  readonly actors: Actors
  readonly cursors: Cursors
  /** Told of each step of each call. */
  readonly onStep: (call: Pick<EngineCall, 'operation' | 'requestId'>, step: Step) => void
}

/** Where and in whose name a call acts at the moment. */
export interface Standing {
  readonly db: Knex
  readonly admitted: Admitted | undefined
}

/** A call that the dispatcher can move into a transaction and out of it. */
export interface BoundCall extends EngineCall {
  db: Knex
  rights: RowRights
  actor: EngineCall['actor']
  /** Acts there from now on, as if nothing had been done yet. */
  begin(standing: Standing): void
  /** Acts on this database from now on: its transaction is over. */
  leave(db: Knex): void
}

/** Calls within calls before it is taken for a loop. */
const deepestCall = 16

const createNotes = (): Notes => {
  const values = new Map<Note<unknown>, unknown>()
  return {
    // What is kept under a note was given with its type.
    get: <T>(note: Note<T>) => values.get(note) as T | undefined,
    set: (note, value) => void values.set(note, value),
  }
}

/** @throws AppError unknown_event */
export const findOperation = (operations: Operations, event: string): Operation => {
  const operation = operations.get(event)
  if (!operation) throw new AppError('unknown_event', { message: 'There is no such event' })
  return operation
}

const depthOf = (call: Pick<EngineCall, 'parent'>): number => (call.parent ? 1 + depthOf(call.parent) : 0)

interface Opening extends Standing {
  readonly operation: Operation
  readonly input: Payload
  readonly request: Request
  readonly parent: EngineCall | undefined
  readonly system: boolean
  /** A task of the server's own: the calls that it makes have no parent. */
  readonly isTask?: true
}

export const openCall = (context: CallContext, { operation, input, request, parent, system, isTask, ...standing }: Opening): BoundCall => {
  const { resources, root, actorResource, actors, cursors } = context
  // Within a transaction the database alone knows what it has written.
  const cache = operation.kind === 'query' && !parent ? context.cache : undefined
  const rightsOf = (admitted: Admitted | undefined, db: Knex): RowRights => {
    if (!admitted) return noRights
    return rowRights(admitted.actor, admitted.ability, {
      resources, root, db, actorResource, grantsOf: actors.grantsOf,
      within: cache && ((resource, scopes) =>
        cache.found(kindsOf(resource), [resource.name, scopes], () => readWithin(db, resource, scopes))),
    })
  }
  let current: Standing = standing
  const stand = (next: Standing): void => {
    current = next
    call.db = next.db
    call.actor = system ? undefined : next.admitted?.actor
    call.rights = system ? systemRights : rightsOf(next.admitted, next.db)
  }
  const call: BoundCall = {
    operation,
    parent,
    input,
    before: undefined,
    written: undefined,
    change: undefined,
    actor: undefined,
    system,
    rights: noRights,
    cursors,
    cache,
    db: standing.db,
    requestId: request.requestId,
    connection: request.connection,
    notes: createNotes(),
    onceWritten: [],
    enter: (step) => context.onStep(call, step),
    get refusal() {
      return request.refusal
    },
    begin(next) {
      stand(next)
      call.before = undefined
      call.written = undefined
      call.change = undefined
      call.onceWritten.length = 0
    },
    leave: (db) => stand({ ...current, db }),
    async call(event, payload, { as }) {
      const inner = findOperation(context.operations, event)
      if (depthOf(call) >= deepestCall) throw new Error(`"${event}" was called from itself ${deepestCall} times over`)
      if (inner.kind === 'mutation' && operation.kind === 'query')
        throw new Error(`The query "${operation.event}" cannot call the mutation "${event}"`)
      const caller = isTask ? undefined : call
      return runCall(inner, openCall(context, {
        operation: inner, input: payload, request, parent: caller, system: as === 'system', ...current,
      }))
    },
    async rightsOf(actorId) {
      return rightsOf(await actors.look(call.db, actorId), call.db)
    },
    withCommit: (statement, values) => void request.last.push(written(statement, values)),
    afterCommit: (task) => void request.tasks.push(task),
    refuseAfterCommit: (error) => void (request.refusal = error),
  }
  stand(standing)
  return call
}
