// What the doors need of the engine behind them.
import type { Knex } from 'knex'
import type { Actors } from '../access/actors.ts'
import type { Dispatcher } from '../call/dispatcher.ts'
import type { Operations } from '../call/operation.ts'
import type { Principal } from '../define/call.ts'
import type { InterestReader } from '../define/interest.ts'
import type { Authenticator, Log } from '../define/plugin.ts'
import type { Resources } from '../model/resource.ts'
import type { Limits } from './limits.ts'

/** What one connection of a client may take. */
interface Bounds {
  /** Bytes that wait for a client that does not read. */
  readonly unsent: number
  /** Requests under way at once. */
  readonly requests: number
  /** Milliseconds to join a namespace. */
  readonly join: number
  /** Milliseconds without a request after which a transport with only `/auth` is closed. */
  readonly idle: number
}

export interface Engine {
  readonly dispatcher: Dispatcher
  readonly operations: Operations
  readonly resources: Resources
  readonly actors: Actors
  readonly authenticator: Authenticator | undefined
  /** The key that grants all. */
  readonly root: string
  /** What is broadcast: resources, and tracked tables that plugins name. The value is a further name of the id. */
  readonly broadcasts: ReadonlyMap<string, string | undefined>
  /** Reads what clients want to hear of that. */
  readonly interests: InterestReader
  /** Whether no plugin objects to a session's hearing of changes. */
  mayListen(db: Knex, principal: Principal): Promise<boolean>
  readonly knex: Knex
  /** For health and the review of those who are connected: requests cannot take it. */
  readonly upkeep: Knex
  readonly log: Log
  readonly limits: Limits
  /** @throws AppError unavailable when too many wait for the database */
  requireRoom(): void
  readonly bounds: Bounds
  /** The proxies whose word about an address counts. */
  readonly trustedProxies: string
  /** Bytes of one message. */
  readonly messageSize: number
  /** Seconds between `feed-head` events. */
  readonly headInterval: number
}
