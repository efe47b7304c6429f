// An operation once compiled: what it is, its work in typed steps, and the hooks on it with their owners.
import type { Demand } from '../access/authorise.ts'
import type { DecidingCall } from '../access/row-rights.ts'
import type { Allowed, AnyHook, OperationInfo, Payload } from '../define/call.ts'
import type { Further } from '../define/explanation.ts'
import type { Schema } from 'yup'
import type { AnyOperation } from '../define/operation.ts'
import type { Row } from '../define/rights.ts'
import type { Resource } from '../model/resource.ts'
import type { Cache } from './cache.ts'
import type { Step } from './lifecycle.ts'

/** A call as core's own steps see it. */
export interface EngineCall extends Omit<DecidingCall, 'before'> {
  before: Row | undefined
  /** The row as the call has written it; it stands as long as the transaction has asked for no more that may write. */
  written: { readonly resource: Resource; readonly row: Row; readonly writes: number } | undefined
  /** What was read and still holds; undefined where only the database can tell, in a transaction. */
  readonly cache: Cache | undefined
  /**
   * Does of another operation, in the same name, what needs no transaction. What it answers runs the rest, within the transaction of this
   * call, and again where that runs again.
   */
  prepare(event: string, payload: Payload): Promise<() => Promise<Payload>>
  /** What the caller may do with a row. @throws AppError not_found for one that they may neither get nor list */
  allowedOn(resource: Resource, id: string): Promise<Allowed>
  /**
   * This row was changed: where that may have changed the caller's own rights, what follows is decided by those that they have now.
   * @throws AppError unauthenticated when they may do nothing any longer
   */
  afresh(resource: Resource, id: string): Promise<void>
  /** Tells those who watch calls that a step begins. */
  enter(step: Step): void
}

/** What a payload may hold. It is what is parsed, and what is told of the event. */
interface Accepted {
  readonly fields: ReadonlyMap<string, Schema>
  /** Further names of fields. */
  readonly aliases?: ReadonlyMap<string, string>
}

/** The work of an operation between the hooks; what a step gives, the next one takes. */
export interface Work<Loaded, Allowed, Decided> {
  /** What it demands whatever else the payload says; `authorise` asks for these. */
  readonly demands: readonly Demand[]
  readonly accepts: Accepted
  /** Repairs, such as aliases, and the schema. @throws AppError invalid_payload with every fault */
  parse(payload: Payload): Payload
  /** Slow work before the transaction. */
  prepare?(call: EngineCall): Promise<void>
  /** The rows it is about, locked in mutations. */
  load(call: EngineCall): Promise<Loaded>
  authorise(call: EngineCall, loaded: Loaded): Promise<Allowed>
  /** States what is about to change and decides over it. */
  decide(call: EngineCall, allowed: Allowed): Promise<Decided>
  handle(call: EngineCall, decided: Decided): Promise<Payload>
  /**
   * Decides what follows from the row alone, as `decide` does, and says what else a payload may make it ask. Nothing is locked or written;
   * without a row there is nothing to decide. For explanations.
   */
  foresee?(call: EngineCall, row: Row | undefined): Promise<readonly Further[]>
  /** What the actor may read of the output. */
  project?(call: EngineCall, output: Payload, decided: Decided): Promise<Payload>
}

/** A payload, and how it is read: two properties of the work of an operation. */
export type Reading = Pick<Work<unknown, unknown, unknown>, 'accepts' | 'parse'>

/** The same once composed: what one step hands to the next stays inside. */
export interface Steps {
  readonly demands: readonly Demand[]
  foresee(call: EngineCall, row: Row | undefined): Promise<readonly Further[]>
  readonly accepts: Accepted
  parse(payload: Payload): Payload
  /** Undefined: there is nothing to prepare. */
  readonly prepare: ((call: EngineCall) => Promise<void>) | undefined
  /** From `load` to `project`. `before` and `after`: the hooks at their moments. */
  perform(call: EngineCall, before: () => Promise<void>, after: (output: Payload) => Promise<Payload>): Promise<Payload>
}

export const compose = <L, A, D>(work: Work<L, A, D>): Steps => ({
  demands: work.demands,
  foresee: async (call, row) => (await work.foresee?.(call, row)) ?? [],
  accepts: work.accepts,
  parse: (payload) => work.parse(payload),
  prepare: work.prepare?.bind(work),
  async perform(call, before, after) {
    call.enter('load')
    const loaded = await work.load(call)
    call.enter('authorise')
    const allowed = await work.authorise(call, loaded)
    await before()
    call.enter('decide')
    const decided = await work.decide(call, allowed)
    call.enter('handle')
    const written = await work.handle(call, decided)
    for (const check of call.onceWritten) await check()
    const output = await after(written)
    call.enter('project')
    return work.project ? work.project(call, output, decided) : output
  },
})

const passed = <T>(_call: EngineCall, allowed: T): Promise<T> => Promise.resolve(allowed)

/** The work of an operation that states no change. */
export const deciding = <L, A>(work: Omit<Work<L, A, A>, 'decide'>): Steps => compose<L, A, A>({ ...work, decide: passed })

export interface OwnedHook {
  readonly owner: string
  readonly hook: AnyHook
}

export interface Operation extends OperationInfo {
  readonly public: boolean
  /** Its reply hands out a secret and is never kept. */
  readonly secret?: boolean
  /** It is about the socket that it comes on: over HTTP there is no such event. */
  readonly socketOnly?: true
  /** The file that does its work, and the one that does what comes before its transaction, where that is another. */
  readonly file: string
  /** What its definition says of its reply and its errors; undefined for generic ones, which follow from the resource. */
  readonly said?: Pick<AnyOperation, 'about' | 'output' | 'errors' | 'changes'>
  readonly steps: Steps
  /** A kept reply as far as the caller may read it now; undefined: it cannot be made less. */
  replay?(call: EngineCall, answered: { readonly reply: Payload; readonly own: boolean }): Promise<Payload | undefined>
  readonly hooks: readonly OwnedHook[]
}

export type Operations = ReadonlyMap<string, Operation>

/** Whether its reply drops `-get`: a relation that is read. */
export const isGetter = ({ action, relation }: OperationInfo): boolean => action === 'get' && relation !== undefined
