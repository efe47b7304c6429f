// A definition once it is checked and completed: what the rest of core reads. Authors never see it.
import type { Model } from 'objection'
import type { Schema } from 'yup'
import type { Guard } from '../define/change.ts'
import type { Actor, Action, RuleBuilder } from '../define/rights.ts'

export interface Field {
  readonly name: string
  readonly column: string
  readonly schema: Schema
  /** Where its value lives: a column of the table, a plugin's table, the links of a relation, or nowhere (write-only). */
  readonly source: 'column' | 'stored' | 'link' | 'none'
  readonly stored?: { readonly table: string; readonly key: string; readonly column: string }
  readonly json: boolean
  readonly nullable: boolean
  readonly date: boolean
  readonly base: boolean
  readonly readOnly: boolean
  readonly fixed: boolean
  /** The plugin that adds it. */
  readonly owner?: string
  /** Reading it needs this key too, but on one's own row. */
  readonly readKey?: string
}

interface RelationBase {
  readonly name: string
  /** The name of the resource that declares it. */
  readonly owner: string
  readonly target: Resource
  /** The same link as the target declares it, when it names a key of its own for it: both ends are then asked. */
  readonly otherEnd?: CompiledRelation
  /** The permission key that changing it needs. */
  readonly key: string
  /** The payload's name for the target's id. */
  readonly payload: string
}

export interface OneRelation extends RelationBase {
  readonly kind: 'one'
  readonly field: string
  readonly column: string
  readonly acyclic: boolean
  readonly scope: boolean
  readonly events: boolean
}

/** One-to-many: the target's rows name the owner in a field. */
export interface OwnedRelation extends RelationBase {
  readonly kind: 'owned'
  readonly field: string
  readonly column: string
  /** The target's own relation by that field. Without one the relation has no events that change it. */
  readonly inverse?: OneRelation
  readonly item?: string
  readonly cap?: number
}

export interface LinkColumn {
  readonly name: string
  readonly column: string
  readonly schema: Schema
  readonly scope: boolean
  readonly initial: string | boolean | null
}

export interface LinkRelation extends RelationBase {
  readonly kind: 'link'
  readonly table: string
  readonly own: string
  readonly other: string
  readonly columns: readonly LinkColumn[]
  readonly restrict: boolean
  readonly item?: string
  readonly isField: boolean
  readonly cap?: number
  readonly holds?: { readonly keys: readonly string[]; readonly reads: readonly string[] }
}

export type CompiledRelation = OneRelation | OwnedRelation | LinkRelation

/** What stands in the way of a delete: rows of `resource` whose `column` in `table` names this row. */
export interface Reference {
  readonly resource: string
  readonly table: string
  readonly column: string
}

export interface Resource {
  readonly name: string
  readonly plural: string
  readonly table: string
  readonly fields: ReadonlyMap<string, Field>
  readonly relations: ReadonlyMap<string, CompiledRelation>
  readonly keys: Readonly<Record<Action, string>>
  readonly list: { readonly search: ReadonlySet<string>; readonly filter: ReadonlySet<string>; readonly sort: ReadonlySet<string> }
  readonly events: ReadonlySet<Action>
  /** The fields that have a key of their own. */
  readonly guarded: readonly Field[]
  /** Its rows can be the scope of a grant. */
  readonly isScope: boolean
  /** The field that makes a tree of its rows. */
  readonly parent?: Field
  /** The to-one relations by which a row lies in a scope. */
  readonly scopedBy: readonly { readonly field: Field; readonly target: Resource }[]
  readonly references: readonly Reference[]
  permissions?(rules: RuleBuilder, actor: Actor): void
  /** Good values by field, for tests and made-up data. */
  readonly examples?: Readonly<Record<string, ((n: number) => unknown) | undefined>>
  readonly guard?: Guard
  /** What the definition adds to its Objection class. */
  extend?<M extends typeof Model>(Base: M): M
}

export type Resources = ReadonlyMap<string, Resource>

/** The compiled resource of that name, which boot has checked to exist. */
export const resourceOf = (resources: Resources, name: string): Resource => {
  const found = resources.get(name)
  if (!found) throw new Error(`No resource "${name}"`)
  return found
}

/** The field of that name, which boot has checked to exist. */
export const fieldOf = (resource: Pick<Resource, 'name' | 'fields'>, name: string): Field => {
  const found = resource.fields.get(name)
  if (!found) throw new Error(`No field "${name}" in resource "${resource.name}"`)
  return found
}
