// Who touches what: each operation with the owners of its hooks and guards, in the order in which they run.
import type { Operation, Operations } from '../call/operation.ts'

export interface Described {
  readonly event: string
  readonly owner: string
  readonly kind: 'query' | 'mutation'
  readonly chain: readonly string[]
}

const moments = ['around', 'before', 'guard', 'after', 'committed'] as const

const ownersOf = ({ kind, resource, hooks }: Operation, moment: (typeof moments)[number]): string[] => {
  if (moment === 'guard') return kind === 'mutation' && resource?.guard ? [resource.name] : []
  return hooks.filter(({ hook }) => hook[moment] !== undefined).map(({ owner }) => owner)
}

/** The answer to "who touches user-create?". */
export const describe = (operations: Operations): Described[] =>
  [...operations.values()].map((operation) => ({
    event: operation.event,
    owner: operation.owner,
    kind: operation.kind,
    chain: moments.flatMap((moment) => ownersOf(operation, moment).map((owner) => `${moment}: ${owner}`)),
  }))
