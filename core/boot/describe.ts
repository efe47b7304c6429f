// Who touches what: each operation with the owners of its hooks, in the order in which they run.
import type { Operations } from '../call/operation.ts'

export interface Described {
  readonly event: string
  readonly owner: string
  readonly kind: 'query' | 'mutation'
  readonly chain: readonly string[]
}

const moments = ['around', 'before', 'after', 'committed'] as const

/** The answer to "who touches user-create?". */
export const describe = (operations: Operations): Described[] =>
  [...operations.values()].map(({ event, owner, kind, hooks }) => ({
    event,
    owner,
    kind,
    chain: moments.flatMap((moment) => hooks.filter(({ hook }) => hook[moment] !== undefined).map((entry) => `${moment}: ${entry.owner}`)),
  }))
