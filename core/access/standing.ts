// Whether those who are connected may still be, and what they hold: asked for many at once, since one statement can change everyone.
import { createHash } from 'node:crypto'
import type { Knex } from 'knex'
import type { Resources } from '../model/resource.ts'
import type { Principal } from '../define/call.ts'
import type { Authenticator } from '../define/plugin.ts'
import type { Authority, Grant } from '../define/rights.ts'

/** Why an identity has ended, or a digest of what it effectively holds: equal digests, equal rights. */
export type Standing = { readonly ended: string } | { readonly rights: string }

const everywhere = (grant: Grant): boolean => grant.scopeId === null && grant.row === undefined
const place = ({ scopeId, row }: Grant): string => (row ? `row ${row.resource}/${row.id}` : scopeId === null ? '' : `scope ${scopeId}`)

/** What of the grants counts: nothing twice, nothing that a wider grant holds anyway, nothing that is denied, no deny of nothing. */
const effective = (grants: readonly Grant[], root: string): string[] => {
  const denied = new Set(grants.filter((grant) => grant.deny).map((grant) => `${grant.key} ${place(grant)}`))
  const counts = (grant: Grant): boolean => !grant.deny && !denied.has(`${grant.key} `) && !denied.has(`${grant.key} ${place(grant)}`)
  const held = grants.filter(counts)
  const wide = new Set(held.filter(everywhere).map(({ key }) => key))
  const all = wide.has(root)
  const rooted = held.some(({ key }) => key === root)
  const kept = held.filter((grant) => (all ? grant.key === root && everywhere(grant) : everywhere(grant) || !wide.has(grant.key)))
  const keys = new Set(held.map(({ key }) => key))
  const denies = grants.filter((grant) => grant.deny && (rooted || keys.has(grant.key)))
  return [...new Set([...kept.map((grant) => `+${grant.key} ${place(grant)}`), ...denies.map((grant) => `-${grant.key} ${place(grant)}`)])].toSorted()
}

/** A short text that is equal for grants that give the same rights. */
export const rightsDigest = (grants: readonly Grant[], root: string): string =>
  createHash('sha256').update(JSON.stringify(effective(grants, root))).digest('base64url')

/** Among the keys of an API token: what one may do to one's own row. Source: docs/protocol.md §4.2. */
export const profileKey = 'profile'

/** The grants as far as they reach the keys of `only`; denies stay whole. */
export const limited = (grants: readonly Grant[], only: readonly string[], root: string): Grant[] => {
  const keys = only.filter((key) => key !== profileKey)
  return grants.flatMap((grant) => {
    if (grant.deny) return [grant]
    const within = grant.key === root && !keys.includes(root) ? keys : keys.includes(grant.key) ? [grant.key] : []
    return within.map((key) => ({ ...grant, key }))
  })
}

/** What rows grant to those who are linked to them, by actor. */
export const holderGrants = async (db: Knex, resources: Resources, authority: Authority, actorIds: readonly string[]): Promise<Map<string, Grant[]>> => {
  const result = new Map<string, Grant[]>()
  for (const resource of resources.values()) {
    for (const relation of resource.relations.values()) {
      if (relation.kind !== 'link' || !relation.holds || relation.target.name !== authority.actor) continue
      const { holds, own, other } = relation
      const rows: Record<string, string>[] = await db(relation.table).whereIn(other, [...actorIds]).select(own, other)
      for (const row of rows) {
        const grants = holds.keys.map((key) => ({ key, scopeId: null, deny: false, row: { resource: resource.name, id: row[own] ?? '' } }))
        result.set(row[other] ?? '', [...(result.get(row[other] ?? '') ?? []), ...grants])
      }
    }
  }
  return result
}

interface StandingOptions {
  readonly resources: Resources
  readonly authority: Authority
  readonly authenticator: Authenticator | undefined
}

const endsOf = async (db: Knex, authenticator: Authenticator | undefined, principals: readonly Principal[]): Promise<ReadonlyMap<string, string>> => {
  if (authenticator?.endedMany) return authenticator.endedMany(db, principals)
  const result = new Map<string, string>()
  for (const principal of principals) {
    const ended = await authenticator?.ended(db, principal)
    if (ended !== undefined) result.set(principal.sessionId, ended)
  }
  return result
}

const accountsOf = async (db: Knex, authority: Authority, ids: readonly string[]): ReturnType<NonNullable<Authority['loadMany']>> => {
  if (authority.loadMany) return authority.loadMany(db, ids)
  const result = new Map<string, { readonly grants: readonly Grant[]; readonly ended?: string }>()
  for (const id of ids) {
    const found = await authority.load(db, id)
    if (found) result.set(id, found)
  }
  return result
}

/** Asks the database about many identities: a few statements, however many they are. In the order given. */
export const createStanding = ({ resources, authority, authenticator }: StandingOptions) =>
  async (db: Knex, principals: readonly Principal[]): Promise<Standing[]> => {
    const ids = [...new Set(principals.map(({ actorId }) => actorId))]
    const ends = await endsOf(db, authenticator, principals)
    const accounts = await accountsOf(db, authority, ids)
    const linked = await holderGrants(db, resources, authority, ids)
    return principals.map(({ actorId, sessionId, only }) => {
      const account = accounts.get(actorId)
      // What ended the account says more than what ended the session with it.
      const ended = account ? account.ended ?? ends.get(sessionId) : 'deleted'
      if (!account || ended !== undefined) return { ended: ended ?? 'deleted' }
      const grants = [...account.grants, ...(linked.get(actorId) ?? [])]
      return { rights: rightsDigest(only ? limited(grants, only, authority.root) : grants, authority.root) }
    })
  }
