// A CASL rule as SQL. It must decide exactly as the rule does in memory; a property test holds the two together.
import type { MongoAbility } from '@casl/ability'
import { rulesToAST } from '@casl/ability/extra'
import type { Resource } from '../model/resource.ts'
import { allOf, always, anyOf, differs, equals, never, not, type Sql } from '../define/sql.ts'
import { inScopes, type Within } from './scopes.ts'

/** What rows may lie in to be in some scopes, where that is to be written out. */
export type Written = (scopes: readonly string[]) => Within | undefined

/** A node of CASL's tree; its own type does not reach this far. */
interface Ast { readonly operator: string; readonly value: unknown }
interface FieldAst extends Ast { readonly field: string }

const isField = (ast: object): ast is FieldAst => 'field' in ast && typeof ast.field === 'string'
const isAst = (value: unknown): value is Ast => typeof value === 'object' && value !== null && 'operator' in value
const childrenOf = (ast: Ast): Ast[] => (Array.isArray(ast.value) ? ast.value.filter(isAst) : [])
const isScalar = (value: unknown): value is string | number | boolean => ['string', 'number', 'boolean'].includes(typeof value)
const scalar = (value: unknown): string | number | boolean | null => (isScalar(value) ? value : null)

const unsupported = (resource: Resource, operator: string): Error =>
  new Error(`A rule on "${resource.name}" uses "${operator}", which has no SQL`)

const among = (name: string, value: unknown): Sql => {
  const wanted: unknown[] = Array.isArray(value) ? value : []
  const list = wanted.filter(isScalar)
  return anyOf([
    ...(list.length === 0 ? [] : [{ sql: `${name} in (${list.map(() => '?').join(', ')})`, bindings: list }]),
    ...(wanted.includes(null) ? [equals(name, null)] : []),
  ])
}

const fieldCondition = ({ operator, field, value }: FieldAst, resource: Resource, written?: Written): Sql => {
  if (field === 'scopes') {
    if (operator !== 'in' || !Array.isArray(value)) throw unsupported(resource, `scopes ${operator}`)
    const scopes = value.filter((item): item is string => typeof item === 'string')
    return inScopes(resource, scopes, written?.(scopes))
  }
  const found = resource.fields.get(field)
  if (!found || found.source !== 'column') throw new Error(`A rule on "${resource.name}" names "${field}", which has no column`)
  const name = `${resource.table}.${found.column}`
  // In memory texts are compared by their code units.
  const ordered = found.schema.type === 'string' && !found.date ? `${name} collate "C"` : name
  switch (operator) {
    // A comparison with null is unknown in SQL, and plainly true or false in memory.
    case 'eq': return equals(name, scalar(value))
    case 'ne': return differs(name, scalar(value))
    case 'in': return among(name, value)
    case 'nin': return not(among(name, value))
    case 'gt': return { sql: `${ordered} > ?`, bindings: [scalar(value)] }
    case 'gte': return { sql: `${ordered} >= ?`, bindings: [scalar(value)] }
    case 'lt': return { sql: `${ordered} < ?`, bindings: [scalar(value)] }
    case 'lte': return { sql: `${ordered} <= ?`, bindings: [scalar(value)] }
    default: throw unsupported(resource, operator)
  }
}

const condition = (ast: Ast, resource: Resource, written?: Written): Sql => {
  const { operator } = ast
  if (isField(ast)) return fieldCondition(ast, resource, written)
  const parts = childrenOf(ast).map((child) => condition(child, resource, written))
  switch (operator) {
    case 'and': return allOf(parts)
    case 'or': return anyOf(parts)
    case 'not': return not(allOf(parts))
    default: throw unsupported(resource, operator)
  }
}

/** The condition of one rule as SQL; a rule without one is about every row. */
export const conditionSql = (ast: unknown, resource: Resource): Sql => (isAst(ast) ? condition(ast, resource) : always)

/** SQL for the rows on which the ability allows the action. Without any rule there is no row. */
export const allowedSql = (ability: MongoAbility, action: string, resource: Resource, written?: Written): Sql => {
  const ast: unknown = rulesToAST(ability, action, resource.name)
  return isAst(ast) ? condition(ast, resource, written) : never
}

/** An ability never changes, and is shared by all requests of its actor. */
const everywhere = new WeakMap<MongoAbility, Map<string, boolean>>()

/** Whether the ability allows the action on every row, so that none needs to be looked at. */
export const isEverywhere = (ability: MongoAbility, action: string, resource: Resource): boolean => {
  const known = everywhere.get(ability) ?? new Map<string, boolean>()
  everywhere.set(ability, known)
  const key = `${action} ${resource.name}`
  const found = known.get(key) ?? allowedSql(ability, action, resource) === always
  known.set(key, found)
  return found
}
