// The client of a Sovrane server, for Node and browsers: docs/client.md.
import type { Contract } from '../core/define/wire.ts'
import type { ClientOptions } from './client.ts'
import { createNames } from './proxy.ts'
import type { Client } from './types.ts'

export type { CallOptions } from './calls.ts'
export type { Change } from './changes.ts'
export type { ClientOptions } from './client.ts'
export type { ClientState, Status } from './connection.ts'
export { SovraneError, type Code } from './errors.ts'
export type { LiveList } from './live.ts'
export type { LiveState, LiveStatus } from './live-state.ts'
export { memoryStorage, webStorage, type Tokens, type TokenStorage, type WebStorageOptions } from './storage.ts'
export type { Client }

/** Makes a client. It connects as soon as there is a session: by a log-in, or one that the storage has kept. */
export const createClient = <C extends Contract>(options: ClientOptions): Client<C> => createNames(options) as Client<C>
