// A resource as clients see it, worked out from its definition and what plugins add: its row, its payloads, its relations. Types only.
//
// No type here is given all definitions of the app: the compiler would work through all of them again wherever it takes such a type
// apart, for each relation of each resource.
import type { RowOfResource } from './replies.ts'
import type { AnySchema, Infer } from './schema.ts'
import type { BaseRow, ChangeRequest, EventContract, RelationContract, Request, ResourceContract, RowReference } from './wire.ts'

/** JSON has no dates. */
type Plain<T> = T extends Date ? string : T
type Values<S> = S extends AnySchema ? { readonly [K in keyof Infer<S>]: Plain<Infer<S>[K]> } : unknown
type None = Record<never, never>
/** What is looked at of a definition. Its other members are looked for: a constraint that named them would compare them. */
export interface Named {
  readonly name: string
  readonly schema: AnySchema
}
/** A member of a type whose names are costly to list; `never` where it has none. */
export type At<T, K> = T extends { readonly [N in K & string]: infer X } ? X : never
type Flat<T> = T extends infer O ? { readonly [K in keyof O]: O[K] } : never
type All<U> = (U extends unknown ? (each: U) => void : never) extends (all: infer I) => void ? I : never

/** Fields without a default that may not be null: a new row needs them. */
type Needed<S extends AnySchema, V = Infer<S>, Initial = S['__default']> = {
  [K in keyof V]-?: undefined extends V[K] ? never : null extends V[K] ? never
    : K extends keyof Initial ? (undefined extends Initial[K] ? K : never) : K
}[keyof V]

/** What a member of a definition lists. */
type Listed<T, K extends string> = T extends { readonly [N in K]?: readonly (infer F)[] } ? F : never
type ListOf<D, K extends string> = D extends { readonly list?: infer L } ? Listed<L, K> : never
type RelationsOf<D> = D extends { readonly relations?: infer R } ? R : None

/** The payload's name for the other end of a link. */
type TargetName<Owner, Name, R> = R extends { readonly target: Owner }
  ? R extends { readonly kind: 'one' } ? `${Name & string}Id`
    : R extends { readonly item?: infer I } ? `${[I] extends [never] ? Name & string : I & string}Id` : never
  : R extends { readonly target: infer T extends string } ? `${T}Id` : never

/** What links have of their own. */
type Columns<R> = R extends { readonly through: { readonly columns?: infer C extends AnySchema } }
  ? AnySchema extends C ? None : Values<C>
  : None

/** An id, or an object where a column of the link's own differs from its default. */
type LinkItem<Owner, Name, R, C = Columns<R>> = [keyof C] extends [never]
  ? string : string | ({ readonly [K in TargetName<Owner, Name, R>]: string } & C)

/** The relations that are fields too. */
type LinkField<R> = { [K in keyof R]: R[K] extends { readonly field?: infer F } ? ([F] extends [true] ? K : never) : never }[keyof R]

type WriteOnly<E> = Listed<E, 'writeOnly'>
type Keyed<E> = E extends { readonly readKeys: infer K } ? keyof K : never
type Unwritten<E> = Listed<E, 'readOnly'> | (E extends { readonly stored: infer F } ? keyof F : never)

/** What one extension adds to a row: nothing that is only written, and what has a key of its own to who holds it. */
type Added<E> = E extends { readonly schema: infer S extends AnySchema }
  ? { readonly [K in keyof Values<S> as K extends WriteOnly<E> | Keyed<E> ? never : K]: Values<S>[K] }
    & { readonly [K in keyof Values<S> as K extends Keyed<E> ? K : never]?: Values<S>[K] }
  : unknown
/** What it adds to the payloads of create and update. */
type AddedInput<E> = E extends { readonly schema: infer S extends AnySchema }
  ? { readonly [K in keyof Values<S> as K extends Unwritten<E> ? never : K]?: Exclude<Values<S>[K], undefined> }
  : unknown

type ExtendedRow<X> = [X] extends [never] ? unknown : All<X extends unknown ? Added<X> : never>
type ExtendedInput<X> = [X] extends [never] ? unknown : All<X extends unknown ? AddedInput<X> : never>

type LinkFields<D extends Named, R> = { readonly [K in LinkField<R>]: readonly LinkItem<D['name'], K, R[K]>[] }
type LinkInput<D extends Named, R> = {
  readonly [K in LinkField<R>]?: readonly LinkItem<D['name'], K, R[K], Partial<Columns<R[K]>>>[]
}

/** A row as replies have it. `X`: what plugins extend it by. */
type RowFrom<D extends Named, X> =
  Flat<BaseRow & Values<D['schema']> & LinkFields<D, RelationsOf<D>> & ExtendedRow<X>>

type Writable<D extends Named> = Exclude<keyof Infer<D['schema']>, Listed<D, 'readOnly'>>
type Given<D extends Named, K> = {
  readonly [F in keyof Infer<D['schema']> as F extends K ? F : never]?: Exclude<Plain<Infer<D['schema']>[F]>, undefined>
}

/** What is sent to create a row. */
type CreateFrom<D extends Named, X> = Flat<Request & { readonly id?: string }
  & { readonly [F in Writable<D> & Needed<D['schema']>]: Plain<Infer<D['schema']>[F]> }
  & Given<D, Exclude<Writable<D>, Needed<D['schema']>>>
  & LinkInput<D, RelationsOf<D>> & ExtendedInput<X>>

/** What is sent to change some fields of a row. */
type UpdateFrom<D extends Named, X> = Flat<ChangeRequest & Given<D, Exclude<Writable<D>, Listed<D, 'fixed'>>>
  & LinkInput<D, RelationsOf<D>> & ExtendedInput<X>>

type FilterFrom<D extends Named> = BaseRow & Values<D['schema']> extends infer V
  ? { readonly [F in ListOf<D, 'filter'> & keyof V]: Exclude<V[F], undefined> } : never

/** `annexOf` → `annex-of`: how a relation is called in events. */
type Kebab<N extends string> = N extends Lowercase<N> ? N : Dashed<N>
type Dashed<N extends string> = N extends `${infer C}${infer Rest}`
  ? `${C extends Lowercase<C> ? C : `-${Lowercase<C>}`}${Dashed<Rest>}` : ''

/** Whether a row can do without what a field names. */
type MayBeNull<S extends AnySchema, V> = V extends keyof Infer<S> ? (null extends Infer<S>[V] ? true : false) : true

/** The to-one relations without which a row cannot be, as `<resource>.<relation>`: their inverses cannot remove a row. */
export type Bound<D> = D extends Named & { readonly name: infer N extends string; readonly relations?: infer R }
  ? { [K in keyof R & string]: NonNullable<R[K]> extends { readonly via: infer V }
      ? MayBeNull<D['schema'], V> extends true ? never : `${N}.${K}` : never }[keyof R & string]
  : never

type OneEvents<N extends string, K extends string, S extends AnySchema, R> =
  & None
  & (R extends { readonly acyclic?: infer A } ? ([A] extends [true] ? { readonly ancestors: `${N}-ancestors-request` } : unknown) : unknown)
  & (R extends { readonly events?: infer E } ? ([E] extends [true] ? { readonly get: `${N}-${K}-get`; readonly set: `${N}-${K}-set` }
    & (R extends { readonly via: infer V } ? MayBeNull<S, V> extends true ? { readonly remove: `${N}-${K}-remove` } : unknown : unknown)
      : unknown) : unknown)

type IsBound<R, B> = R extends { readonly target: infer T extends string; readonly inverse: infer V extends string }
  ? `${T}.${V}` extends B ? true : false : false

type ManyEvents<N extends string, K extends string, R, B> =
  & { readonly list: `${N}-${K}-request` }
  & (R extends { readonly item?: infer I } ? ([I] extends [never] ? unknown : { readonly add: `${N}-add-${I & string}` }
    & (IsBound<R, B> extends true ? unknown : { readonly remove: `${N}-remove-${I & string}` })) : unknown)

type IsIncludable<R> = R extends { readonly kind: 'one' } ? true
  : R extends { readonly cap?: infer C } ? ([C] extends [never] ? false : true) : false

interface RelationFrom<D extends Named, K extends string, R, B> extends RelationContract {
  readonly target: R extends { readonly target: infer T extends string } ? T : never
  readonly kind: R extends { readonly kind: 'one' } ? 'one' : 'many'
  readonly include: IsIncludable<R>
  readonly by: TargetName<D['name'], K, R>
  readonly columns: Columns<R>
  readonly inverse: R extends { readonly inverse: infer V extends string } ? V : never
  readonly events: R extends { readonly kind: 'one' }
    ? OneEvents<D['name'], Kebab<K>, D['schema'], R> : ManyEvents<D['name'], Kebab<K>, R, B>
}

type RelationsFrom<D extends Named, B, R = RelationsOf<D>> = { readonly [K in keyof R & string]: RelationFrom<D, K, NonNullable<R[K]>, B> }

interface GenericNames<N extends string> {
  readonly list: `${N}-list-request`
  readonly get: `${N}-get`
  readonly create: `${N}-create`
  readonly update: `${N}-update`
  readonly delete: `${N}-delete`
  readonly createMany: `${N}-create-many`
  readonly updateMany: `${N}-update-many`
  readonly deleteMany: `${N}-delete-many`
}
type Generic<A> = (A & keyof GenericNames<string>) | `${A & ('create' | 'update' | 'delete')}Many`

type OperationsOf<D> = D extends { readonly operations?: infer O } ? O : None

/** The type of an output as it is on the wire: dates are texts. */
type OnWire<T> = T extends RowOfResource<infer N> ? RowReference<N>
  : T extends Date ? string
  : T extends readonly (infer I)[] ? readonly OnWire<I>[]
  : T extends object ? keyof T extends never ? unknown : { readonly [K in keyof T]: OnWire<Exclude<T[K], undefined>> } : T

/** An operation as clients see it. */
export interface OperationFrom<O> extends EventContract {
  readonly payload: Flat<Request & (O extends { readonly input: infer S } ? Values<S> : object)>
  readonly reply: O extends { readonly output: infer S extends AnySchema }
    ? OnWire<Infer<S>> extends infer R extends object ? R : object : never
}

/** A resource of the contract. `X`: what plugins extend it by; `B`: the relations of the app that bind. */
export interface ResourceFrom<D extends Named, X, B> extends ResourceContract {
  readonly row: RowFrom<D, X>
  readonly create: CreateFrom<D, X>
  readonly update: UpdateFrom<D, X>
  readonly filter: FilterFrom<D>
  readonly sort: (ListOf<D, 'sort'> & string) | 'createdAt' | 'id'
  readonly search: [ListOf<D, 'search'>] extends [never] ? false : true
  readonly relations: RelationsFrom<D, B>
  readonly operations: { readonly [K in keyof OperationsOf<D>]: OperationFrom<OperationsOf<D>[K]> }
  readonly events: Pick<GenericNames<D['name']>, Generic<Listed<D, 'events'>>>
    & { readonly [K in keyof OperationsOf<D> & string]: `${D['name']}-${Kebab<K>}` }
}
