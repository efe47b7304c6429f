// What an operation is: opened once for each target, then measured in windows that alternate between the targets.
import type { Sample } from '../load/in-flight.ts'
import type { Wire } from '../load/wire.ts'
import type { Dialect } from '../targets/dialect.ts'
import type { TargetName } from '../targets/target.ts'

/** A running target as operations see it. */
export interface Scene {
  readonly target: TargetName
  readonly dialect: Dialect
  readonly url: string
  /** The server's process. */
  readonly pid: number
  /** Sockets of the user who may do all that is asked. */
  readonly wires: readonly Wire[]
  /** Tokens of users, the first of whom has those sockets. */
  readonly tokens: readonly string[]
  /** A number that no other request has. */
  readonly fresh: () => number
}

export interface Opened {
  /** Measures for about so many milliseconds. */
  window(duration: number): Promise<Sample>
  /** Processes that help to make the load. */
  readonly helpers?: readonly number[]
  close(): Promise<void>
}

/** Units of results of which less is better. */
export type LessIsBetter = 'ms' | 'ms, p50' | 'x quiet' | 'KB'

export interface Operation {
  readonly name: OperationName
  readonly title: string
  /** The unit of the result; without one it is operations a second. */
  readonly unit?: LessIsBetter
  /** What one operation is called, where it is not a request. */
  readonly counts?: string
  /** Windows are so many times as long as those of others: where little happens in a second. */
  readonly length?: number
  /** One window, without a first one to warm up: what can be measured only once. */
  readonly once?: boolean
  /** What it takes of the processors says nothing, since other requests run beside those that are counted. */
  readonly withoutCosts?: boolean
  /** Not with --quick, unless it is asked for by name. */
  readonly slow?: boolean
  /** Only with a million rows. */
  readonly large?: boolean
  /** Undefined where a target has no such operation. */
  open(scene: Scene): Promise<Opened | undefined>
}

export type OperationName =
  | 'memory' | 'ping' | 'get' | 'full' | 'list' | 'create' | 'update' | 'site' | 'mixed' | 'connect' | 'login' | 'fanout' | 'storm'
  | 'beside' | 'page1' | 'page40000' | 'sites1' | 'sites40000'

/** Requests under way at once, unless an operation says otherwise. */
export const atOnce = 16
