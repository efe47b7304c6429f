// How a client is typed: from the contract of an app, which is known by its structure alone, to the names of names.ts. Types only.
import type { Contract, EventOf, Page, PayloadOf, ReplyOf } from '../core/define/wire.ts'
import type { CallOptions } from './calls.ts'
import type { Change } from './changes.ts'
import type { LiveList } from './live.ts'
import type { OwnMembers } from './proxy.ts'

/** `change-password` → `changePassword`. */
type Camel<S extends string> = S extends `${infer Head}-${infer Rest}` ? `${Head}${Capitalize<Camel<Rest>>}` : S
type Get<T, K> = K extends keyof T ? T[K] : never
type Strings<T> = T extends string ? T : never

/** Whether there is nothing that a payload must hold. */
type IsFree<P> = Record<never, never> extends P ? true : false
type Sends<P, Reply> = IsFree<P> extends true
  ? (payload?: P, options?: CallOptions) => Promise<Reply>
  : (payload: P, options?: CallOptions) => Promise<Reply>

/** The relations that a payload may ask to be embedded. */
type Includes<P> = P extends { readonly include?: readonly (infer I extends string)[] } ? I : never
type Embedding<P, I> = Omit<P, 'include'> & { readonly include?: I }
type Embedded<C extends Contract, E extends EventOf<C>, I> = I extends readonly [] ? ReplyOf<C, E> : ReplyOf<C, E, { readonly include: I }>

type Reads<C extends Contract, E extends EventOf<C>, P = PayloadOf<C, E>> = IsFree<P> extends true
  ? <const I extends readonly Includes<P>[] = []>(payload?: Embedding<P, I>, options?: CallOptions) => Promise<Embedded<C, E, I>>
  : <const I extends readonly Includes<P>[] = []>(payload: Embedding<P, I>, options?: CallOptions) => Promise<Embedded<C, E, I>>

/** What sends an event. */
type Call<C extends Contract, E> = E extends EventOf<C>
  ? C['events'][E] extends { readonly includes: string } ? Reads<C, E> : Sends<PayloadOf<C, E>, ReplyOf<C, E>>
  : never

type ItemOf<Reply> = Reply extends Page<infer Item> ? Item : never
type Query<P, I> = Omit<P, 'include' | 'requestId'> & { readonly include?: I }

/** What opens a live list of what an event lists. */
type Lives<C extends Contract, E, Update, Updated> = E extends EventOf<C> ? LivesOf<C, E, PayloadOf<C, E>, [Update, Updated]> : never
type LivesOf<C extends Contract, E extends EventOf<C>, P, U extends readonly [update: unknown, updated: unknown]> = IsFree<P> extends true
  ? <const I extends readonly Includes<P>[] = []>(query?: Query<P, I>) => LiveList<ItemOf<Embedded<C, E, I>>, U[0], U[1]>
  : <const I extends readonly Includes<P>[] = []>(query: Query<P, I>) => LiveList<ItemOf<Embedded<C, E, I>>, U[0], U[1]>

interface Listed<C extends Contract, E> {
  readonly list: Call<C, E>
  readonly live: Lives<C, E, never, never>
}

/** The events of a to-one relation, or of one to many. */
type Relation<C extends Contract, Events> = Events extends { readonly list: infer E }
  ? Listed<C, E>
  : { readonly [A in keyof Events & ('get' | 'set' | 'remove')]: Call<C, Events[A]> }

type EventsOf<L> = L extends { readonly events: infer Events } ? Events : never
/** `add` and `remove` of relations to many. */
type LinkEvents<Links> = { [K in keyof Links]: EventsOf<Links[K]> extends { readonly list: string }
  ? Get<EventsOf<Links[K]>, 'add'> | Get<EventsOf<Links[K]>, 'remove'> : never }[keyof Links]
type AncestorEvents<Links> = { [K in keyof Links]: Get<EventsOf<Links[K]>, 'ancestors'> }[keyof Links]

/** What an owner's event is called, by what follows the owner in it. */
type Word<Rest extends string> = Rest extends 'list-request' ? 'list' : Rest extends `${infer Name}-request` ? Camel<Name> : Camel<Rest>
type Node<C extends Contract, E, Rest> =
  Rest extends 'list-request' ? Call<C, E> : Rest extends `${string}-request` ? Listed<C, E> : Call<C, E>

/** The operations that begin with an owner's name. The other events are found by their resources: there may be thousands. */
type Owned<C extends Contract, N extends string> = {
  readonly [E in C['operations'] as E extends `${N}-${infer Rest}` ? Word<Rest> : never]:
    E extends `${N}-${infer Rest}` ? Node<C, E, Rest> : never
}

interface Hears {
  /** Calls after each change of one of its rows that is told. @returns what ends it */
  readonly onChanged: (listener: (change: Change) => void) => () => void
}

type UpdateOf<C extends Contract, Events> =
  Events extends { readonly update: infer E } ? E extends EventOf<C> ? PayloadOf<C, E> : never : never
type UpdatedOf<C extends Contract, Events> =
  Events extends { readonly update: infer E } ? E extends EventOf<C> ? ReplyOf<C, E> : never : never
type LiveOf<C extends Contract, Events> =
  Events extends { readonly list: infer E } ? { readonly live: Lives<C, E, UpdateOf<C, Events>, UpdatedOf<C, Events>> } : unknown

type ResourceNames<C extends Contract, N extends string, Events, Links> = Hears & LiveOf<C, Events>
  & { readonly [A in keyof Events]: Call<C, Events[A]> }
  & { readonly [K in keyof Links]: Relation<C, EventsOf<Links[K]>> }
  & { readonly [E in Strings<LinkEvents<Links>> as E extends `${N}-${infer Rest}` ? Camel<Rest> : never]: Call<C, E> }
  & { readonly [E in Strings<AncestorEvents<Links>> as 'ancestors']: { readonly list: Call<C, E> } }
  & Owned<C, N>

type Resource<C extends Contract, N extends string, R> = R extends { readonly events: infer Events; readonly relations: infer Links }
  ? ResourceNames<C, N, Events, Links> : never

type First<E extends string> = E extends `${infer Head}-${string}` ? Head : E
type Owner<C extends Contract, N extends string> = Hears & Owned<C, N> & (N extends EventOf<C> ? Call<C, N> : unknown)
  & (`${N}-list-request` extends EventOf<C> ? { readonly live: Lives<C, `${N}-list-request`, never, never> } : unknown)

type ResourceOf<C extends Contract> = keyof C['resources'] & string

/** The client of an app: `client.department.get({ id })`. Names and events: client/names.ts. */
export type Client<C extends Contract> = Omit<OwnMembers, 'call'> & {
  /** Any event by its name. @throws SovraneError */
  readonly call: <E extends EventOf<C>>(event: E, payload?: PayloadOf<C, E>, options?: CallOptions) => Promise<ReplyOf<C, E>>
}
  & { readonly [N in ResourceOf<C> as Camel<N>]: Resource<C, N, C['resources'][N]> }
  & { readonly [N in Exclude<First<C['operations']>, ResourceOf<C>>]: Owner<C, N> }
