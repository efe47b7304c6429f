// The definition of a resource: one object, from which events, queries, rights, broadcast, types and tests are derived.
import type { AnyHook, Hook } from './call.ts'
import type { Guard } from './change.ts'
import type { Model } from 'objection'
import type { Reasons } from './errors.ts'
import type { AnyOperation } from './operation.ts'
import { declaredHere } from './declared.ts'
import type { Relations } from './relations.ts'
import type { Action, Actor, RuleBuilder } from './rights.ts'
import type { AnySchema, Infer } from './schema.ts'

export interface ListOptions<F extends string = string> {
  readonly search?: readonly F[]
  readonly filter?: readonly F[]
  readonly sort?: readonly F[]
}

/** Fields that every resource has, kept by the database. */
type BaseField = 'id' | 'version' | 'createdAt' | 'updatedAt' | 'createdBy' | 'updatedBy'

type FieldOf<S extends AnySchema> = Extract<keyof Infer<S>, string>
type Input<S extends AnySchema> = { readonly [K in keyof Infer<S>]?: Infer<S>[K] } & { readonly id?: string }

export interface ResourceDefinition<N extends string = string, S extends AnySchema = AnySchema, R extends Relations = Relations> {
  /** Singular, lower-case: the first word of every event. */
  readonly name: N
  /** Default: name + "s". Names the table and the key to list. */
  readonly plural?: string
  readonly schema: S
  /** Fields that no client writes. */
  readonly readOnly?: readonly FieldOf<S>[]
  /** Fields that are given on create and never change. */
  readonly fixed?: readonly FieldOf<S>[]
  readonly relations?: R
  /** What a list may search, filter and sort by; anything else is refused. */
  readonly list?: ListOptions<FieldOf<S> | BaseField>
  /** Grants can be limited to one of its rows; `parent` names the field that makes a tree of them. */
  readonly scope?: true | { readonly parent: FieldOf<S> }
  /** Which generic events it has; default: all five. */
  readonly events?: readonly Action[]
  /** Permission keys; default `read-<plural>`, `read-<name>`, `create-<name>`, … */
  readonly keys?: Partial<Readonly<Record<Action, string>>>
  /** CASL rules beyond the keys. */
  permissions?(rules: RuleBuilder<FieldOf<S> | BaseField>, actor: Actor): void
  /** Refuses changes of its rows, whichever event makes them. */
  readonly guard?: Guard
  /** The reasons with which its guard, hooks and operations refuse. */
  readonly reasons?: Reasons
  /** By the rest of the event's name: `create`, `update`, `add-user`, … */
  readonly hooks?: {
    readonly create?: Hook<Input<S>>; readonly update?: Hook<Input<S> & { readonly id: string }>
  } & Readonly<Record<string, AnyHook>>
  /** Events of its own, `<resource>-<name>`: `{ checkout: operation({ … }) }`. */
  readonly operations?: Readonly<Record<string, AnyOperation>>
  /**
   * For the contract suite and made-up data: a good value of a field, another for each number, where one cannot be worked out from the
   * schema, because a hook checks it or a pattern is too particular: `{ serial: (n) => `SN-${n}` }`. Checked against the schema at start.
   */
  readonly examples?: { readonly [F in FieldOf<S>]?: (n: number) => Infer<S>[F] }
  /** The one escape hatch: extend the Objection model. No instance hooks: they would be a second hook system. */
  model?<M extends typeof Model>(Base: M): M
}

/** Declares a resource. Everything is checked when the app starts, all faults of all definitions together. */
export const defineResource = <const N extends string, S extends AnySchema, const R extends Relations = Record<never, never>>(
  definition: ResourceDefinition<N, S, R>,
): ResourceDefinition<N, S, R> => declaredHere(Object.freeze(definition))

/** Any definition, whatever its types. */
export type AnyResource =
  Pick<ResourceDefinition, 'name' | 'plural' | 'schema' | 'relations' | 'keys' | 'events' | 'guard' | 'reasons' | 'operations'> & {
  readonly scope?: true | { readonly parent: string }
  readonly readOnly?: readonly string[]
  readonly fixed?: readonly string[]
  readonly list?: ListOptions
  permissions?(rules: RuleBuilder<never>, actor: Actor): void
  readonly hooks?: Readonly<Record<string, AnyHook | undefined>>
  readonly examples?: Readonly<Record<string, ((n: number) => unknown) | undefined>>
  model?<M extends typeof Model>(Base: M): M
}
