// Who is calling, with which rights. Cached, and forgotten when the feed tells of a change; a mutation reads them again before it commits.
import type { MongoAbility } from '@casl/ability'
import type { Knex } from 'knex'
import type { Resource, Resources } from '../model/resource.ts'
import type { Principal } from '../define/call.ts'
import { AppError } from '../define/errors.ts'
import type { NamedOperation } from '../define/operation.ts'
import type { Authenticator } from '../define/plugin.ts'
import type { Actor, Authority, Grant } from '../define/rights.ts'
import { buildAbility, keyUses } from './ability.ts'
import { createActorReader, type ActorRow, type Stamp } from './actor-rows.ts'
import { batched } from './batched.ts'
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

/** What the database says of a principal. */
interface Found {
  readonly actor: ActorRow | undefined
  /** Why their session has ended. */
  readonly ended: string | undefined
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
  /** Whether a change of this row may change what the actor may do. */
  mayChange(resource: Resource, id: string, actorId: string): boolean
  /** Whether the principal holds any key at all; one that has ended holds none. */
  holdsAny(db: Knex, principal: Principal): Promise<boolean>
  /** Drops what is cached of one actor, or of all. */
  forget(actorId?: string): void
  /** Drops what is cached of those whose rights hang on where a scope lies in its tree. */
  forgetPlaced(): void
  /** An actor as they are now, whatever session they may have; undefined when they may not act. */
  look(db: Knex, actorId: string): Promise<Admitted | undefined>
  /** An actor whatever their status, whose grants say what they come from, and why they may not act; undefined: there is none. */
  explained(db: Knex, actorId: string): Promise<(Admitted & { readonly ended: string | undefined }) | undefined>
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
  const readOrigins = createActorReader(resources, authority, { origins: true })
  // By actor, then by session and what it is limited to: a socket that is about to end for its former keys must not speak for the new.
  const cache = new Map<string, Map<string, Promise<Admitted | Ended>>>()
  // Those of them whose rights hang on the tree of their scopes.
  const placed = new Set<string>()

  // What was made of all that an actor holds: as long as the stamp is the same, nothing else would be made of it.
  const made = new Map<string, Admitted & { readonly stamp: Stamp }>()

  const forgetAll = (): void => {
    cache.clear()
    placed.clear()
    made.clear()
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

  const look = async (db: Knex, found: ActorRow | undefined, principal?: Principal): Promise<Admitted | Ended> => {
    if (found?.ended !== undefined || !found) return { ended: found?.ended ?? 'deleted' }
    const { id, grants, stamp } = found
    const isWhole = principal?.byKeys === undefined && principal?.only === undefined
    // What a transaction has written may never be: its stamp may be that of other rights then.
    const isShared = isWhole && db.isTransaction !== true
    const known = isShared ? made.get(id) : undefined
    if (known?.stamp.sum === stamp.sum) return known
    const may = await admitted(db, id, principal?.only ? limited(grants, principal.only, authority.root) : grants, principal)
    if (!isStamped || may.actor.above) return may
    const stamped = { ...may, stamp }
    if (made.size >= most) made.clear()
    if (isShared) made.set(id, stamped)
    return stamped
  }

  /** Whose principals they are, and why their sessions have ended. */
  const readAll = async (db: Knex, principals: readonly Principal[]): Promise<Found[]> => {
    const found = await read(db, [...new Set(principals.map(({ actorId }) => actorId))])
    // After the stamps were read, which a session that ends raises. What ended the account says more than what ended the session with it.
    const going = principals.filter(({ actorId, sessionId }) => sessionId !== '' && found.get(actorId)?.ended === undefined)
    const ends = going.length > 0 ? await authenticator?.ended(db, going) : undefined
    return principals.map(({ actorId, sessionId }) => ({ actor: found.get(actorId), ended: ends?.get(sessionId) }))
  }
  // By the pool that is asked. A transaction sees what it has done itself, and asks for itself.
  const pools = new WeakMap<Knex, (principal: Principal) => Promise<Found>>()
  const readOne = async (db: Knex, principal: Principal): Promise<Found | undefined> => {
    if (db.isTransaction === true) return (await readAll(db, [principal]))[0]
    const asked = pools.get(db) ?? batched((principals: readonly Principal[]) => readAll(db, principals))
    pools.set(db, asked)
    return asked(principal)
  }

  const load = async (db: Knex, principal: Principal): Promise<Admitted | Ended> => {
    const { actor, ended } = await readOne(db, principal) ?? {}
    if (actor?.ended === undefined && ended !== undefined) return { ended }
    return look(db, actor, principal)
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
      const found = await look(db, (await read(db, [actorId])).get(actorId))
      return 'ended' in found ? undefined : found
    },
    async explained(db, actorId) {
      const found = (await readOrigins(db, [actorId])).get(actorId)
      return found && { ...await admitted(db, actorId, found.grants), ended: found.ended }
    },
    async holdsAny(db, principal) {
      const found = await cached(db, principal)
      return 'actor' in found && found.actor.grants.some(({ key, deny }) => !deny && holds(found.actor, key, authority.root))
    },
    grantsOf: async (db, actorId) => (await read(db, [actorId])).get(actorId)?.grants ?? [],
    mayChange({ name, links }, id, actorId) {
      if (name === authority.actor) return id === actorId
      return authority.watch.includes(name) ||
        links.some(({ target, holds: given }) => given !== undefined && target.name === authority.actor)
    },
    sameRights: (a, b) => digestOf(a) === digestOf(b),
    forget(actorId) {
      if (actorId === undefined) forgetAll()
      else {
        cache.delete(actorId)
        made.delete(actorId)
      }
    },
    forgetPlaced() {
      for (const actorId of placed) cache.delete(actorId)
      placed.clear()
    },
  }
}
