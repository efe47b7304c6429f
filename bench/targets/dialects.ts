// The dialects by the names of their targets: for processes that get only the name.
import type { Dialect } from './dialect.ts'
import { limitDialect, sovraneDialect } from './events.ts'
import type { TargetName } from './target.ts'

const dialects: Partial<Record<TargetName, Dialect>> = { limit: limitDialect, sovrane: sovraneDialect }

export const dialectOf = (target: TargetName): Dialect => {
  const dialect = dialects[target]
  if (!dialect) throw new Error(`${target} has no dialect`)
  return dialect
}
