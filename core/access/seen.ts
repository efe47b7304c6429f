// What was asked of an actor's rights while something was decided, and what gave the answers: for explanations.
import type { ExplainedRule } from '../define/explanation.ts'
import type { Grant } from '../define/rights.ts'
import { keyOfRule } from './ability.ts'
import type { DecidingRule, Witness } from './row-rights.ts'

/** A rule that decided, with the grant that it asked to be covered. */
interface SeenRule {
  readonly told: ExplainedRule
  readonly scopeId?: string | null
}

export interface Seen extends Witness {
  /** The keys by which it was decided. */
  readonly keys: Set<string>
  readonly rules: SeenRule[]
}

/** `actorResource`: the resource whose rows are actors. `demanded`: keys that are demanded everywhere, and told as such. */
export const createSeen = (actorResource: string, demanded: readonly string[]): Seen => {
  const known = new Set<DecidingRule>()
  const keys = new Set<string>()
  const rules: SeenRule[] = []
  const effectOf = (isAllowed: boolean): 'allow' | 'deny' => (isAllowed ? 'allow' : 'deny')
  return {
    keys, rules,
    ruled({ action, resource, rule }) {
      if (!rule || known.has(rule)) return
      known.add(rule)
      const key = keyOfRule(rule.origin)
      if (key !== undefined) keys.add(key)
      else {
        rules.push({ told: {
          rule: 'definition', effect: effectOf(!rule.inverted), resource: resource.name, action,
          ...(rule.fields ? { fields: rule.fields } : {}),
        } })
      }
    },
    covered(wanted: Grant, isCovered) {
      keys.add(wanted.key)
      const isDemand = demanded.includes(wanted.key) && wanted.scopeId === null && wanted.row === undefined
      if (!isCovered && !isDemand) {
        const row = wanted.row ? { resource: wanted.row.resource, id: wanted.row.id } : {}
        rules.push({ told: { rule: 'covers', effect: 'deny', key: wanted.key, ...row }, scopeId: wanted.scopeId })
      }
    },
    over(id, lacking) {
      if (lacking !== undefined) keys.add(lacking)
      rules.push({ told: {
        rule: 'over', effect: effectOf(lacking === undefined), resource: actorResource, id,
        ...(lacking === undefined ? {} : { key: lacking }),
      } })
    },
  }
}
