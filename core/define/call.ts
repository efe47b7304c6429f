// One call of an operation, as hooks and handlers see it.
import type { Knex } from 'knex'
import type { Change } from './change.ts'
import type { AppError } from './errors.ts'
import type { Explanation, Holdings } from './explanation.ts'
import type { Cursors } from './page.ts'
import type { Actor, Rights, Row } from './rights.ts'
import type { Prepared, Scalar } from './statement.ts'

/** Where a request came from. */
export interface Connection {
  readonly transport: 'socket' | 'http' | 'internal'
  readonly ip?: string
  readonly userAgent?: string
  /** Names a socket for as long as it is open. */
  readonly id?: string
  /** Moves the end of this live connection, once its session was renewed. */
  readonly renew?: (principal: Principal) => void
  /** Changes what this live connection hears from now on; absent where nothing is heard. */
  readonly listen?: (interest: Interest) => Promise<void>
  /** Told in whose rights a request is answered; absent where no one is told of changes of rights. */
  readonly decided?: (actor: Actor) => void
  /** Who the transport has authenticated; absent on the public doors. */
  readonly principal?: Principal
}

/** What a live connection hears of changes. */
export interface Interest {
  /** The names of those whose changes it hears, in order and each once; undefined: of all. */
  readonly resources: readonly string[] | undefined
  /** It hears of no change, and where the feed is as soon as that moves. */
  readonly heads: boolean
}

/** The proved identity behind a connection. */
export interface Principal {
  readonly actorId: string
  /** '' where there is none, and none can end: a program on the server's machine acts in their name. */
  readonly sessionId: string
  /** Epoch milliseconds at which it ends. */
  readonly expiresAt: number
  /** An API token: it acts by its keys, and hears changes only while it holds one. */
  readonly byKeys?: true
  /** Limits the actor's rights to these keys (API tokens). */
  readonly only?: readonly string[]
}

export type Payload = Readonly<Record<string, unknown>>

/** What an operation is, so that no one takes the name of its event apart. */
export interface OperationInfo {
  readonly event: string
  /** The resource or plugin that declares it. */
  readonly owner: string
  readonly kind: 'query' | 'mutation'
  /**
   * What it does to its resource, or to its relation: `clear` empties a to-one relation, `remove` takes one
   * link away. `custom`: not generic.
   */
  readonly action: 'list' | 'get' | 'create' | 'update' | 'delete' | 'set' | 'clear' | 'add' | 'remove' | 'custom'
  readonly resource?: string
  readonly relation?: string
  /** The single event that it makes of each of the payloads that it takes. */
  readonly each?: string
  /** What its definition says of it to other plugins, such as `authentication`. */
  readonly tags: readonly string[]
}

/** What may be done with a row: the events that are about it, and the fields that may be changed. */
export interface Allowed {
  readonly events: readonly string[]
  readonly fields: readonly string[]
}

/** What hooks and handlers of one call tell each other, declared by whom it belongs to. */
export interface Note<T> {
  readonly name: string
  /** Only its type counts. */
  readonly __type?: T
}

/** Declares a note. */
export const note = <T>(name: string): Note<T> => Object.freeze({ name })

export interface Notes {
  get<T>(note: Note<T>): T | undefined
  set<T>(note: Note<T>, value: T): void
}

export interface Call<I = Payload> {
  readonly operation: OperationInfo
  /** The call that made this one; undefined for a request, and for what a task of a plugin calls. */
  readonly parent: Call | undefined
  /** The parsed payload. A `before` hook may replace it; it is then checked again. */
  input: I
  /** The row before the operation, locked in mutations. */
  readonly before: Row | undefined
  /** What a generic mutation changes, once it is stated and allowed: in guards, in `after` and `committed`. */
  readonly change: Change | undefined
  /** In whose name; undefined for public operations and for calls as `system`. */
  readonly actor: Actor | undefined
  /** True when another operation called this one as `system`: no rights are asked. */
  readonly system: boolean
  readonly rights: Rights
  /** The transaction of a mutation while it lasts, else the pool. The only handle there is. */
  readonly db: Knex
  readonly requestId: string
  readonly connection: Connection
  /** Makes and reads the `next` and `after` of lists. */
  readonly cursors: Cursors
  readonly notes: Notes
  /** The error that the request will be answered with although it is committed; undefined: none. */
  readonly refusal: AppError | undefined
  /**
   * Runs another operation within this transaction.
   * @throws AppError as the operation would answer it
   */
  call(event: string, payload: Payload, options: { readonly as: 'actor' | 'system' }): Promise<Payload>
  /**
   * What decides whether an actor may call an event, on a row if one is named: decided by what decides the call itself, and told as far as
   * the caller may read it.
   * @throws AppError invalid_payload for an event that there is not or that is about no row, not_found for a row or an actor that the
   * caller may not read
   */
  explain(actorId: string, event: string, id?: string): Promise<Explanation>
  /**
   * All that an actor is granted and denied, and what it comes from, told as far as the caller may read it.
   * @throws AppError not_found for an actor that the caller may not read
   */
  holdings(actorId: string): Promise<Holdings>
  /** The rights that an actor has now; none for an unknown actor or one that may not act. */
  rightsOf(actorId: string): Promise<Rights>
  /**
   * Asks a statement last of all, in one message with the commit: what it throws undoes the call, and no one reads what it answers.
   * For records of what was done.
   */
  withCommit(statement: Prepared, values: readonly Scalar[]): void
  /** Runs a task once the transaction is committed; it cannot fail the call. */
  afterCommit(task: () => void | Promise<void>): void
  /**
   * Commits what is written, and answers the request with this error all the same: for failures that must be
   * kept, such as counted log-ins. A handler returns what it gives.
   */
  refuseAfterCommit(error: AppError): Refused
}

declare const refused: unique symbol
/** In place of a reply: the request is answered with an error. */
export interface Refused {
  readonly [refused]: true
}

type Awaitable<T> = T | Promise<T>

/** What a hook may do, by the moment it runs. `docs/lifecycle.md` draws the order. */
export interface Hook<I = Payload> {
  /** Outside the transaction, around all of it. */
  around?(call: Call<I>, next: () => Promise<Payload>): Promise<Payload>
  /** Outside the transaction, once the input is parsed: slow work such as hashing. */
  prepare?(call: Call<I>): Awaitable<void>
  /** In the transaction, after the rights on the row as it is. A returned value replaces the input. */
  before?(call: Call<I>): Awaitable<I | void>
  /** In the transaction, after the write. A returned value replaces the output; throwing rolls back. */
  after?(call: Call<I>, output: Payload): Awaitable<Payload | void>
  /** After the commit; cannot fail the call. */
  committed?(call: Call<I>, output: Payload): Awaitable<void>
}

/** A hook whatever its input: what it returns is checked where the input is known. */
export interface AnyHook extends Omit<Hook, 'before'> {
  before?(call: Call): unknown
}

/** A plugin's hook: on one event, or on a pattern such as `*-create`. */
export interface TargetedHook extends Hook {
  readonly on: string
}
