// One call of an operation, as hooks and handlers see it.
import type { Knex } from 'knex'
import type { Cursors } from './page.ts'
import type { Actor, Rights, Row } from './rights.ts'

/** Where a request came from. */
export interface Connection {
  readonly transport: 'socket' | 'http' | 'internal'
  readonly ip?: string
  readonly userAgent?: string
  /** Names a socket for as long as it is open. */
  readonly id?: string
  /** Moves the end of this live connection, once its session was renewed. */
  readonly renew?: (principal: Principal) => void
  /** Who the transport has authenticated; absent on the public doors. */
  readonly principal?: Principal
}

/** The proved identity behind a connection. */
export interface Principal {
  readonly actorId: string
  readonly sessionId: string
  /** Epoch milliseconds at which it ends. */
  readonly expiresAt: number
  /** An API token: it acts by its keys, and hears changes only while it holds one. */
  readonly byKeys?: true
  /** Limits the actor's rights to these keys (API tokens). */
  readonly only?: readonly string[]
}

export type Payload = Readonly<Record<string, unknown>>

export interface Call<I = Payload> {
  readonly operation: string
  /** The resource or plugin that declared the operation. */
  readonly owner: string
  readonly kind: 'query' | 'mutation'
  /** The parsed payload. A `before` hook may replace it; it is then checked again. */
  input: I
  /** The row before the operation, locked in mutations. */
  readonly before: Row | undefined
  /** The row as the operation would leave it (create, update). */
  readonly candidate: Payload | undefined
  /** In whose name; undefined for public operations and for calls as `system`. */
  readonly actor: Actor | undefined
  /** True when another operation called this one as `system`: no rights are asked. */
  readonly system: boolean
  readonly rights: Rights
  /** The transaction of a mutation, the pool of a query. The only handle there is. */
  readonly db: Knex
  readonly requestId: string
  readonly connection: Connection
  /** Makes and reads the `next` and `after` of lists. */
  readonly cursors: Cursors
  /** Notes that hooks of one call leave for later hooks of the same call. */
  readonly notes: Map<string, unknown>
  /**
   * Runs another operation within this transaction.
   * @throws AppError as the operation would answer it
   */
  call(event: string, payload: Payload, options: { readonly as: 'actor' | 'system' }): Promise<Payload>
  /** The rights that an actor has now; none for an unknown actor or one that may not act. */
  rightsOf(actorId: string): Promise<Rights>
  /** Runs a task once the transaction is committed; it cannot fail the call. */
  afterCommit(task: () => void | Promise<void>): void
}

type Awaitable<T> = T | Promise<T>

/** What a hook may do, by the moment it runs. `docs/lifecycle.md` draws the order. */
export interface Hook<I = Payload> {
  /** Outside the transaction, around all of it. */
  around?(call: Call<I>, next: () => Promise<Payload>): Promise<Payload>
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
