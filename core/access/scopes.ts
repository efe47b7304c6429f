// Scopes: which sites, subtrees and the like a row lies in. The same question answered for one row and for a whole query.
import type { Knex } from 'knex'
import type { Resource, Resources } from '../model/resource.ts'
import { anyOf, never, type Sql } from '../define/sql.ts'
import { ask, reading } from '../define/statement.ts'

// `union`, not `union all`: a tree that was corrupted from outside must not hang the query.
const upwards = (table: string, parent: string): string => `with recursive up(id, parent) as (
  select id, ${parent} from ${table} where id = ?
  union select t.id, t.${parent} from ${table} t join up on t.id = up.parent) select id from up`

const downwards = (table: string, parent: string): string => `with recursive down(id) as (
  select id from ${table} where id = any(?::text[])
  union select t.id from ${table} t join down on t.${parent} = down.id) select id from down`

/** The id and those of all its ancestors, nearest first, in the tree that `parent` makes. An id that is not there yet stands alone. */
export const treeAncestors = async (db: Knex, tree: { readonly table: string; readonly parent: string }, id: string): Promise<string[]> => {
  const result: { rows: { id: string }[] } = await db.raw(upwards(tree.table, tree.parent), [id])
  return [...new Set([id, ...result.rows.map((row) => row.id)])]
}

/** What each of these scopes lies within, in the trees of scopes: one statement for each tree, however many they are. */
export const scopesAbove = async (
  db: Knex, resources: Resources, ids: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> => {
  const result = new Map<string, string[]>()
  for (const { isScope, parent, table } of resources.values()) {
    if (!isScope || !parent) continue
    const { rows }: { rows: { scope: string; id: string }[] } = await db.raw(`with recursive up(scope, id) as (
      select id, ${parent.column} from ${table} where id = any(?::text[]) and ${parent.column} is not null
      union select up.scope, t.${parent.column} from ${table} t join up on t.id = up.id where t.${parent.column} is not null
    ) select scope, id from up`, [[...ids]])
    for (const { scope, id } of rows) result.set(scope, [...(result.get(scope) ?? []), id])
  }
  return result
}

/** A scope and the scopes it lies in. */
export const ancestorsOf = (db: Knex, resource: Resource, id: string): Promise<string[]> =>
  resource.parent ? treeAncestors(db, { table: resource.table, parent: resource.parent.column }, id) : Promise.resolve([id])

/** A way from a row to the scopes that it lies in. */
export interface Place {
  /** The row's field that leads there; `id`: the row is a scope itself. */
  readonly field: string
  /** The resource whose rows they are. */
  readonly kind: string
  /** The nearest first, each within the next. */
  readonly ids: readonly string[]
}

/** Where a row lies, by the values it has or would have. */
export const placesOf = async (db: Knex, resource: Resource, row: Readonly<Record<string, unknown>>): Promise<Place[]> => {
  const places: Place[] = []
  if (resource.isScope && typeof row['id'] === 'string') {
    const parent = resource.parent ? row[resource.parent.name] : undefined
    const above = typeof parent === 'string' ? await ancestorsOf(db, resource, parent) : []
    places.push({ field: 'id', kind: resource.name, ids: [row['id'], ...above] })
  }
  for (const { field, target } of resource.scopedBy) {
    const value = row[field.name]
    if (typeof value === 'string') places.push({ field: field.name, kind: target.name, ids: await ancestorsOf(db, target, value) })
  }
  return places
}

/** The resources whose rows a row can lie in. */
export const kindsOf = (resource: Resource): Resource[] =>
  [...new Set([...(resource.isScope ? [resource] : []), ...resource.scopedBy.map(({ target }) => target)])]

/** Of each resource by its name the rows that lie in some scopes, as far as other rows can lie in them. */
export type Within = ReadonlyMap<string, readonly string[]>

/** More ids than these are not written into a statement. */
const mostWithin = 5000

/** All that rows of a resource may lie in to be in one of the scopes; undefined: too many. */
export const readWithin = async (db: Knex, resource: Resource, scopes: readonly string[]): Promise<Within | undefined> => {
  const kinds = kindsOf(resource)
  if (kinds.length === 0) return new Map()
  const parts = kinds.map(({ name, table, parent }) =>
    `select '${name}' as kind, id from (
      ${parent ? downwards(table, parent.column) : `select id from ${table} where id = any(?::text[])`}) s`)
  const { rows } = await ask<{ kind: string; id: string }>(
    db, reading(`${parts.join(' union all ')} limit ${mostWithin + 1}`), kinds.map(() => scopes))
  if (rows.length > mostWithin) return undefined
  return new Map(kinds.map(({ name }) => [name, rows.flatMap(({ kind, id }) => (kind === name ? [id] : []))]))
}

/** SQL: the row lies in one of the scopes. `within`: all that it may lie in, where that is known; else the statement has to find out. */
export const inScopes = (resource: Resource, scopes: readonly string[], within?: Within): Sql => {
  const inOne = (name: string, { name: kind, table, parent }: Resource): Sql => {
    const known = within?.get(kind)
    if (known?.length === 0) return never
    return known || !parent
      ? { sql: `${name} = any(?::text[])`, bindings: [[...known ?? scopes]] }
      : { sql: `${name} in (${downwards(table, parent.column)})`, bindings: [[...scopes]] }
  }
  return anyOf([
    ...(resource.isScope ? [inOne(`${resource.table}.id`, resource)] : []),
    ...resource.scopedBy.map(({ field, target }) => inOne(`${resource.table}.${field.column}`, target)),
  ])
}

/** Scopes that are asked about in one statement. */
const mostArms = 50

/** Of the rows, by their ids, in which of the scopes each lies. */
export const scopesOfRows = async (
  db: Knex, resource: Resource, ids: readonly string[], scopes: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> => {
  const result = new Map<string, string[]>(ids.map((id) => [id, []]))
  const { table } = resource
  for (let at = 0; at < scopes.length && ids.length > 0; at += mostArms) {
    const arms = scopes.slice(at, at + mostArms).map((scope) => ({ scope, lies: inScopes(resource, [scope]) }))
    const sql = arms.map(({ lies }) =>
      `select ?::text as scope, ${table}.id from ${table} where ${table}.id = any(?::text[]) and ${lies.sql}`)
    const bindings = arms.flatMap(({ scope, lies }): Knex.RawBinding[] => [scope, [...ids], ...lies.bindings])
    const { rows } = await ask<{ scope: string; id: string }>(db, reading(sql.join(' union all ')), bindings)
    for (const { scope, id } of rows) result.get(id)?.push(scope)
  }
  return result
}
