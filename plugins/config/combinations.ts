// Settings that depend on each other: of each pair the lower may not be above the upper. For flags: not on while the other is off.
import type { DeclaredSettings, Fault } from '../../core/define/index.ts'

export interface Pair {
  readonly lower: string
  readonly upper: string
}

// Nobody could choose a password; nobody could log in and then use anything. Source: docs/protocol.md §4.2 and §7.
const known: readonly Pair[] = [
  { lower: 'account_password_min_length', upper: 'account_password_max_length' },
  { lower: 'account_require_mfa', upper: 'account_allow_mfa' },
]

/** The pairs that the declared settings make. A setting can name another as its upper bound: `schema.meta({ atMost: key })`. */
export const pairsOf = (declared: DeclaredSettings): Pair[] => {
  const own = [...declared.values()].flatMap(({ key, schema }): Pair[] => {
    const upper: unknown = (schema.spec.meta as Readonly<Record<string, unknown>> | undefined)?.['atMost']
    return typeof upper === 'string' ? [{ lower: key, upper }] : []
  })
  return [...known, ...own].filter(({ lower, upper }) => declared.has(lower) && declared.has(upper))
}

/** The faults of the pairs as the values would be. Messages name the keys and no value: who may change need not be able to read. */
export const pairFaults = (pairs: readonly Pair[], values: ReadonlyMap<string, unknown>, path: string): Fault[] =>
  pairs.flatMap(({ lower, upper }) => {
    const [low, high] = [values.get(lower), values.get(upper)]
    if (Number(low) <= Number(high)) return []
    const rule = typeof low === 'boolean' ? 'must not be on while' : 'must not be above'
    return [{ path, message: `"${lower}" ${rule} "${upper}"${typeof low === 'boolean' ? ' is off' : ''}` }]
  })
