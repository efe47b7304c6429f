// What an actor holds, apart from any row: is a key theirs anywhere, and is a grant wholly covered by their own?
import type { Knex } from 'knex'
import type { Resources } from '../model/resource.ts'
import type { Actor, Grant } from '../define/rights.ts'
import { ancestorsOf } from './scopes.ts'

const everywhere = (grant: Grant): boolean => grant.scopeId === null && grant.row === undefined

/** Whether it is taken away by a deny of `root`. */
const isOfRoot = ({ key, byRoot }: Grant, root: string): boolean => key === root || byRoot === true

/** The grants of `key` that are worth something: `root` counts as every key unless `root` itself is denied. */
const positive = (actor: Actor, key: string, root: string): Grant[] => {
  const rootDenied = actor.grants.some((grant) => grant.key === root && grant.deny && everywhere(grant))
  return actor.grants.filter((grant) => !grant.deny && (grant.key === key || grant.key === root) && !(rootDenied && isOfRoot(grant, root)))
}

/** The scopes of grants whose place in their tree decides whether a deny within another scope takes them away. */
export const contested = (grants: readonly Grant[], root: string): string[] => {
  const scoped = grants.filter(({ scopeId }) => scopeId !== null)
  const denies = scoped.filter(({ deny }) => deny)
  const meets = (grant: Grant): boolean =>
    denies.some(({ key, scopeId }) =>
      scopeId !== grant.scopeId && (key === grant.key || grant.key === root || (key === root && grant.byRoot === true)))
  return [...new Set(scoped.filter((grant) => !grant.deny && meets(grant)).map(({ scopeId }) => scopeId ?? ''))]
}

/** Whether the actor holds the key in at least one scope. */
export const holds = (actor: Actor, key: string, root: string): boolean => {
  const denies = actor.grants.filter((grant) => grant.key === key && grant.deny)
  if (denies.some(everywhere)) return false
  const deniedScopes = new Set(denies.map((grant) => grant.scopeId))
  const rootDenied = new Set(actor.grants.filter((grant) => grant.key === root && grant.deny).map((grant) => grant.scopeId))
  return positive(actor, key, root).some(
    (grant) =>
      grant.scopeId === null ||
      ![grant.scopeId, ...(actor.above?.get(grant.scopeId) ?? [])].some(
        (scope) => deniedScopes.has(scope) || (isOfRoot(grant, root) && rootDenied.has(scope)),
      ),
  )
}

interface Chain {
  /** What kind of scope it is; scopes of different kinds cannot be compared. */
  readonly kind: string | undefined
  /** The scope and, in a tree, everything above it. */
  readonly ids: readonly string[]
}

const chainOf = async (db: Knex, resources: Resources, scopeId: string): Promise<Chain> => {
  const found: { resource: string } | undefined = await db('scopes').where({ id: scopeId }).first('resource')
  const resource = found ? resources.get(found.resource) : undefined
  return { kind: found?.resource, ids: resource ? await ancestorsOf(db, resource, scopeId) : [scopeId] }
}

/**
 * Whether the actor holds all of `wanted`, with the same or a wider scope, and no deny takes a part of it away.
 * `root` is every key, so any deny takes a part of it away.
 */
export const covers = async (
  db: Knex, resources: Resources, root: string,
  { actor, wanted }: { actor: Actor; wanted: Grant },
): Promise<boolean> => {
  const chain: Chain = wanted.scopeId === null ? { kind: undefined, ids: [] } : await chainOf(db, resources, wanted.scopeId)
  const wider = positive(actor, wanted.key, root).filter((grant) => {
    if (grant.row) return wanted.row !== undefined && grant.row.id === wanted.row.id && grant.row.resource === wanted.row.resource
    return grant.scopeId === null || chain.ids.includes(grant.scopeId)
  })
  if (wider.length === 0) return false
  const onlyByRoot = wider.every((grant) => isOfRoot(grant, root))
  const denies = actor.grants.filter((grant) =>
    grant.deny && (wanted.key === root || grant.key === wanted.key || (onlyByRoot && grant.key === root)))
  for (const deny of denies) {
    if (deny.scopeId === null || wanted.scopeId === null) return false
    // A deny above takes it all, one further down a part; one that cannot be compared is taken to.
    const denied = await chainOf(db, resources, deny.scopeId)
    if (denied.kind !== chain.kind || chain.ids.includes(deny.scopeId) || denied.ids.includes(wanted.scopeId)) return false
  }
  return true
}
