// Who is calling, with which rights. Cached, and forgotten when the feed tells of a change; mutations read afresh in their transaction.
import type { MongoAbility } from '@casl/ability'
import type { Knex } from 'knex'
import type { Resources } from '../boot/resource.ts'
import type { Principal } from '../define/call.ts'
import { AppError } from '../define/errors.ts'
import type { AnyOperation } from '../define/operation.ts'
import type { Authenticator } from '../define/plugin.ts'
import type { Actor, Authority, Grant } from '../define/rights.ts'
import { buildAbility, keyUses } from './ability.ts'

export interface Admitted {
  readonly actor: Actor
  readonly ability: MongoAbility
}

/** Why an identity that was good once is so no more. */
export interface Ended {
  readonly ended: string
}

export interface Actors {
  /**
   * The actor behind a principal.
   * @throws AppError unauthenticated when the actor or the session has ended
   */
  admit(db: Knex, principal: Principal, options: { readonly fresh: boolean }): Promise<Admitted>
  /** Why the principal may no longer act, or undefined while he may. Always asks the database. */
  endOf(db: Knex, principal: Principal): Promise<string | undefined>
  /** Drops what is cached of one actor, or of all. */
  forget(actorId?: string): void
  /** An actor as he is now, whatever session he may have; undefined when he may not act. */
  look(db: Knex, actorId: string): Promise<Admitted | undefined>
  /** Everything that an actor is granted, read afresh. */
  readonly grantsOf: (db: Knex, actorId: string) => Promise<readonly Grant[]>
}

/** Beyond it the cache starts again: its bound, not its tuning. */
const most = 50_000

interface ActorsOptions {
  readonly resources: Resources
  readonly authority: Authority
  readonly authenticator: Authenticator | undefined
  readonly operations: readonly AnyOperation[]
}

const holderGrants = async (db: Knex, resources: Resources, authority: Authority, actorId: string): Promise<Grant[]> => {
  const grants: Grant[] = []
  for (const resource of resources.values()) {
    for (const relation of resource.relations.values()) {
      if (relation.kind !== 'link' || !relation.holds || relation.target !== authority.actor) continue
      const rows: Record<string, string>[] = await db(relation.table).where({ [relation.other]: actorId }).select(relation.own)
      for (const row of rows) {
        const id = row[relation.own] ?? ''
        grants.push(...relation.holds.keys.map((key) => ({ key, scopeId: null, deny: false, row: { resource: resource.name, id } })))
      }
    }
  }
  return grants
}

/** The grants as far as they reach the keys of `only`; denies stay whole. */
const limited = (grants: readonly Grant[], only: readonly string[], root: string): Grant[] =>
  grants.flatMap((grant) => {
    if (grant.deny) return [grant]
    const keys = grant.key === root && !only.includes(root) ? only : only.includes(grant.key) ? [grant.key] : []
    return keys.map((key) => ({ ...grant, key }))
  })

/** Loads and caches actors. */
export const createActors = ({ resources, authority, authenticator, operations }: ActorsOptions): Actors => {
  const uses = keyUses(resources, operations)
  // By actor, then by session.
  const cache = new Map<string, Map<string, Promise<Admitted | Ended>>>()

  const grantsOf = async (db: Knex, actorId: string): Promise<Grant[]> =>
    [...((await authority.load(db, actorId))?.grants ?? []), ...(await holderGrants(db, resources, authority, actorId))]

  const admitted = (id: string, grants: readonly Grant[]): Admitted => {
    const actor = { id, grants }
    return { actor, ability: buildAbility(resources, uses, authority.root, actor) }
  }

  const look = async (db: Knex, actorId: string, only?: readonly string[]): Promise<Admitted | Ended> => {
    const found = await authority.load(db, actorId)
    if (!found) return { ended: 'deleted' }
    if (found.ended !== undefined) return { ended: found.ended }
    const grants = [...found.grants, ...(await holderGrants(db, resources, authority, actorId))]
    return admitted(actorId, only ? limited(grants, only, authority.root) : grants)
  }

  const load = async (db: Knex, principal: Principal): Promise<Admitted | Ended> => {
    const ended = await authenticator?.ended(db, principal)
    const found = await look(db, principal.actorId, principal.only)
    // What ended the account says more than what ended the session with it.
    return 'ended' in found || ended === undefined ? found : { ended }
  }

  const cached = (db: Knex, principal: Principal): Promise<Admitted | Ended> => {
    const known = cache.get(principal.actorId)?.get(principal.sessionId)
    if (known) return known
    if (cache.size >= most) cache.clear()
    const sessions = cache.get(principal.actorId) ?? new Map<string, Promise<Admitted | Ended>>()
    cache.set(principal.actorId, sessions)
    const loading = load(db, principal)
    sessions.set(principal.sessionId, loading)
    loading.catch(() => sessions.delete(principal.sessionId))
    return loading
  }

  return {
    async admit(db, principal, { fresh }) {
      if (principal.expiresAt <= Date.now()) throw new AppError('unauthenticated')
      const result = await (fresh ? load(db, principal) : cached(db, principal))
      if ('ended' in result) throw new AppError('unauthenticated')
      return result
    },
    async endOf(db, principal) {
      const result = await load(db, principal)
      return 'ended' in result ? result.ended : undefined
    },
    async look(db, actorId) {
      const found = await look(db, actorId)
      return 'ended' in found ? undefined : found
    },
    grantsOf,
    forget(actorId) {
      if (actorId === undefined) cache.clear()
      else cache.delete(actorId)
    },
  }
}
