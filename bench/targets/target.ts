// What a target is: a server that can be built, given a filled database, started and spoken to.
import type { Size } from '../database/organisation.ts'
import type { Dialect } from './dialect.ts'
import type { Launched } from './launch.ts'

export type TargetName = 'limit' | 'feathers' | 'sovrane'

export interface Target {
  readonly name: TargetName
  readonly dialect: Dialect
  /** Compiles or installs what the process consists of. */
  build(): Promise<void>
  /** Makes the tables in an empty database and fills them. */
  prepare(databaseUrl: string, size: Size): Promise<void>
  start(databaseUrl: string): Promise<Launched>
}
