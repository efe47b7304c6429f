// What the doors need of the engine behind them.
import type { Knex } from 'knex'
import type { Actors } from '../access/actors.ts'
import type { Dispatcher } from '../call/dispatcher.ts'
import type { Operations } from '../call/operation.ts'
import type { Principal } from '../define/call.ts'
import type { Authenticator, Log } from '../define/plugin.ts'
import type { Resources } from '../model/resource.ts'
import type { Limits } from './limits.ts'

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
  /** Whether no plugin objects to a session's hearing of changes. */
  mayListen(db: Knex, principal: Principal): Promise<boolean>
  readonly knex: Knex
  /** For health and the review of those who are connected: requests cannot take it. */
  readonly upkeep: Knex
  readonly log: Log
  readonly limits: Limits
  /** The proxies whose word about an address counts. */
  readonly trustedProxies: string
  /** Bytes of one message. */
  readonly messageSize: number
  /** Seconds between `feed-head` events. */
  readonly headInterval: number
}
