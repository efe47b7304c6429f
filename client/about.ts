// What the server says of resources: whose changes decide what one may read of them. Asked once a connection, for those that are used.
import type { Calls } from './calls.ts'

interface About {
  /** The resources whose changes may change what a list or a get of this one answers. */
  readonly about: ReadonlySet<string>
  /** Whether each row of a list could be got, and would be the same. */
  readonly alike: boolean
  /** The resource at the other end of each relation. */
  readonly relations: Readonly<Record<string, string>>
}

export interface Abouts {
  /** Undefined: not known, or not yet; then it is asked. */
  of(resource: string): About | undefined
  /** The same, once it is known. */
  learn(resource: string): Promise<About | undefined>
  /** The resources whose changes may change a list; undefined: any may. */
  ofList(resource: string, relation: string | undefined, include: readonly string[]): ReadonlySet<string> | undefined
  /** What was said holds no longer. */
  clear(): void
}

interface Item {
  readonly resource: string
  readonly about: readonly string[]
  readonly alike: boolean
  readonly relations: Readonly<Record<string, string>>
}

export const createAbouts = (call: Calls['call'], isOnline: () => boolean): Abouts => {
  let known = new Map<string, About | undefined>()
  let asked = new Map<string, Promise<About | undefined>>()
  const ask = async (resource: string): Promise<About | undefined> => {
    const answers = known
    try {
      const { items } = await call('feed-about', { resources: [resource] }) as { readonly items: readonly Item[] }
      for (const item of items) answers.set(item.resource, { ...item, about: new Set(item.about) })
    } catch {
      // It is not a resource, or the server is an older one: nothing is kept then, and every change counts.
    }
    return answers.get(resource)
  }
  const learn = async (resource: string): Promise<About | undefined> => {
    if (!isOnline()) return undefined
    const asking = asked.get(resource) ?? ask(resource)
    asked.set(resource, asking)
    return asking
  }
  const of = (resource: string): About | undefined => {
    if (!asked.has(resource)) void learn(resource)
    return known.get(resource)
  }
  return {
    of,
    learn,
    ofList(resource, relation, include) {
      const owner = of(resource)
      const related = relation === undefined ? resource : owner?.relations[relation]
      const target = related === undefined ? undefined : of(related)
      if (!owner || !target) return undefined
      const all = [owner, target, ...include.map((name) => of(target.relations[name] ?? ''))]
      return all.every((each) => each !== undefined) ? new Set(all.flatMap(({ about }) => [...about])) : undefined
    },
    clear() {
      known = new Map()
      asked = new Map()
    },
  }
}
