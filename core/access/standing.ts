// Whether those who are connected may still be, and what they hold: asked for many at once, since one statement can change everyone.
import { createHash } from 'node:crypto'
import type { Knex } from 'knex'
import type { Principal } from '../define/call.ts'
import type { Authenticator } from '../define/plugin.ts'
import type { Grant } from '../define/rights.ts'
import type { ActorReader } from './actor-rows.ts'

/** Why an identity has ended, or a digest of what it effectively holds: equal digests, equal rights. */
export type Standing = { readonly ended: string } | { readonly rights: string }

const everywhere = (grant: Grant): boolean => grant.scopeId === null && grant.row === undefined
const place = ({ scopeId, row }: Grant): string => (row ? `row ${row.resource}/${row.id}` : scopeId === null ? '' : `scope ${scopeId}`)

/** What of the grants counts: nothing twice, nothing that a wider grant holds anyway, nothing that is denied, no deny of nothing. */
const effective = (grants: readonly Grant[], root: string): string[] => {
  const denied = new Set(grants.filter((grant) => grant.deny).map((grant) => `${grant.key} ${place(grant)}`))
  const isDenied = (key: string, grant: Grant): boolean => denied.has(`${key} `) || denied.has(`${key} ${place(grant)}`)
  const counts = (grant: Grant): boolean =>
    !grant.deny && !isDenied(grant.key, grant) && !(grant.byRoot === true && isDenied(root, grant))
  const held = grants.filter(counts)
  const wide = new Set(held.filter(everywhere).map(({ key }) => key))
  const all = wide.has(root)
  const rooted = held.some(({ key, byRoot }) => key === root || byRoot === true)
  const kept = held.filter((grant) => (all ? grant.key === root && everywhere(grant) : everywhere(grant) || !wide.has(grant.key)))
  const keys = new Set(held.map(({ key }) => key))
  const denies = grants.filter((grant) => grant.deny && (rooted || keys.has(grant.key)))
  const sign = (grant: Grant): string => (grant.deny ? '-' : grant.byRoot === true ? '*' : '+')
  return [...new Set([...kept, ...denies].map((grant) => `${sign(grant)}${grant.key} ${place(grant)}`))].toSorted()
}

/** Grants are read, and never changed; an app has one `root`. */
const digests = new WeakMap<readonly Grant[], string>()

/** A short text that is equal for grants that give the same rights. */
export const rightsDigest = (grants: readonly Grant[], root: string): string => {
  const known = digests.get(grants)
  if (known !== undefined) return known
  const digest = createHash('sha256').update(JSON.stringify(effective(grants, root))).digest('base64url')
  digests.set(grants, digest)
  return digest
}

/** Among the keys of an API token: what one may do to one's own row. Source: docs/protocol.md §4.2. */
export const profileKey = 'profile'

/** The grants as far as they reach the keys of `only`; denies stay whole. */
export const limited = (grants: readonly Grant[], only: readonly string[], root: string): Grant[] => {
  const keys = only.filter((key) => key !== profileKey)
  return grants.flatMap((grant) => {
    if (grant.deny) return [grant]
    const within = grant.key === root && !keys.includes(root) ? keys : keys.includes(grant.key) ? [grant.key] : []
    return within.map((key) => ({ ...grant, key, ...(key === grant.key ? {} : { byRoot: true as const }) }))
  })
}

interface StandingOptions {
  readonly root: string
  readonly read: ActorReader
  readonly authenticator: Authenticator | undefined
}

/** Asks the database about many identities: a few statements, however many they are. In the order given. */
export const createStanding = ({ root, read, authenticator }: StandingOptions) =>
  async (db: Knex, principals: readonly Principal[]): Promise<Standing[]> => {
    const actors = await read(db, [...new Set(principals.map(({ actorId }) => actorId))])
    const ends = await authenticator?.ended(db, principals)
    return principals.map(({ actorId, sessionId, only }) => {
      const actor = actors.get(actorId)
      // What ended the account says more than what ended the session with it.
      const ended = actor ? actor.ended ?? ends?.get(sessionId) : 'deleted'
      if (!actor || ended !== undefined) return { ended: ended ?? 'deleted' }
      return { rights: rightsDigest(only ? limited(actor.grants, only, root) : actor.grants, root) }
    })
  }
