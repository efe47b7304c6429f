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

export interface ListOptions<Search extends string = string, Filter extends string = string, Sort extends string = string> {
  readonly search?: readonly Search[]
  readonly filter?: readonly Filter[]
  readonly sort?: readonly Sort[]
}

/** Fields that every resource has, kept by the database. */
type BaseField = 'id' | 'version' | 'createdAt' | 'updatedAt' | 'createdBy' | 'updatedBy'

type FieldOf<S extends AnySchema> = Extract<keyof Infer<S>, string>
type Input<S extends AnySchema> = { readonly [K in keyof Infer<S>]?: Infer<S>[K] } & { readonly id?: string }

/** What a definition says by name, and the types of its clients are made of. */
export interface Details {
  readonly readOnly: string
  readonly fixed: string
  readonly search: string
  readonly filter: string
  readonly sort: string
  readonly events: Action
  readonly operations: Readonly<Record<string, AnyOperation>>
  readonly reasons: Reasons
}

export interface ResourceDefinition<
  N extends string = string, S extends AnySchema = AnySchema, R extends Relations = Relations, D extends Details = Details,
> {
  /** Singular, lower-case: the first word of every event. */
  readonly name: N
  /** Default: name + "s". Names the table and the key to list. */
  readonly plural?: string
  readonly schema: S
  /** Fields that no client writes. */
  readonly readOnly?: readonly D['readOnly'][]
  /** Fields that are given on create and never change. */
  readonly fixed?: readonly D['fixed'][]
  /** Fields of which no two rows have the same value, alone or together: `['plate', ['siteId', 'label']]`; an address in any case. */
  readonly unique?: readonly (FieldOf<S> | readonly FieldOf<S>[])[]
  /** Columns of its table that are not fields, since only SQL of its own reads them. Others that no field names are told at start. */
  readonly otherColumns?: readonly string[]
  readonly relations?: R
  /** What a list may search, filter and sort by; anything else is refused. `id` and `createdAt`, its order by default, always sort. */
  readonly list?: ListOptions<D['search'], D['filter'], D['sort']>
  /** Grants can be limited to one of its rows; `parent` names the field that makes a tree of them. */
  readonly scope?: true | { readonly parent: FieldOf<S> }
  /** Which generic events it has; default: all five. */
  readonly events?: readonly D['events'][]
  /** Permission keys; default `read-<plural>`, `read-<name>`, `create-<name>`, … */
  readonly keys?: Partial<Readonly<Record<Action, string>>>
  /** CASL rules beyond the keys. */
  permissions?(rules: RuleBuilder<FieldOf<S> | BaseField>, actor: Actor): void
  /** Refuses changes of its rows, whichever event makes them. */
  readonly guard?: Guard
  /** The reasons with which its guard, hooks and operations refuse. */
  readonly reasons?: D['reasons']
  /** By the rest of the event's name: `create`, `update`, `add-user`, … */
  readonly hooks?: {
    readonly create?: Hook<Input<S>>; readonly update?: Hook<Input<S> & { readonly id: string }>
  } & Readonly<Record<string, AnyHook>>
  /** Events of its own, `<resource>-<name>`: `{ checkout: operation({ … }) }`. */
  readonly operations?: D['operations']
  /**
   * For the contract suite and made-up data: a good value of a field, another for each number, where one cannot be worked out from the
   * schema, because a hook checks it or a pattern is too particular: `{ serial: (n) => `SN-${n}` }`. Checked against the schema at start.
   */
  readonly examples?: { readonly [F in FieldOf<S>]?: (n: number) => Infer<S>[F] }
  /** The one escape hatch: extend the Objection model. No instance hooks: they would be a second hook system. */
  model?<M extends typeof Model>(Base: M): M
}

/** Declares a resource. Everything is checked when the app starts, all faults of all definitions together. */
export const defineResource = <
  const N extends string, S extends AnySchema, const R extends Relations = Record<never, never>,
  ReadOnly extends FieldOf<S> = never, Fixed extends FieldOf<S> = never,
  Search extends FieldOf<S> | BaseField = never, Filter extends FieldOf<S> | BaseField = never, Sort extends FieldOf<S> | BaseField = never,
  Events extends Action = Action, Operations extends Details['operations'] = Record<never, never>,
  Refusals extends Reasons = Record<never, never>,
>(definition: ResourceDefinition<N, S, R, {
  readonly readOnly: ReadOnly; readonly fixed: Fixed; readonly search: Search; readonly filter: Filter; readonly sort: Sort
  readonly events: Events; readonly operations: Operations; readonly reasons: Refusals
}>): typeof definition => declaredHere(Object.freeze(definition))

/** Any definition, whatever its types. */
export type AnyResource =
  Pick<ResourceDefinition, 'name' | 'plural' | 'schema' | 'relations' | 'keys' | 'events' | 'guard' | 'reasons' | 'operations'> & {
  readonly scope?: true | { readonly parent: string }
  readonly readOnly?: readonly string[]
  readonly fixed?: readonly string[]
  readonly unique?: readonly (string | readonly string[])[]
  readonly otherColumns?: readonly string[]
  readonly list?: ListOptions
  permissions?(rules: RuleBuilder<never>, actor: Actor): void
  readonly hooks?: Readonly<Record<string, AnyHook | undefined>>
  readonly examples?: Readonly<Record<string, ((n: number) => unknown) | undefined>>
  model?<M extends typeof Model>(Base: M): M
}
