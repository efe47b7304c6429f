// The dialects by the names of their targets: for processes that get only the name.
import type { Dialect } from './dialect.ts'
import { limitDialect, sovraneDialect } from './events.ts'
import { feathersDialect } from './services.ts'
import type { TargetName } from './target.ts'

const dialects: Record<TargetName, Dialect> = { limit: limitDialect, feathers: feathersDialect, sovrane: sovraneDialect }

export const dialectOf = (target: TargetName): Dialect => dialects[target]
