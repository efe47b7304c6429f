// What one actor may do, read from docs/protocol.md §5: keys over rows, what is held, what it covers, over whom it stands.

import { keys, manageMfa, responsibleKeys, root } from './keys.ts'
import type { Resource } from './keys.ts'
import type { Organisation, Placed, Tri, User } from './organisation.ts'

interface Held {
  readonly key: string
  readonly scope: string | null
  /** A group: what its responsible holds for it alone. */
  readonly group?: string
}

export interface Wanted extends Held {}

const worst = (answers: readonly Tri[]): Tri => answers.includes('no') ? 'no' : answers.includes('open') ? 'open' : 'yes'
const best = (answers: readonly Tri[]): Tri => answers.includes('yes') ? 'yes' : answers.includes('open') ? 'open' : 'no'

export class Actor {
  readonly org: Organisation
  readonly user: User
  /** An API token's keys; null for one made without naming any; undefined for a session. */
  readonly only: readonly string[] | null | undefined
  readonly #granted: readonly Held[]
  readonly #denied: readonly Held[]

  constructor(org: Organisation, user: User, only: readonly string[] | null | undefined) {
    this.org = org
    this.user = user
    this.only = only
    const { granted, denied } = org.grantsOf(user)
    const responsible = org.groupsOf(user.id).flatMap((group) => responsibleKeys.map((key): Held => ({ key, scope: null, group })))
    this.#granted = [...granted, ...responsible]
    this.#denied = denied
  }

  get isToken(): boolean { return this.only !== undefined }

  /** Whether the row is the actor's own, and may be acted on as such: a token only "with `profile` among them". */
  own(id: string | undefined): Tri {
    if (id !== this.user.id) return 'no'
    if (this.only === undefined) return 'yes'
    if (this.only === null) return 'open'
    return this.only.includes('profile') ? 'yes' : 'no'
  }

  #admits(key: string): boolean {
    return !Array.isArray(this.only) || this.only.includes(key)
  }

  /** What gives the key, denies not yet considered: grants of it, and those of `root`. */
  #sources(key: string): Held[] {
    const byName = this.#admits(key) ? this.#granted.filter((grant) => grant.key === key) : []
    const byRoot = key !== root && (this.#admits(key) || this.#admits(root)) ? this.#granted.filter((grant) => grant.key === root) : []
    return [...byName, ...byRoot]
  }

  #denies(key: string): readonly Held[] {
    return this.#denied.filter((deny) => deny.key === key)
  }

  can(key: string, resource: Resource | 'invitation', row: Placed): boolean {
    const reaches = ({ scope, group }: Held): boolean =>
      group === undefined ? scope === null || this.org.inScope(resource, row, scope) : resource === 'group' && row.id === group
    if (this.#denies(key).some(reaches)) return false
    return this.#sources(key).some((source) => reaches(source) && !(source.key === root && this.#denies(root).some(reaches)))
  }

  /** "An actor who holds a key in no scope": whether anything of it is left after the denies. */
  held(key: string): Tri {
    const taken = (source: Held, denies: readonly Held[]): Tri =>
      worst(denies.map((deny): Tri => (this.org.wider(deny.scope, source.scope) ? 'no' : 'yes')))
    return best(
      this.#sources(key).map((source) =>
        worst([taken(source, this.#denies(key)), source.key === root ? taken(source, this.#denies(root)) : 'yes']),
      ),
    )
  }

  /** The same, where it does not matter what is open. */
  holds(key: string): boolean {
    return this.held(key) !== 'no'
  }

  /** Whether the actor may get a row, by key or because it is their own. */
  gets(resource: Resource, row: Placed | undefined): Tri {
    if (row === undefined) return 'no'
    if (this.can(keys[resource].get, resource, row)) return 'yes'
    return resource === 'user' ? this.own(row.id) : 'no'
  }

  lists(resource: Resource, row: Placed): boolean {
    return this.can(keys[resource].list, resource, row)
  }

  /** Whether the actor sees that the row is there at all: one that may be listed but not got leaves it open. */
  sees(resource: Resource, row: Placed | undefined): Tri {
    if (row === undefined) return 'no'
    const gets = this.gets(resource, row)
    return gets === 'no' && this.lists(resource, row) ? 'open' : gets
  }

  seesMfa(row: Placed): Tri {
    return this.can(manageMfa, 'user', row) ? 'yes' : this.own(row.id)
  }

  /** "What one may not read, one cannot name"; one's own row always may be. */
  names(resource: Resource, id: string): Tri {
    const row = this.org.row(resource, id)
    if (row === undefined) return 'no'
    if (resource === 'user' && id === this.user.id) return this.isToken && this.gets(resource, row) !== 'yes' ? 'open' : 'yes'
    return this.gets(resource, row)
  }

  /** The same of a scope: a site or a department. */
  namesScope(id: string): Tri {
    return this.org.row('site', id) ? this.names('site', id) : this.names('department', id)
  }

  /** "holds all of it with the same or a wider scope", denies considered. */
  covers(wanted: Wanted): Tri {
    const { org } = this
    const wide = this.#sources(wanted.key).filter((source) => source.group === undefined
      ? org.wider(source.scope, wanted.scope)
      : source.group === wanted.group)
    /** Whether such denies leave it whole. A scoped deny reaches no group; whether it counts is not said. */
    const spared = (denies: readonly Held[]): Tri => worst(denies.map((deny): Tri => {
      if (wanted.group !== undefined) return deny.scope === null ? 'no' : 'open'
      const meeting = org.meet(deny.scope, wanted.scope)
      return meeting === 'yes' ? 'no' : meeting === 'no' ? 'yes' : 'open'
    }))
    // "who is denied a key cannot grant `root`".
    const own = spared(wanted.key === root ? this.#denied : this.#denies(wanted.key))
    const byEach = wide.map((source): Tri => (source.key === root ? spared(this.#denies(root)) : 'yes'))
    return worst([own, best(byEach)])
  }

  /** The keys by which someone else holds more than this actor, and how surely: 'no' means that this one must not act. */
  lacks(other: User): { readonly key: string; readonly covered: Tri }[] {
    const theirs = new Actor(this.org, other, undefined)
    return theirs.#granted.flatMap((grant) => {
      const covered = this.covers(grant)
      if (covered === 'yes') return []
      // What is denied to the other in part or whole, they hold in part or not at all.
      const denies = theirs.#denied.filter((deny) => deny.key === grant.key || grant.key === root || deny.key === root)
      const isWhole = denies.every((deny) =>
        grant.group === undefined ? this.org.meet(deny.scope, grant.scope) === 'no' : deny.scope !== null,
      )
      const isGone = denies.some((deny) => deny.key === grant.key && this.org.wider(deny.scope, grant.scope))
      return [{ key: grant.key, covered: covered === 'no' && (isWhole || (!isGone && !this.holds(grant.key))) ? 'no' : 'open' }]
    })
  }

  /** The grants as `auth-me` shows them, as sortable texts. */
  shown(): { readonly granted: string[]; readonly denied: string[] } {
    const text = ({ key, scope, group }: Held): string => `${key}@${group ?? scope ?? 'everywhere'}`
    const granted = this.#granted.flatMap((grant) => {
      if (this.#admits(grant.key)) return [text(grant)]
      return grant.key === root ? (this.only ?? []).filter((key) => key !== 'profile').map((key) => text({ ...grant, key })) : []
    })
    return { granted: [...new Set(granted)].toSorted(), denied: [...new Set(this.#denied.map(text))].toSorted() }
  }
}
