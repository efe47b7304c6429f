// What a target is: a server that can be built, given a filled database, started and spoken to.
import type { Size } from '../database/organisation.ts'
import type { Place } from '../database/place.ts'
import type { Dialect } from './dialect.ts'
import type { Launched } from './launch.ts'

export type TargetName = 'limit' | 'feathers' | 'sovrane'

export interface Target {
  readonly name: TargetName
  readonly dialect: Dialect
  /** Compiles or installs what the process consists of. */
  build(): Promise<void>
  /** Makes the tables in an empty database and fills them. @returns milliseconds of the first start, where that is what makes the tables */
  prepare(place: Place, size: Size): Promise<number | undefined>
  start(place: Place): Promise<Launched>
}
