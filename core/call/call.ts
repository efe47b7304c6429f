// What a call is opened with, and what those around it know of it.
import type { Knex } from 'knex'
import type { Actors, Admitted } from '../access/actors.ts'
import type { RightsContext, RowRights } from '../access/row-rights.ts'
import type { Allowed, Connection, Payload } from '../define/call.ts'
import type { AppError } from '../define/errors.ts'
import type { Explanation, Holdings } from '../define/explanation.ts'
import type { Cursors } from '../define/page.ts'
import type { Resource, Resources } from '../model/resource.ts'
import type { Cache } from './cache.ts'
import type { Step } from './lifecycle.ts'
import type { EngineCall, Operation, Operations } from './operation.ts'

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

export interface Opening extends Standing {
  readonly operation: Operation
  readonly input: Payload
  readonly request: Request
  readonly parent: EngineCall | undefined
  readonly system: boolean
  /** A task of the server's own: the calls that it makes have no parent. */
  readonly isTask?: true
  readonly watched?: Watched
}
