// Who is calling, with which rights. Cached, and forgotten when the feed tells of a change; a mutation reads them again before it commits.
import type { MongoAbility } from '@casl/ability'
import type { Knex } from 'knex'
import type { Resources } from '../model/resource.ts'
import type { Principal } from '../define/call.ts'
import { AppError } from '../define/errors.ts'
import type { NamedOperation } from '../define/operation.ts'
import type { Authenticator } from '../define/plugin.ts'
import type { Actor, Authority, Grant } from '../define/rights.ts'
import { buildAbility, keyUses } from './ability.ts'
import { createActorReader, type Stamp } from './actor-rows.ts'
import { contested, holds } from './held.ts'
import { scopesAbove } from './scopes.ts'
import { createStanding, limited, profileKey, rightsDigest, type Standing } from './standing.ts'

export interface Admitted {
  readonly actor: Actor
  readonly ability: MongoAbility
  /** The stamp of rights by which they were read; undefined: only reading them again tells whether they are the same. */
  readonly stamp?: Stamp
}

/** Why an identity that was good once is so no longer. */
interface Ended {
  readonly ended: string
}

export interface Actors {
  /**
   * The actor behind a principal.
   * @throws AppError unauthenticated when the actor or the session has ended
   */
  admit(db: Knex, principal: Principal, options: { readonly fresh: boolean }): Promise<Admitted>
  /** Why each of many principals may no longer act, or a digest of what they hold. Always asks the database, once for all. */
  readonly standingOf: (db: Knex, principals: readonly Principal[]) => Promise<Standing[]>
  /** Whether two admissions of one actor give the same rights. */
  readonly sameRights: (a: Admitted | undefined, b: Admitted | undefined) => boolean
  /** Whether the principal holds any key at all; one that has ended holds none. */
  holdsAny(db: Knex, principal: Principal): Promise<boolean>
  /** Drops what is cached of one actor, or of all. */
  forget(actorId?: string): void
  /** Drops what is cached of those whose rights hang on where a scope lies in its tree. */
  forgetPlaced(): void
  /** An actor as they are now, whatever session they may have; undefined when they may not act. */
  look(db: Knex, actorId: string): Promise<Admitted | undefined>
  /** Everything that an actor is granted, whatever their status, read afresh. */
  readonly grantsOf: (db: Knex, actorId: string) => Promise<readonly Grant[]>
}

/** Beyond it the cache starts again: its bound, not its tuning. */
const most = 50_000

interface ActorsOptions {
  readonly resources: Resources
  readonly authority: Authority
  readonly authenticator: Authenticator | undefined
  readonly operations: readonly NamedOperation[]
}

/** Loads and caches actors. */
export const createActors = ({ resources, authority, authenticator, operations }: ActorsOptions): Actors => {
  const uses = keyUses(resources, operations)
  const read = createActorReader(resources, authority)
  // By actor, then by session and what it is limited to: a socket that is about to end for its former keys must not speak for the new.
  const cache = new Map<string, Map<string, Promise<Admitted | Ended>>>()
  // Those of them whose rights hang on the tree of their scopes.
  const placed = new Set<string>()

  const forgetAll = (): void => {
    cache.clear()
    placed.clear()
  }

  const digestOf = (of: Admitted | undefined): string => (of ? rightsDigest(of.actor.grants, authority.root) : '')

  const admitted = async (db: Knex, id: string, grants: readonly Grant[], { byKeys, only }: Partial<Principal> = {}): Promise<Admitted> => {
    const keysOnly = byKeys === true && only?.includes(profileKey) !== true
    const scopes = contested(grants, authority.root)
    // Before the tree is read: a move meanwhile drops what comes of it.
    if (scopes.length > 0) placed.add(id)
    const above = scopes.length > 0 ? { above: await scopesAbove(db, resources, scopes) } : {}
    const actor: Actor = { id, grants, ...(keysOnly ? { keysOnly } : {}), ...above }
    return { actor, ability: buildAbility(resources, uses, authority.root, actor) }
  }

  const isStamped = authority.stamped === true && authenticator?.stamped !== undefined

  const look = async (db: Knex, actorId: string, principal?: Principal): Promise<Admitted | Ended> => {
    const found = (await read(db, [actorId])).get(actorId)
    if (found?.ended !== undefined || !found) return { ended: found?.ended ?? 'deleted' }
    const { grants, stamp } = found
    const may = await admitted(db, actorId, principal?.only ? limited(grants, principal.only, authority.root) : grants, principal)
    return !isStamped || may.actor.above ? may : { ...may, stamp }
  }

  const load = async (db: Knex, principal: Principal): Promise<Admitted | Ended> => {
    const found = await look(db, principal.actorId, principal)
    // What ended the account says more than what ended the session with it.
    if ('ended' in found) return found
    // After the stamp was read, which a session that ends raises.
    const ended = (await authenticator?.ended(db, [principal]))?.get(principal.sessionId)
    return ended === undefined ? found : { ended }
  }

  const cached = (db: Knex, principal: Principal): Promise<Admitted | Ended> => {
    const session = [principal.sessionId, ...(principal.only ?? [])].join(' ')
    const known = cache.get(principal.actorId)?.get(session)
    if (known) return known
    if (cache.size >= most) forgetAll()
    const sessions = cache.get(principal.actorId) ?? new Map<string, Promise<Admitted | Ended>>()
    cache.set(principal.actorId, sessions)
    const loading = load(db, principal)
    sessions.set(session, loading)
    loading.catch(() => sessions.delete(session))
    return loading
  }

  return {
    async admit(db, principal, { fresh }) {
      if (principal.expiresAt <= Date.now()) throw new AppError('unauthenticated')
      const result = await (fresh ? load(db, principal) : cached(db, principal))
      if ('ended' in result) throw new AppError('unauthenticated')
      return result
    },
    standingOf: createStanding({ root: authority.root, read, authenticator }),
    async look(db, actorId) {
      const found = await look(db, actorId)
      return 'ended' in found ? undefined : found
    },
    async holdsAny(db, principal) {
      const found = await cached(db, principal)
      return 'actor' in found && found.actor.grants.some(({ key, deny }) => !deny && holds(found.actor, key, authority.root))
    },
    grantsOf: async (db, actorId) => (await read(db, [actorId])).get(actorId)?.grants ?? [],
    sameRights: (a, b) => digestOf(a) === digestOf(b),
    forget(actorId) {
      if (actorId === undefined) forgetAll()
      else cache.delete(actorId)
    },
    forgetPlaced() {
      for (const actorId of placed) cache.delete(actorId)
      placed.clear()
    },
  }
}
