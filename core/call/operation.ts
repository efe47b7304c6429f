// An operation once compiled: its schema, its stages, and the hooks on it with their owners.
import type { Resource } from '../model/resource.ts'
import type { RowRights } from '../access/row-rights.ts'
import type { Call, AnyHook, Payload } from '../define/call.ts'
import type { Action, Row } from '../define/rights.ts'

/** A call as core's own stages see it. */
export interface EngineCall extends Omit<Call, 'before' | 'candidate' | 'rights'> {
  before: Row | undefined
  candidate: Payload | undefined
  readonly rights: RowRights
  /** What guards ask once the change is written; throwing undoes it. */
  readonly onceWritten: (() => Promise<void>)[]
  /** What `prepare` gave. */
  prepared: unknown
}

export interface Stages {
  /** Aliases and other repairs of the payload before the schema sees it. */
  normalise?(payload: Payload): Payload
  /** @throws AppError invalid_payload with every fault */
  parse(payload: Payload): Payload
  /** Slow work before the transaction; its result is `call.prepared`. */
  prepare?(call: EngineCall): Promise<unknown>
  load?(call: EngineCall): Promise<void>
  authorise(call: EngineCall): Promise<void>
  /** States what is about to change and decides over it. */
  candidate?(call: EngineCall): Promise<void>
  handle(call: EngineCall): Promise<Payload>
  project?(call: EngineCall, output: Payload): Promise<Payload>
}

export interface OwnedHook {
  readonly owner: string
  readonly hook: AnyHook
}

export interface Operation {
  readonly event: string
  readonly owner: string
  readonly kind: 'query' | 'mutation'
  readonly public: boolean
  /** A relation's getter: its reply drops `-get`. */
  readonly getter: boolean
  readonly resource?: Resource
  /** The right to the event, apart from any row: asked again before a repeated request gets its first reply. */
  readonly right?: { readonly key: string; readonly action?: Action }
  /** Its reply hands out a secret and is never kept. */
  readonly secret?: boolean
  readonly stages: Stages
  readonly hooks: readonly OwnedHook[]
}

export type Operations = ReadonlyMap<string, Operation>
