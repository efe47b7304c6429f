// One call from admission to reply: the same object before, in and after its transaction, and the parent of those it makes.
import type { Knex } from 'knex'
import type { Admitted } from '../access/actors.ts'
import { noRights, rowRights, systemRights, type RowRights } from '../access/row-rights.ts'
import { kindsOf, readWithin } from '../access/scopes.ts'
import type { Connection, Note, Notes, Payload, Refused } from '../define/call.ts'
import { AppError } from '../define/errors.ts'
import type { Cursors } from '../define/page.ts'
import { written } from '../define/statement.ts'
import type { BoundCall, CallContext, Opening, Standing } from './call.ts'
import type { Step } from './lifecycle.ts'
import type { EngineCall, Operation, Operations } from './operation.ts'
import { prepareCall, runCall } from './pipeline.ts'

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

/** The rights of those who have asked queries: an admission is kept until its actor's rights change, and belongs to one server. */
const queried = new WeakMap<Admitted, RowRights>()

/**
 * The call as its steps and hooks see it, which may take single functions of it along: those are made when they are asked for, as most
 * calls need none. It is a class since one is made for each request: an accessor in an object literal is kept where only a full collection
 * of garbage looks, with all that it can see, so that every call outlived its reply.
 */
class OpenedCall implements BoundCall {
  readonly operation: Operation
  readonly parent: EngineCall | undefined
  input: Payload
  before: EngineCall['before'] = undefined
  written: EngineCall['written'] = undefined
  change: EngineCall['change'] = undefined
  actor: EngineCall['actor'] = undefined
  readonly system: boolean
  rights: RowRights = noRights
  readonly cursors: Cursors
  readonly cache: EngineCall['cache']
  db: Knex
  readonly requestId: string
  readonly connection: Connection
  readonly onceWritten: EngineCall['onceWritten'] = []
  readonly #context: CallContext
  readonly #opening: Opening
  #admitted: Admitted | undefined
  #notes: Notes | undefined

  constructor(context: CallContext, opening: Opening) {
    const { operation, input, request, parent, system } = opening
    this.operation = operation
    this.parent = parent
    this.input = input
    this.system = system
    this.cursors = context.cursors
    // Within a transaction the database alone knows what it has written.
    this.cache = operation.kind === 'query' && !parent ? context.cache : undefined
    this.db = opening.db
    this.requestId = request.requestId
    this.connection = request.connection
    this.#context = context
    this.#opening = opening
    this.#stand(opening)
  }

  get notes(): Notes { return (this.#notes ??= createNotes()) }
  get refusal(): AppError | undefined { return this.#opening.request.refusal }

  enter(step: Step): void {
    this.#context.onStep(this, step)
  }

  begin(next: Standing): void {
    this.#stand(next)
    this.before = undefined
    this.written = undefined
    this.change = undefined
    this.onceWritten.length = 0
  }

  leave(db: Knex): void {
    this.#stand({ admitted: this.#admitted, db })
  }

  get call(): BoundCall['call'] {
    return async (event, payload, { as }) => {
      const { operation } = this
      const { operations, tracing } = this.#context
      const { request, isTask, watched } = this.#opening
      const inner = findOperation(operations, event)
      if (depthOf(this) >= deepestCall) throw new Error(`"${event}" was called from itself ${deepestCall} times over`)
      if (inner.kind === 'mutation' && (operation.kind === 'query' || watched))
        throw new Error(`The query "${operation.event}" cannot call the mutation "${event}"`)
      const caller = isTask ? undefined : this
      const opened = openCall(this.#context, {
        operation: inner, input: payload, request, parent: caller, system: as === 'system', ...this.#standing(),
      })
      return tracing ? tracing.traced(event, {}, () => runCall(inner, opened)) : runCall(inner, opened)
    }
  }

  get prepare(): BoundCall['prepare'] {
    return async (event, payload) => {
      const { request, system } = this.#opening
      const inner = findOperation(this.#context.operations, event)
      const opened = openCall(this.#context, { operation: inner, input: payload, request, parent: this, system, ...this.#standing() })
      const run = await prepareCall(inner, opened)
      const { input: prepared } = opened
      return () => {
        opened.begin(this.#standing())
        opened.input = prepared
        return run()
      }
    }
  }

  get afresh(): BoundCall['afresh'] {
    return async (resource, id) => {
      const { actors } = this.#context
      const { principal } = this.connection
      const admitted = this.#admitted
      if (this.system || !principal || !admitted || !actors.mayChange(resource, id, admitted.actor.id)) return
      this.#stand({ db: this.db, admitted: await actors.admit(this.db, principal, { fresh: true }) })
    }
  }

  get explain(): BoundCall['explain'] {
    return (actorId, event, id) => this.#context.explain(this.#context, this, { actorId, event, id }, (of) => this.#tried(of))
  }

  get allowedOn(): BoundCall['allowedOn'] {
    return (resource, id) => this.#context.allowedOn(
      this.#context, this, { resource, id }, (of) => this.#tried({ ...of, admitted: this.#admitted }),
    )
  }

  get holdings(): BoundCall['holdings'] {
    return (actorId) => this.#context.holdings(this.#context, this, actorId)
  }

  get rightsOf(): BoundCall['rightsOf'] {
    return async (actorId) => this.#rightsOf(await this.#context.actors.look(this.db, actorId), this.db)
  }

  get withCommit(): BoundCall['withCommit'] {
    return (statement, values) => void this.#opening.request.last.push(written(statement, values))
  }

  get afterCommit(): BoundCall['afterCommit'] {
    return (task) => void this.#opening.request.tasks.push(task)
  }

  get refuseAfterCommit(): BoundCall['refuseAfterCommit'] {
    return (error) => {
      this.#opening.request.refusal = error
      // Whatever is answered, the refusal is told.
      return {} as Refused
    }
  }

  #standing(): Standing {
    return { db: this.db, admitted: this.#admitted }
  }

  #stand({ db, admitted }: Standing): void {
    this.#admitted = admitted
    this.db = db
    this.actor = this.system ? undefined : admitted?.actor
    this.rights = this.system ? systemRights : this.#rightsOf(admitted, db)
  }

  #decided({ actor, ability }: Admitted, db: Knex): RowRights {
    const { resources, root, actorResource, actors, keys } = this.#context
    const { cache } = this
    return rowRights(actor, ability, {
      resources, root, db, actorResource, grantsOf: actors.grantsOf, keys, ...this.#opening.watched,
      within: cache && ((resource, scopes) =>
        cache.found(kindsOf(resource), [resource.name, scopes], () => readWithin(db, resource, scopes))),
    })
  }

  #rightsOf(admitted: Admitted | undefined, db: Knex): RowRights {
    if (!admitted) return noRights
    // What is only read outside of a transaction is decided alike for every request of the actor.
    if (!this.cache || db !== this.#opening.db) return this.#decided(admitted, db)
    const known = queried.get(admitted)
    if (known) return known
    const decided = this.#decided(admitted, db)
    queried.set(admitted, decided)
    return decided
  }

  /** What it would do once it is committed is not done. */
  #tried(of: Omit<Opening, 'request' | 'parent' | 'system' | 'db'>): BoundCall {
    const { request } = this.#opening
    return openCall(this.#context, { ...of, request: { ...request, tasks: [], last: [] }, parent: this, system: false, db: this.db })
  }
}

export const openCall = (context: CallContext, opening: Opening): BoundCall => new OpenedCall(context, opening)
