// Scopes: which sites, subtrees and the like a row lies in. The same question answered for one row and for a whole query.
import type { Knex } from 'knex'
import type { Resource, Resources } from '../model/resource.ts'
import { never, type Sql } from '../define/sql.ts'

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
export const scopesAbove = async (db: Knex, resources: Resources, ids: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> => {
  const result = new Map<string, string[]>()
  for (const { isScope, parent, table } of resources.values()) {
    if (!isScope || !parent) continue
    const { rows }: { rows: { scope: string; id: string }[] } = await db.raw(`with recursive up(scope, id) as (
      select id, ${parent.column} from ${table} where id = any(?::text[]) and ${parent.column} is not null
      union select up.scope, t.${parent.column} from ${table} t join up on t.id = up.id where t.${parent.column} is not null) select scope, id from up`, [[...ids]])
    for (const { scope, id } of rows) result.set(scope, [...(result.get(scope) ?? []), id])
  }
  return result
}

/** A scope and the scopes it lies in. */
export const ancestorsOf = (db: Knex, resource: Resource, id: string): Promise<string[]> =>
  resource.parent ? treeAncestors(db, { table: resource.table, parent: resource.parent.column }, id) : Promise.resolve([id])

/** Every scope that a row lies in, by the values it has or would have. */
export const scopesOf = async (db: Knex, resource: Resource, row: Readonly<Record<string, unknown>>): Promise<string[]> => {
  const scopes: string[] = []
  if (resource.isScope && typeof row['id'] === 'string') {
    scopes.push(row['id'])
    const parent = resource.parent ? row[resource.parent.name] : undefined
    if (typeof parent === 'string') scopes.push(...(await ancestorsOf(db, resource, parent)))
  }
  for (const { field, target } of resource.scopedBy) {
    const value = row[field.name]
    if (typeof value === 'string') scopes.push(...(await ancestorsOf(db, target, value)))
  }
  return scopes
}

/** SQL: the row lies in one of the scopes. */
export const inScopes = (resource: Resource, scopes: readonly string[]): Sql => {
  const within = (name: string, target: Resource): string =>
    target.parent ? `${name} in (${downwards(target.table, target.parent.column)})` : `${name} = any(?::text[])`
  const parts = [
    ...(resource.isScope ? [within(`${resource.table}.id`, resource)] : []),
    ...resource.scopedBy.map(({ field, target }) => within(`${resource.table}.${field.column}`, target)),
  ]
  if (parts.length === 0) return never
  return { sql: `(${parts.join(' or ')})`, bindings: parts.map(() => [...scopes]) }
}
