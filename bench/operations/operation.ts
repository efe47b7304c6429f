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
  fresh(): number
}

export interface Opened {
  /** Measures for about so many milliseconds. */
  window(duration: number): Promise<Sample>
  /** Bytes of the server that each connection takes, where the operation holds many. */
  readonly bytesPerConnection?: number
  /** Processes that help to make the load. */
  readonly helpers?: readonly number[]
  close(): Promise<void>
}

export interface Operation {
  readonly name: OperationName
  readonly title: string
  /** The unit of the result; without one it is operations a second. */
  readonly unit?: 'ms' | 'x quiet'
  /** What one operation is called, where it is not a request. */
  readonly counts?: string
  /** Windows are so many times as long as those of others: where little happens in a second. */
  readonly length?: number
  /** Only with a million rows. */
  readonly large?: boolean
  /** Undefined where a target has no such operation. */
  open(scene: Scene): Promise<Opened | undefined>
}

export type OperationName =
  | 'ping' | 'get' | 'full' | 'list' | 'create' | 'update' | 'site' | 'mixed' | 'connect' | 'login' | 'fanout' | 'storm' | 'beside'
  | 'page1' | 'page40000'
  | 'sites1' | 'sites40000'

/** Requests under way at once, unless an operation says otherwise. */
export const atOnce = 16
