// What decides which rows of a resource an actor may read, beside the rows themselves: what a client must hear of to keep what it has read.
import type { Resource, Resources } from '../model/resource.ts'
import type { Actor } from '../define/rights.ts'
import { always } from '../define/sql.ts'
import type { RowRights } from './row-rights.ts'
import { kindsOf } from './scopes.ts'

/** Whether an actor may read every row, with the same fields: what rows lie in decides nothing then. */
const readsAll = (resource: Resource, rights: RowRights): boolean =>
  (['get', 'list'] as const).every((action) => rights.sql(action, resource) === always && rights.sameFields(action, resource) !== undefined)

/** The names of the resources whose changes may change what a list of this one, or a get of its rows, answers the actor. */
export const aboutOf = (resource: Resource, resources: Resources, actor: Actor | undefined, rights: RowRights): string[] => {
  // Where a deny may take a grant away, it hangs on where their scopes lie whether the key is held at all.
  const contested = actor?.above === undefined ? [] : [...resources.values()].filter(({ isScope }) => isScope)
  const kinds = readsAll(resource, rights) ? [] : kindsOf(resource)
  return [...new Set([resource, ...kinds, ...contested].map(({ name }) => name))].toSorted()
}
