// The rules of a definition (`permissions`), tried at start: each names fields that there are, and compares what SQL can compare.
import { createMongoAbility } from '@casl/ability'
import { allowedSql } from '../access/where.ts'
import type { AnyResource } from '../define/resource.ts'
import type { Actor, RuleBuilder } from '../define/rights.ts'
import { actions } from '../model/definition.ts'
import type { Faults } from '../model/faults.ts'
import type { Resource, Resources } from '../model/resource.ts'

interface Rule {
  readonly action: unknown
  readonly conditions: unknown
  readonly fields: unknown
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Everything that is compared, field by field, at any depth of and, or and not. */
const comparisons = (conditions: unknown): [field: string, value: unknown][] => {
  if (Array.isArray(conditions)) return conditions.flatMap(comparisons)
  if (!isObject(conditions)) return []
  return Object.entries(conditions).flatMap(([name, value]): [string, unknown][] =>
    (name.startsWith('$') ? comparisons(value) : [[name, value]]))
}

const scalars = (value: unknown): unknown[] => {
  if (Array.isArray(value)) return value.flatMap(scalars)
  return isObject(value) ? Object.values(value).flatMap(scalars) : [value]
}

const isUndefined = (value: unknown): boolean => scalars(value).includes(undefined)

/** What is wrong with the conditions of a rule. */
const faultsOfConditions = (conditions: unknown, resource: Resource): string[] => {
  if (!isObject(conditions)) return ['the conditions must be an object']
  return comparisons(conditions).flatMap(([name, value]) => {
    if (name === 'scopes') return []
    const field = resource.fields.get(name)
    if (!field) return [`there is no field "${name}"`]
    if (field.source !== 'column') return [`the field "${name}" has no column to compare with`]
    const { type } = field.schema
    if (field.date || !['string', 'number', 'boolean'].includes(type)) return []
    const odd = scalars(value).find((each) => each !== null && each !== undefined && typeof each !== type)
    return odd === undefined ? [] : [`the field "${name}" is a ${type}, and is compared with a ${typeof odd}`]
  })
}

const faultsOfFields = (fields: unknown, resource: Resource): string[] => {
  if (!Array.isArray(fields)) return ['the fields must be an array of names']
  return fields.filter((name: unknown) => typeof name !== 'string' || !resource.fields.has(name)).map((name: unknown) =>
    `there is no field "${String(name)}"`)
}

/** As a list asks it: what has no SQL would fail each request that the rule is for. */
const faultOfSql = ({ action, conditions }: Rule, resource: Resource): string[] => {
  // The rule is for an actor that has no such thing; there is nothing to try.
  if (isUndefined(conditions)) return []
  try {
    const ability = createMongoAbility([
      { action: String(action), subject: resource.name, conditions: conditions as Record<string, unknown> },
    ])
    allowedSql(ability, String(action), resource)
    return []
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)]
  }
}

const faultsOf = (rule: Rule, resource: Resource): string[] => {
  if (!(actions as readonly unknown[]).includes(rule.action)) return [`"${String(rule.action)}" is not one of ${actions.join(', ')}`]
  const inConditions = rule.conditions === undefined ? [] : faultsOfConditions(rule.conditions, resource)
  const inFields = rule.fields === undefined ? [] : faultsOfFields(rule.fields, resource)
  const inSql = rule.conditions === undefined || inConditions.length > 0 ? [] : faultOfSql(rule, resource)
  return [...inConditions, ...inFields, ...inSql]
}

/** Tries the rules of each definition for someone without any grant, and for someone who holds every key. */
export const checkRules = (definitions: readonly AnyResource[], resources: Resources, keys: readonly string[], faults: Faults): void => {
  const everything = keys.map((key) => ({ key, scopeId: null, deny: false }))
  for (const definition of definitions) {
    const resource = resources.get(definition.name)
    if (!resource || typeof definition.permissions !== 'function') continue
    for (const actor of [{ id: 'someone', grants: [] }, { id: 'someone', grants: everything }] satisfies Actor[]) {
      const tell = (word: 'allow' | 'deny') => (action: unknown, conditions?: unknown, fields?: unknown): void => {
        for (const fault of faultsOf({ action, conditions, fields }, resource))
          faults.absent(`${definition.name}.permissions`, `${word} ${String(action)}: ${fault}`)
      }
      const rules: RuleBuilder<never> = { allow: tell('allow'), deny: tell('deny') }
      try {
        definition.permissions(rules, actor)
      } catch (error) {
        faults.add(
          `${definition.name}.permissions`,
          `fails for someone with ${actor.grants.length === 0 ? 'no grant' : 'every grant'}: ${String(error)}`,
        )
      }
    }
  }
}
