// Relations of a resource. They name their target by string, so definitions never import each other.
import type { AnySchema } from './schema.ts'

export interface One<T extends string = string> {
  readonly kind: 'one'
  readonly target: T
  /** The field of this resource that holds the target's id. */
  readonly via: string
  /** The permission key needed to change it; default: the key of this resource's update. */
  readonly permission?: string
  /** A row is never its own ancestor by this relation. Gives `<resource>-ancestors-request`. */
  readonly acyclic?: boolean
  /** A grant within the target's scope reaches this row. */
  readonly scope?: boolean
  /** Gives `<resource>-<relation>-get`, `-set` and `-remove`. */
  readonly events?: boolean
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

export interface Many<T extends string = string, F extends boolean = boolean, I extends string = string, C extends AnySchema = AnySchema> {
  readonly kind: 'many'
  readonly target: T
  /** One-to-many: the field of the target that holds this resource's id. */
  readonly via?: string
  /** Many-to-many. */
  readonly through?: Link<C>
  /** The word in `<resource>-add-<item>` and `<resource>-remove-<item>`; without it the relation is only read. */
  readonly item?: I
  readonly permission?: string
  /** The relation is also a field of the resource: an array of ids (or of objects, where the link has columns). */
  readonly field?: F
  /** `include` may embed at most so many rows (1 to 100); without it the relation cannot be included. */
  readonly cap?: number
  /** Those linked hold these keys on the row, and read these relations of it whole. */
  readonly holds?: { readonly keys: readonly string[]; readonly reads?: readonly string[] }
}

export type Relation = One | Many
export type Relations = Readonly<Record<string, Relation>>

/** A to-one relation, kept in a field of this resource. */
export const one = <const T extends string>(target: T, options: Omit<One, 'kind' | 'target'>): One<T> =>
  ({ kind: 'one', target, ...options })

/** A to-many relation: by a field of the target (`via`) or a table of links (`through`). */
export const many = <
  const T extends string, const F extends boolean = false, const I extends string = never,
  C extends AnySchema = AnySchema,
>(
  target: T, options: Omit<Many<T, F, I, C>, 'kind' | 'target'>,
): Many<T, F, I, C> => ({ kind: 'many', target, ...options })
