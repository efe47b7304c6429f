// The contract of an app, worked out from its definitions and its plugins: wire.ts says what it holds. Types only; their cost is tested.
import type { PluginResources } from './app.ts'
import type { At, Bound, Named, OperationFrom, ResourceFrom } from './contract-rows.ts'
import type { coreReasons } from './errors.ts'
import type { Contract, RelationEvents, Request, RowEvents } from './wire.ts'

type DefinitionsOf<A> = A extends { readonly resources: readonly (infer D)[]; readonly plugins: readonly (infer P)[] }
  ? D | PluginResources<P> : never
type PluginsOf<A> = A extends { readonly plugins: readonly (infer P)[] } ? P : never

type Contributed<P, K extends string> = P extends { setup(setup: never): { readonly [N in K]?: infer C } } ? C : never
type ListedBy<P, K extends string> = Contributed<P, K> extends infer L ? (L extends readonly (infer I)[] ? I : never) : never

type KeyOfEach<T> = T extends unknown ? keyof T : never

// A mapped type over names answers `keyof` at once. One that makes its names of its members works them all out each time it is asked, and
// every payload of a client asks: so what makes names is looked into by `At` alone.
type ByName<D> = { readonly [X in D as Get<X, 'name'> & string]: X }
type ResourcesFrom<Names extends string, Definitions, E, B> = {
  readonly [N in Names]: At<Definitions, N> extends infer D extends Named ? ResourceFrom<D, About<E, N>, B> : never
}
/** Of what plugins extend, what is about the resource of a name. */
type About<E, N> = E extends { readonly [K in N & string]: infer X } ? X : never

/** The events of core itself. */
interface CoreEvents<Names, ResourceNames> {
  readonly 'ping': { readonly payload: Request; readonly reply: Record<never, never> }
  /** What this socket hears from now on: of these resources, or only where the feed is; `{}` is everything. */
  readonly 'feed-listen': {
    readonly payload: Request & { readonly resources?: readonly Names[]; readonly heads?: boolean }
    readonly reply: { readonly resources: readonly Names[]; readonly heads: boolean }
  }
  /** What a client needs to know of resources, all or these, to keep what it has read of them true. */
  readonly 'feed-about': {
    readonly payload: Request & { readonly resources?: readonly ResourceNames[] }
    readonly reply: { readonly items: readonly {
      readonly resource: ResourceNames
      /** The resources whose changes may change what one may read of it. */
      readonly about: readonly ResourceNames[]
      /** Whether what one may list one may get, with the same fields. */
      readonly alike: boolean
      /** The resource at the other end of each relation. */
      readonly relations: Readonly<Record<string, ResourceNames>>
    }[] }
  }
  /** In which of the scopes of one's keys rows lie; those that one may not see are left out. */
  readonly 'rights-scopes': {
    readonly payload: Request & { readonly resource: ResourceNames; readonly ids: readonly string[] }
    readonly reply: { readonly items: readonly { readonly id: string; readonly scopes: readonly string[] }[] }
  }
  /** What holds of each of some rows: the events that one may ask about it, and its fields that one may change. */
  readonly 'rights-on': {
    readonly payload: Request & { readonly resource: ResourceNames; readonly ids: readonly string[] }
    readonly reply: { readonly events: readonly string[]; readonly fields: readonly string[] }
  }
}

/** Which event it is: of a resource, or of one of its relations. */
interface Entry<E, N, Action, K> {
  readonly event: E
  readonly resource: N
  readonly action: Action
  readonly relation: K
}
type Get<T, K> = K extends keyof T ? T[K] : never
type EntriesOf<N, K, Events> = { [A in keyof Events]: Entry<Events[A], N, A, K> }[keyof Events]
type RelationEntries<N, L> = { [K in keyof L]: EntriesOf<N, K, Get<L[K], 'events'>> }[keyof L]
type Entries<Resources> = {
  [N in keyof Resources]:
    EntriesOf<N, undefined, Get<Resources[N], 'events'>> | RelationEntries<N, Get<Resources[N], 'relations'>>
}[keyof Resources]
type AnyEntry = Entry<unknown, unknown, unknown, unknown>
type ByEvent<X extends AnyEntry> = { readonly [Y in X as Y['event'] & string]: Y }

type OfRow<N, R, A> = Get<RowEvents<N, R> & Get<R, 'operations'>, A>
type OfRelation<Resources, R, K, A> = OfLink<Resources, R, K, Get<Get<R, 'relations'>, K>, A>
type OfLink<Resources, R, K, L, A> = Get<RelationEvents<K, L, R, Get<Resources, Get<L, 'target'>>>, A>
/** The payload and the reply of an event of a resource or a relation. */
type EventFrom<Resources, X> = X extends AnyEntry
  ? X['relation'] extends undefined
    ? OfRow<X['resource'], Get<Resources, X['resource']>, X['action']>
    : OfRelation<Resources, Get<Resources, X['resource']>, X['relation'], X['action']>
  : never

/** Plugins' operations whose names the compiler knows. */
type PluginEvents<O> = {
  readonly [X in O as X extends { readonly event: infer N extends string } ? (string extends N ? never : N) : never]: OperationFrom<X>
}

type EventsFrom<Resources, Own, ResourceEvents, Names extends string> = {
  readonly [N in Names | (keyof Own & string)]: N extends keyof Own ? Own[N] : EventFrom<Resources, At<ResourceEvents, N>>
}

type SettingsFrom<S> = {
  readonly [X in S as X extends { readonly key: infer K extends string } ? (string extends K ? never : K) : never]:
    X extends { readonly initial: infer V } ? V : never
}

type Codes<R> = R extends unknown
  ? { [N in keyof R]: R[N] extends { readonly code: infer C } ? { readonly reason: N; readonly code: C } : never }[keyof R]
  : never
type ReasonsFrom<R> = {
  readonly [X in Codes<R> as X extends { readonly reason: infer N extends string } ? (string extends N ? never : N) : never]:
    X extends { readonly code: infer C } ? C : never
}
type ReasonsOf<D> = D extends { readonly reasons?: infer R } ? R : never

interface Assembled<D, P, Resources extends object, Own, X extends AnyEntry, Changes extends string> extends Contract {
  readonly resources: Resources
  readonly events: EventsFrom<Resources, Own, ByEvent<X>, X['event'] & string>
  readonly operations: keyof Own & string
  readonly settings: SettingsFrom<ListedBy<P, 'settings'>>
  readonly reasons: ReasonsFrom<ReasonsOf<D> | Contributed<P, 'reasons'> | typeof coreReasons>
  readonly changes: Changes
}

/**
 * The contract of an app: `RowOf<AppContract, 'book'>`, `PayloadOf<AppContract, 'book-create'>`. Extend an interface from it,
 * which the compiler works out once: `interface AppContract extends ContractOf<typeof app> {}`.
 */
export type ContractOf<A> = OfParts<DefinitionsOf<A>, PluginsOf<A>>
// Each part is worked out once, and handed on.
type OfParts<D, P> = OfResources<D, P, ResourcesFrom<Get<D, 'name'> & string, ByName<D>, Contributed<P, 'extend'>, Bound<D>>,
  PluginEvents<ListedBy<P, 'operations'>>, (Get<D, 'name'> | KeyOfEach<Contributed<P, 'broadcasts'>>) & string>
type Own<Plugins, Core> = { readonly [N in keyof Plugins | keyof Core]: N extends keyof Core ? Core[N] : At<Plugins, N> }
type OfResources<D, P, Resources extends object, Plugins, Changes extends string> =
  Assembled<D, P, Resources, Own<Plugins, CoreEvents<Changes, keyof Resources>>, Entries<Resources>, Changes>
