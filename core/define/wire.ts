// What a client is typed by: the contract of an app as plain types, known by their structure. Nothing of the server is imported here.

/** What every row has. */
export interface BaseRow {
  readonly id: string
  readonly version: number
  /** ISO 8601 */
  readonly createdAt: string
  readonly updatedAt: string
  /** A user's id. */
  readonly createdBy: string | null
  readonly updatedBy: string | null
}

/** One event: what is sent, and what comes back. */
export interface EventContract {
  readonly payload: object
  readonly reply: object
  /** The resource whose rows the reply holds, where the payload may have `include`. */
  readonly includes?: string
}

/** A relation of a resource. */
export interface RelationContract {
  /** The name of the resource at the other end. */
  readonly target: string
  readonly kind: 'one' | 'many'
  /** Whether `include` may name it. */
  readonly include: boolean
  /** The name that payloads have for the row at the other end, such as `userId`. */
  readonly by: string
  /** What each link has of its own; of a relation that is the inverse of another, the other says so. */
  readonly columns: object
  /** The relation of the target that declares the link; `never` where this one does. */
  readonly inverse: string
  /** The names of its events: `get`, `set`, `remove` and `ancestors`, or `list`, `add` and `remove`. */
  readonly events: object
}

export interface ResourceContract {
  /** A row as replies have it, for who may read all of it. */
  readonly row: object
  /** The payloads of create and update. */
  readonly create: object
  readonly update: object
  /** The fields that lists may be filtered by, with their values. */
  readonly filter: object
  /** The fields that lists may be sorted by; `id` and `createdAt` always. */
  readonly sort: string
  /** Whether lists can be searched. */
  readonly search: boolean
  readonly relations: object
  /** Its operations that are not generic. */
  readonly operations: object
  /** The names of its events, those of its relations aside: `list`, `get`, `create`, `createMany` and the like, and its own. */
  readonly events: object
}

/** All that a client can ask. The members are objects by name; a constraint that said more would compare every event of an app. */
export interface Contract {
  /** Of each resource a `ResourceContract`. */
  readonly resources: object
  /** Of each event an `EventContract`: `events['book-get']`. */
  readonly events: object
  /** The names of those that are no resource's: of plugins and of core. */
  readonly operations: string
  /** The type of each setting's value, by its key. */
  readonly settings: object
  /** The error code of each reason. */
  readonly reasons: object
  /** Of whose changes clients hear: the names in `<name>-changed`. */
  readonly changes: string
}

/** In every payload. Source: docs/protocol.md §2. */
export interface Request {
  /** Comes back in the reply and in the changes; on a mutation it makes a repetition harmless. */
  readonly requestId?: string
}

/** What is sent to act on one row. */
interface RowRequest extends Request {
  readonly id: string
}

/** What is sent to change one row. */
export interface ChangeRequest extends RowRequest {
  /** The version that the client has seen: if the row has another one, nothing is changed. */
  readonly ifVersion?: number
}

interface PageRequest extends Request {
  /** From 1. */
  readonly page?: number
  /** 1 to 100; default 20. */
  readonly limit?: number
}

/** A page of a list. A type, so that it is a payload too. */
export type Page<Item> = {
  readonly items: readonly Item[]
  readonly page: number
  readonly limit: number
  readonly total: number
  /** The cursor of the next page; absent on the last. */
  readonly next?: string
}

interface Operators<V> {
  readonly eq?: V
  readonly ne?: V
  readonly in?: readonly NonNullable<V>[]
  readonly gt?: NonNullable<V>
  readonly gte?: NonNullable<V>
  readonly lt?: NonNullable<V>
  readonly lte?: NonNullable<V>
  /** A part of a text, whatever its case. */
  readonly contains?: V extends string ? string : never
  readonly isNull?: boolean
}

interface Combined<Fields> {
  readonly id?: string | { readonly eq?: string; readonly in?: readonly string[] }
  readonly or?: readonly Filter<Fields>[]
  readonly and?: readonly Filter<Fields>[]
  readonly not?: Filter<Fields>
}

/** Conditions that all must hold: `{ status: 'active', size: { gte: 3 } }`. Source: docs/protocol.md §3.2. */
export type Filter<Fields> = { readonly [F in keyof Fields]?: Fields[F] | Operators<Fields[F]> } & Combined<Fields>

type NamesOf<T> = keyof T & string
/** A member of a contract. That it has it is not asked: a constraint would compare all of a resource, for each of thousands of events. */
type Get<T, K> = K extends keyof T ? T[K] : never

interface Including<Relations> {
  /** Relations whose rows are embedded in the reply. */
  readonly include?: readonly {
    [K in NamesOf<Relations>]: Get<Relations[K], 'include'> extends true ? K : never
  }[NamesOf<Relations>][]
}

/** What is sent to read a list of a resource. */
export interface ListRequest<R> extends PageRequest, Including<Get<R, 'relations'>> {
  readonly search?: Get<R, 'search'> extends true ? string : never
  /** A field, `-field` for descending, or several. */
  readonly sort?: Sorting<Get<R, 'sort'> & string> | readonly Sorting<Get<R, 'sort'> & string>[]
  readonly filter?: Filter<Get<R, 'filter'>>
  /** `next` of the page before, in place of `page`. */
  readonly after?: string
}
type Sorting<F extends string> = F | `-${F}`

/** Many payloads of a single event, 1 to 500, of which all are done or none; and what the event answers to each. */
interface Several<P, Reply> {
  readonly payload: Request & { readonly items: readonly Omit<P, 'requestId'>[] }
  readonly reply: { readonly items: readonly Reply[] }
}

/** The generic events of a resource, of its contract `R`. */
export interface RowEvents<N, R> {
  readonly list: { readonly payload: ListRequest<R>; readonly reply: Page<Get<R, 'row'>>; readonly includes: N }
  readonly get: { readonly payload: RowRequest & Including<Get<R, 'relations'>>; readonly reply: Get<R, 'row'>; readonly includes: N }
  /** Who may change the row but not read it gets its `id` alone. */
  readonly create: { readonly payload: Get<R, 'create'>; readonly reply: Get<R, 'row'> }
  readonly update: { readonly payload: Get<R, 'update'>; readonly reply: Get<R, 'row'> }
  readonly delete: { readonly payload: ChangeRequest; readonly reply: { readonly id: string } }
  readonly createMany: Several<Get<R, 'create'>, Get<R, 'row'>>
  readonly updateMany: Several<Get<R, 'update'>, Get<R, 'row'>>
  readonly deleteMany: Several<ChangeRequest, { readonly id: string }>
}

type Named<Name, V> = { readonly [K in Name & string]: V }
/** What links of the relation `L` have of their own, if `T` is the resource at the other end. */
type ColumnsOf<L, T> = [Get<L, 'inverse'>] extends [never]
  ? Get<L, 'columns'> : Get<Get<Get<T, 'relations'>, Get<L, 'inverse'>>, 'columns'>
/** What names a link: the row at the other end, and what the link has of its own. */
type Linking<L, T> = ChangeRequest & Named<Get<L, 'by'>, string> & Partial<ColumnsOf<L, T>>

/** The events of a relation `L`, called `K`: `R` is the resource whose it is, `T` the one at the other end. */
export interface RelationEvents<K, L, R, T> {
  readonly ancestors: { readonly payload: RowRequest; readonly reply: { readonly items: readonly Get<R, 'row'>[] } }
  readonly get: { readonly payload: RowRequest; readonly reply: Named<K, Get<T, 'row'> | null> }
  readonly set: { readonly payload: Linking<L, T>; readonly reply: Get<R, 'row'> }
  readonly remove: { readonly payload: Get<L, 'kind'> extends 'one' ? ChangeRequest : Linking<L, T>; readonly reply: Get<R, 'row'> }
  readonly list: {
    readonly payload: ListRequest<T> & { readonly id: string }; readonly reply: Page<Get<T, 'row'> & ColumnsOf<L, T>>
    readonly includes: Get<L, 'target'>
  }
  readonly add: { readonly payload: Linking<L, T>; readonly reply: Get<R, 'row'> }
}

declare const reference: unique symbol
/** In what operations answer: a row of a resource. `ReplyOf` has the row in its place. */
export interface RowReference<N extends string> {
  readonly [reference]: N
}
type Resolved<C extends Contract, T> = T extends RowReference<infer N> ? Get<Get<C['resources'], N>, 'row'>
  : T extends readonly (infer I)[] ? readonly Resolved<C, I>[]
  : T extends object ? { readonly [K in keyof T]: Resolved<C, T[K]> } : T

/** The names of an app's events. */
export type EventOf<C extends Contract> = NamesOf<C['events']>

/** What is sent with an event. */
export type PayloadOf<C extends Contract, E extends EventOf<C>> = C['events'][E] extends { readonly payload: infer P } ? P : never

/** A row of a resource, by its name. */
export type RowOf<C extends Contract, N extends NamesOf<C['resources']>> = C['resources'][N] extends { readonly row: infer R } ? R : never

type RelationOf<C extends Contract, N, K> = Get<Get<Get<C['resources'], N>, 'relations'>, K>
type Embedded<C extends Contract, L, T = Get<C['resources'], Get<L, 'target'>>> =
  Get<L, 'kind'> extends 'one' ? Get<T, 'row'> | null : readonly (Get<T, 'row'> & ColumnsOf<L, T>)[]

/** A row of the resource `N` with the rows of its relations `I`, in place of what they replace. */
type Embedding<C extends Contract, N, Row, I extends string> = Omit<Row, I> & { readonly [K in I]: Embedded<C, RelationOf<C, N, K>> }
/** The same where they may be there or not. */
type Perhaps<C extends Contract, N, Row, I extends string> =
  Omit<Row, I> & { readonly [K in I]?: Embedded<C, RelationOf<C, N, K>> | (K extends keyof Row ? Row[K] : never) }

/** The kinds of `include` that the compiler knows: which names it holds, or only which it may hold. */
interface Given<C extends Contract, N, Row, I extends string> {
  readonly known: Embedding<C, N, Row, I>
  readonly unknown: Perhaps<C, N, Row, I>
}
type WithIncluded<C extends Contract, N, Reply, I extends string, Kind extends 'known' | 'unknown'> =
  Reply extends { readonly items: readonly (infer Row)[] } ? Page<Given<C, N, Row, I>[Kind]> : Given<C, N, Reply, I>[Kind]

/**
 * What answers an event, for a payload of the type `P`: its `include` decides which rows are embedded. Where the compiler cannot know
 * which names `include` holds, they may be there or not.
 */
export type ReplyOf<C extends Contract, E extends EventOf<C>, P = unknown> = C['events'][E] extends { readonly reply: infer Reply }
  ? E extends C['operations'] ? Resolved<C, Reply>
  : P extends { readonly include: infer Names extends readonly string[] }
    ? C['events'][E] extends { readonly includes: infer N }
      ? WithIncluded<C, N, Reply, Names[number], number extends Names['length'] ? 'unknown' : 'known'>
      : Reply
    : Reply
  : never
