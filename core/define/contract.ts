// The rows of an app as a client sees them, worked out from its definitions and its plugins. Types only; the cost of them is tested.
import type { App, PluginResources } from './app.ts'
import type { AnyResource } from './resource.ts'
import type { AnySchema, Infer } from './schema.ts'

interface BaseRow {
  readonly id: string
  readonly version: number
  readonly createdAt: string
  readonly updatedAt: string
  readonly createdBy: string | null
  readonly updatedBy: string | null
}

/** JSON has no dates. */
type Plain<T> = T extends Date ? string : T
type Values<S> = S extends AnySchema ? { readonly [K in keyof Infer<S>]: Plain<Infer<S>[K]> } : unknown

/** The payload's name for the other end of a link. */
type TargetName<Owner, Name, R> = R extends { readonly target: Owner; readonly item?: infer I }
  ? `${[I] extends [never] ? Name & string : I & string}Id`
  : R extends { readonly target: infer T extends string } ? `${T}Id` : never

/** An id, or an object where a column of the link's own differs from its default. */
type LinkItem<Owner, Name, R> = R extends { readonly through?: { readonly columns?: infer C extends AnySchema } }
  ? AnySchema extends C ? string : string | ({ readonly [K in TargetName<Owner, Name, R>]: string } & Values<C>)
  : string

/** The relations that are fields too. */
type Linked<D> = D extends { readonly name: infer N; readonly relations?: infer R }
  ? {
      readonly [K in keyof R as R[K] extends { readonly field?: infer F } ? ([F] extends [true] ? K : never) : never]: readonly LinkItem<
        N, K,
        R[K]
      >[]
    }
  : unknown

type WriteOnly<E> = E extends { readonly writeOnly: readonly (infer W)[] } ? W : never
type Keyed<E> = E extends { readonly readKeys: infer K } ? keyof K : never

/** What one extension adds to a row: nothing that is only written, and what has a key of its own to who holds it. */
type Added<E> = E extends { readonly schema: infer S extends AnySchema }
  ? { readonly [K in keyof Values<S> as K extends WriteOnly<E> | Keyed<E> ? never : K]: Values<S>[K] }
    & { readonly [K in keyof Values<S> as K extends Keyed<E> ? K : never]?: Values<S>[K] }
  : unknown

type Extending<P> = P extends { setup(setup: never): { readonly extend: infer E } } ? E : never
type All<U> = (U extends unknown ? (each: U) => void : never) extends (all: infer I) => void ? I : never
/** What all plugins add to the resource of a name. */
type Extended<E, N> = All<E extends { readonly [K in N & string]: infer X } ? Added<X> : never>

type RowOf<D, E> = D extends { readonly name: infer N; readonly schema: infer S }
  ? BaseRow & Values<S> & Linked<D> & ([E] extends [never] ? unknown : Extended<E, N>)
  : never

type ResourceOf<A> = A extends App<infer D, infer P> ? D[number] | PluginResources<P[number]> : never
type ExtensionsOf<A> = A extends App<readonly AnyResource[], infer P> ? Extending<P[number]> : never

/** The plain, structural contract of an app: the rows of its resources by name. */
export type ContractOf<A> = { readonly [N in ResourceOf<A>['name']]: RowOf<Extract<ResourceOf<A>, { readonly name: N }>, ExtensionsOf<A>> }
