// Which fields an actor may read: of a row in memory, and of all rows in reach as SQL. The two must decide alike.
import type { MongoAbility } from '@casl/ability'
import type { Field, Resource } from '../model/resource.ts'
import { always, never, type Sql } from '../define/sql.ts'
import { readAction } from './ability.ts'
import { conditionSql } from './where.ts'

/** What a reading is about. `whole`: the rows are read without a right of one's own, so that only denied fields are missing. */
export interface Reading {
  readonly action: string
  readonly resource: Resource
  readonly whole: boolean
}

type Subject = Parameters<MongoAbility['can']>[1]

/** The rules about a field, the strongest first. */
const rulesOf = (ability: MongoAbility, { action, resource, whole }: Reading, field: string) =>
  ability.rulesFor(action, resource.name, field).filter((rule) => !whole || rule.fields !== undefined)

/** Whether rules can make a difference between the fields of a row that may be read at all. */
const isPlain = (ability: MongoAbility, { action, resource }: Reading): boolean =>
  ability.possibleRulesFor(action, resource.name).every((rule) => rule.fields === undefined)

/** The fields of a row that rules let the actor read; keys of single fields are another matter. */
export const permittedFields = async (ability: MongoAbility, reading: Reading, subject: () => Promise<Subject>): Promise<Set<string>> => {
  const all = [...reading.resource.fields.keys()]
  if (isPlain(ability, reading)) return new Set(all)
  const row = await subject()
  return new Set(all.filter((name) => {
    const decisive = rulesOf(ability, reading, name).find((rule) => rule.matchesConditions(row))
    return decisive ? !decisive.inverted : reading.whole
  }))
}

const decideSame = (ability: MongoAbility, reading: Reading): ReadonlySet<string> | undefined => {
  if (!isPlain(ability, reading)) return undefined
  const same = new Set(reading.resource.fields.keys())
  for (const field of reading.resource.guarded) {
    // The strongest rule comes first; without a condition it decides alone.
    const [rule] = ability.possibleRulesFor(readAction(field.name), reading.resource.name)
    if (rule?.conditions !== undefined) return undefined
    if (rule === undefined || rule.inverted) same.delete(field.name)
  }
  return same
}

/** An ability never changes, and is shared by all requests of its actor. */
const decided = new WeakMap<MongoAbility, Map<string, ReadonlySet<string> | undefined>>()

/** The fields that may be read of every row but the actor's own, where they are the same for all; undefined: each row decides. */
export const sameFields = (ability: MongoAbility, reading: Reading): ReadonlySet<string> | undefined => {
  const known = decided.get(ability) ?? new Map<string, ReadonlySet<string> | undefined>()
  decided.set(ability, known)
  const key = `${reading.action} ${reading.resource.name}${reading.whole ? ' whole' : ''}`
  if (!known.has(key)) known.set(key, decideSame(ability, reading))
  return known.get(key)
}

/** SQL for the rows of which the field may not be read, among those that may be read. Undefined: no rule says so of any row. */
export const hiddenSql = (ability: MongoAbility, reading: Reading, field: Field): Sql | undefined => {
  const { resource, action, whole } = reading
  const limiting = ability.possibleRulesFor(action, resource.name).some((rule) =>
    rule.fields !== undefined && (rule.inverted ? rule.matchesField(field.name) : !whole && !rule.matchesField(field.name)))
  if (!limiting) return undefined
  const cases: Sql[] = []
  for (const rule of rulesOf(ability, reading, field.name)) {
    const { sql, bindings } = conditionSql(rule.ast, resource)
    cases.push({ sql: `when ${sql} then ${rule.inverted}`, bindings })
  }
  if (cases.length === 0) return whole ? never : always
  return { sql: `(case ${cases.map((each) => each.sql).join(' ')} else ${!whole} end)`, bindings: cases.flatMap((each) => each.bindings) }
}

/**
 * Whether every row that may be listed may be got, with the same fields: the same rules lead to both, but for some that only let more rows
 * be got.
 */
export const isAlike = (ability: MongoAbility, resource: Resource): boolean => {
  const rulesFor = (action: string) => ability.possibleRulesFor(action, resource.name)
    .map(({ inverted, conditions, fields, reason }) => ({ inverted, conditions, fields, isOwn: reason === 'rule' }))
  const [get, list] = [rulesFor('get'), rulesFor('list')]
  const widening = get.filter(({ inverted, fields, isOwn }) => isOwn && !inverted && fields === undefined)
  return [...get, ...list].every(({ fields }) => fields === undefined)
    && JSON.stringify(get.filter((each) => !widening.includes(each))) === JSON.stringify(list)
}
