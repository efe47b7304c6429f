// Relations of a resource. They name their target by string, so definitions never import each other. A link is declared at one end.
import type { AnySchema } from './schema.ts'

export interface One<
  T extends string = string, V extends string = string, A extends boolean = boolean, E extends boolean = boolean, P extends string = string,
> {
  readonly kind: 'one'
  readonly target: T
  /** The field of this resource that holds the target's id. */
  readonly via: V
  /** The permission key needed to change the link, at either end; default: the key of that end's update. */
  readonly permission?: P
  /** A row is never its own ancestor by this relation. Gives `<resource>-ancestors-request`. */
  readonly acyclic?: A
  /** A grant within the target's scope reaches this row. */
  readonly scope?: boolean
  /** Gives `<resource>-<relation>-get`, `-set` and `-remove`. */
  readonly events?: E
}

/** The table of a many-to-many relation. */
export interface Link<C extends AnySchema = AnySchema> {
  readonly table: string
  /** Column with this resource's id; default `<resource>_id`. */
  readonly own?: string
  /** Column with the target's id; default `<target>_id`. */
  readonly other?: string
  /** The link's own columns, which are part of its identity, such as `scopeId` or `deny`. Each needs a default. */
  readonly columns?: C
  /** What deleting a linked target does: `cascade` (default) drops the link, `restrict` refuses. */
  readonly onTargetDelete?: 'cascade' | 'restrict'
}

interface ToMany<T extends string, I extends string, N extends number> {
  readonly target: T
  /** The word in `<resource>-add-<item>` and `<resource>-remove-<item>`; without it the relation is only read. */
  readonly item?: I
  /** `include` may embed at most so many rows (1 to 100); without it the relation cannot be included. */
  readonly cap?: N
}

/** Many-to-many, declared at this end. */
export interface Many<
  T extends string = string, F extends boolean = boolean, I extends string = string, C extends AnySchema = AnySchema,
  N extends number = number, P extends string = string,
> extends ToMany<T, I, N> {
  readonly kind: 'many'
  readonly through: Link<C>
  /** The permission key needed to change the link, at either end; default: the key of that end's update. */
  readonly permission?: P
  /** The relation is also a field of the resource: an array of ids (or of objects, where the link has columns). */
  readonly field?: F
  /** Those linked hold these keys on the row, and read these relations of it whole. */
  readonly holds?: { readonly keys: readonly string[]; readonly reads?: readonly string[] }
}

/** The other end of a link that the target declares. */
export interface Inverse<T extends string = string, V extends string = string, I extends string = string, N extends number = number>
  extends ToMany<T, I, N> {
  readonly kind: 'inverse'
  /** The target's relation to this resource: a to-one relation, or one through a table of links. */
  readonly inverse: V
}

export type Relation = One | Many | Inverse
export type Relations = Readonly<Record<string, Relation>>

type Options<R> = Omit<R, 'kind' | 'target'>

// What is left out is inferred as its default: without NoInfer it would be what the place of the relation allows, such as any text.

/** A to-one relation, kept in a field of this resource. */
export const one = <
  const T extends string, const V extends string, const A extends boolean = false, const E extends boolean = false,
  const P extends string = never,
>(target: T, options: Options<One<T, V, A, E, P>>): One<T, V, NoInfer<A>, NoInfer<E>, NoInfer<P>> => ({ kind: 'one', target, ...options })

/** A to-many relation: `through` a table of links that this end declares, or the `inverse` of a relation that the target declares. */
export function many<const T extends string, const V extends string, const I extends string = never, const N extends number = never>(
  target: T, options: Options<Inverse<T, V, I, N>>,
): Inverse<T, V, NoInfer<I>, NoInfer<N>>
export function many<
  const T extends string, const F extends boolean = false, const I extends string = never, C extends AnySchema = AnySchema,
  const N extends number = never, const P extends string = never,
>(target: T, options: Options<Many<T, F, I, C, N, P>>): Many<T, NoInfer<F>, NoInfer<I>, NoInfer<C>, NoInfer<N>, NoInfer<P>>
export function many(target: string, options: Options<Many> | Options<Inverse>): Many | Inverse {
  return 'inverse' in options ? { kind: 'inverse', target, ...options } : { kind: 'many', target, ...options }
}
