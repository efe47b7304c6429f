// An actor's grants and a resource's rules as one CASL ability. Later rules win over earlier ones.
import { buildMongoQueryMatcher, createMongoAbility, type MongoAbility, type MongoQuery, type RawRuleOf } from '@casl/ability'
import type { Resource, Resources } from '../model/resource.ts'
import type { NamedOperation } from '../define/operation.ts'
import type { Action, Actor, Grant, RuleBuilder } from '../define/rights.ts'

interface Rule extends RawRuleOf<MongoAbility> {
  /** The key by which it came; those of `root` are about everything. */
  readonly key?: string
}

const isNothing = (value: unknown): boolean => value === null || value === undefined

/** As SQL compares: what is not there is neither less nor more than anything. */
const compare = (a: unknown, b: unknown): 1 | -1 | 0 => {
  if (a === b || (isNothing(a) && isNothing(b))) return 0
  if (isNothing(a) || isNothing(b)) return Number.NaN as 0
  return (a as string) > (b as string) ? 1 : -1
}

const conditionsMatcher = buildMongoQueryMatcher({}, {}, { compare })

/** Which (resource, action) pairs a permission key opens; worked out once at boot. */
export type KeyUses = ReadonlyMap<string, readonly { readonly resource: string; readonly action: string }[]>

/** The CASL action of a change to a relation. */
export const changeAction = (relation: string): string => `change:${relation}`

/** The CASL action of reading a field that has a key of its own. */
export const readAction = (field: string): string => `read:${field}`

/** The CASL action of a plugin's operation on a row. */
export const eventAction = (event: string): string => `do:${event}`

/** The uses of every key of every resource. */
export const keyUses = (resources: Resources, operations: readonly NamedOperation[]): KeyUses => {
  const uses = new Map<string, { resource: string; action: string }[]>()
  const add = (key: string, resource: string, action: string): void =>
    void (uses.get(key) ?? uses.set(key, []).get(key))?.push({ resource, action })
  for (const resource of resources.values()) {
    for (const [action, key] of Object.entries(resource.keys)) add(key, resource.name, action)
    for (const field of resource.guarded) if (field.readKey !== undefined) add(field.readKey, resource.name, readAction(field.name))
    for (const relation of resource.relations.values()) add(relation.key, resource.name, changeAction(relation.name))
  }
  for (const { row, event } of operations) if (row?.resource !== undefined) add(row.key, row.resource, eventAction(event))
  return uses
}

/** Without a condition: everywhere. Undefined: reaches no row. A scope is never widened because it cannot be told. */
const conditionOf = (grants: readonly Grant[]): MongoQuery | 'everywhere' | undefined => {
  if (grants.some((grant) => grant.scopeId === null && grant.row === undefined)) return 'everywhere'
  const scopes = grants.flatMap((grant) => (grant.scopeId === null ? [] : [grant.scopeId]))
  return scopes.length === 0 ? undefined : { scopes: { $in: [...new Set(scopes)] } }
}

const rule = (
  target: { action: string; subject: string; key: string }, condition: MongoQuery | 'everywhere', inverted: boolean,
): Rule => ({ ...target, ...(condition === 'everywhere' ? {} : { conditions: condition }), inverted })

/** What a rule of an ability comes from: a key, or else the definition of its resource. */
export const keyOfRule = (origin: RawRuleOf<MongoAbility>): string | undefined =>
  ('key' in origin && typeof origin.key === 'string' ? origin.key : undefined)

const grantRules = (uses: KeyUses, key: string, grants: readonly Grant[], inverted: boolean): Rule[] => {
  const targets = (uses.get(key) ?? []).map(({ resource, action }) => ({ action, subject: resource, key }))
  const condition = conditionOf(grants)
  const rows = grants.flatMap((grant) => (grant.row ? [grant.row] : []))
  return targets.flatMap((target) => {
    const ids = rows.filter((row) => row.resource === target.subject).map((row) => row.id)
    return [
      ...(condition === undefined ? [] : [rule(target, condition, inverted)]),
      ...(ids.length === 0 ? [] : [rule(target, { id: { $in: ids } }, inverted)]),
    ]
  })
}

const holdsUndefined = (value: unknown): boolean =>
  value === undefined || (typeof value === 'object' && value !== null && Object.values(value).some(holdsUndefined))

const ownRules = (resource: Resource, actor: Actor): Rule[] => {
  const rules: Rule[] = []
  const add =
    (inverted: boolean) =>
    (action: Action, conditions?: Readonly<Record<string, unknown>>, fields?: readonly string[]): void => {
      // A condition on nothing is a mistake in a definition; it must close a door, not open it.
      const isVoid = conditions !== undefined && holdsUndefined(conditions)
      if (!inverted && (isVoid || actor.keysOnly)) return
      rules.push({
        action, subject: resource.name, inverted, reason: 'rule', ...(conditions && !isVoid ? { conditions } : {}),
        ...(fields ? { fields: [...fields] } : {}),
      })
    }
  const builder: RuleBuilder = { allow: add(false), deny: add(true) }
  resource.permissions?.(builder, actor)
  return rules
}

const byKey = (grants: readonly Grant[]): Map<string, Grant[]> => {
  const result = new Map<string, Grant[]>()
  for (const grant of grants) {
    const list = result.get(grant.key)
    if (list) list.push(grant)
    else result.set(grant.key, [grant])
  }
  return result
}

/**
 * The ability of an actor: first what `root` gives, less what is denied of it, then their keys, then what is denied them, then the
 * resources' own rules (a person's right to their own row is not a key and cannot be denied).
 */
export const buildAbility = (resources: Resources, uses: KeyUses, root: string, actor: Actor): MongoAbility => {
  const granted = byKey(actor.grants.filter((grant) => !grant.deny && grant.byRoot !== true))
  const denied = byKey(actor.grants.filter((grant) => grant.deny))
  const rules: Rule[] = []
  const all = (grants: readonly Grant[] = [], inverted: boolean): void => {
    const condition = conditionOf(grants)
    if (condition !== undefined) rules.push(rule({ action: 'manage', subject: 'all', key: root }, condition, inverted))
  }
  all(granted.get(root), false)
  const ofRoot = byKey(actor.grants.filter((grant) => !grant.deny && grant.byRoot === true))
  for (const [key, grants] of ofRoot) rules.push(...grantRules(uses, key, grants, false))
  all(denied.get(root), true)
  for (const [key, grants] of granted) rules.push(...grantRules(uses, key, grants, false))
  for (const [key, grants] of denied) rules.push(...grantRules(uses, key, grants, true))
  for (const resource of resources.values()) rules.push(...ownRules(resource, actor))
  return createMongoAbility(rules, { conditionsMatcher })
}
