// One call from admission to reply: the same object before, in and after its transaction, and the parent of those it makes.
import type { Knex } from 'knex'
import type { Actors, Admitted } from '../access/actors.ts'
import { noRights, rowRights, systemRights, type RightsContext, type RowRights } from '../access/row-rights.ts'
import { kindsOf, readWithin } from '../access/scopes.ts'
import type { Allowed, Connection, Note, Notes, Payload, Refused } from '../define/call.ts'
import { AppError } from '../define/errors.ts'
import type { Explanation, Holdings } from '../define/explanation.ts'
import type { Cursors } from '../define/page.ts'
import { written } from '../define/statement.ts'
import type { Resource, Resources } from '../model/resource.ts'
import type { Cache } from './cache.ts'
import type { Step } from './lifecycle.ts'
import type { EngineCall, Operation, Operations } from './operation.ts'
import { prepareCall, runCall } from './pipeline.ts'

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

/** Follows calls, their steps and what they ask of the database. */
export interface CallTracing {
  /** Runs a call; what is begun within it belongs to it. */
  traced<T>(event: string, attributes: Readonly<Record<string, string>>, run: () => Promise<T>): Promise<T>
  /** The call under way has come to this step. */
  onStep(step: Step): void
}

/** Whether an actor may call an event, on a row. */
export interface Asked {
  readonly actorId: string
  readonly event: string
  readonly id: string | undefined
}

/** Rights that are told to a witness while something is decided over them. */
type Watched = Pick<RightsContext, 'witness' | 'places'>

/** Opens a call in the name of someone else, of which nothing but decisions are asked. */
export type Trial = (of: {
  readonly operation: Operation; readonly input: Payload; readonly admitted: Admitted; readonly watched: Watched
}) => BoundCall

/** The same in the caller's own name. */
export type OwnTrial = (of: Omit<Parameters<Trial>[0], 'admitted'>) => BoundCall

export interface CallContext {
  /** Undefined: no one follows. */
  readonly tracing: CallTracing | undefined
  readonly cache: Cache
  readonly operations: Operations
  readonly resources: Resources
  readonly root: string
  /** The resource whose rows are actors. */
  readonly actorResource: string
  readonly actors: Actors
  /** Every key that definitions and plugins name. */
  readonly keys: readonly string[]
  explain(context: CallContext, asker: EngineCall, asked: Asked, open: Trial): Promise<Explanation>
  allowedOn(
    context: CallContext, asker: EngineCall, row: { readonly resource: Resource; readonly id: string }, open: OwnTrial,
  ): Promise<Allowed>
  holdings(context: CallContext, asker: EngineCall, actorId: string): Promise<Holdings>
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
  readonly watched?: Watched
}

/** The rights of those who have asked queries: an admission is kept until its actor's rights change, and belongs to one server. */
const queried = new WeakMap<Admitted, RowRights>()

export const openCall = (
  context: CallContext, { operation, input, request, parent, system, isTask, watched, ...standing }: Opening,
): BoundCall => {
  const { resources, root, actorResource, actors, cursors, keys } = context
  // Within a transaction the database alone knows what it has written.
  const cache = operation.kind === 'query' && !parent ? context.cache : undefined
  const decided = (admitted: Admitted, db: Knex): RowRights => rowRights(admitted.actor, admitted.ability, {
    resources, root, db, actorResource, grantsOf: actors.grantsOf, keys, ...watched,
    within: cache && ((resource, scopes) =>
      cache.found(kindsOf(resource), [resource.name, scopes], () => readWithin(db, resource, scopes))),
  })
  const rightsOf = (admitted: Admitted | undefined, db: Knex): RowRights => {
    if (!admitted) return noRights
    // What is only read outside of a transaction is decided alike for every request of the actor.
    if (!cache || db !== standing.db) return decided(admitted, db)
    const known = queried.get(admitted) ?? decided(admitted, db)
    queried.set(admitted, known)
    return known
  }
  let current: Standing = standing
  const stand = (next: Standing): void => {
    current = next
    call.db = next.db
    call.actor = system ? undefined : next.admitted?.actor
    call.rights = system ? systemRights : rightsOf(next.admitted, next.db)
  }
  // What it would do once it is committed is not done.
  const tried = (of: Omit<Opening, 'request' | 'parent' | 'system' | 'db'>): BoundCall =>
    openCall(context, { ...of, request: { ...request, tasks: [], last: [] }, parent: call, system: false, db: call.db })
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
      if (inner.kind === 'mutation' && (operation.kind === 'query' || watched))
        throw new Error(`The query "${operation.event}" cannot call the mutation "${event}"`)
      const caller = isTask ? undefined : call
      const opened = openCall(context, {
        operation: inner, input: payload, request, parent: caller, system: as === 'system', ...current,
      })
      const { tracing } = context
      return tracing ? tracing.traced(event, {}, () => runCall(inner, opened)) : runCall(inner, opened)
    },
    async prepare(event, payload) {
      const inner = findOperation(context.operations, event)
      const opened = openCall(context, { operation: inner, input: payload, request, parent: call, system, ...current })
      const run = await prepareCall(inner, opened)
      const { input: prepared } = opened
      return () => {
        opened.begin(current)
        opened.input = prepared
        return run()
      }
    },
    async afresh(resource, id) {
      const { admitted } = current
      const { principal } = request.connection
      if (system || !principal || !admitted || !actors.mayChange(resource, id, admitted.actor.id)) return
      stand({ db: call.db, admitted: await actors.admit(call.db, principal, { fresh: true }) })
    },
    explain: (actorId, event, id) => context.explain(context, call, { actorId, event, id }, tried),
    allowedOn: (resource, id) => context.allowedOn(context, call, { resource, id }, (of) => tried({ ...of, admitted: current.admitted })),
    holdings: (actorId) => context.holdings(context, call, actorId),
    async rightsOf(actorId) {
      return rightsOf(await actors.look(call.db, actorId), call.db)
    },
    withCommit: (statement, values) => void request.last.push(written(statement, values)),
    afterCommit: (task) => void request.tasks.push(task),
    refuseAfterCommit(error) {
      request.refusal = error
      // Whatever is answered, the refusal is told.
      return {} as Refused
    },
  }
  stand(standing)
  return call
}
