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
  /** The name of the resource whose relation it is. */
  readonly owner: string
  readonly target: Resource
  /** The permission key that changing it needs. */
  readonly key: string
  /** The payload's name for the target's id. */
  readonly payload: string
}

/** A relation that declares a link. */
interface DeclaredRelation extends RelationBase {
  /** The same link at the other end, where the target names it. */
  readonly inverse?: InverseRelation
}

export interface OneRelation extends DeclaredRelation {
  readonly kind: 'one'
  readonly field: string
  readonly column: string
  readonly acyclic: boolean
  readonly scope: boolean
  readonly events: boolean
}

export interface LinkColumn {
  readonly name: string
  readonly column: string
  readonly schema: Schema
  readonly scope: boolean
  readonly initial: string | boolean | null
}

interface ToMany {
  readonly item: string | undefined
  readonly cap: number | undefined
}

/** Many-to-many, by a table of links. */
export interface LinkRelation extends DeclaredRelation, ToMany {
  readonly kind: 'link'
  readonly table: string
  readonly own: string
  readonly other: string
  readonly columns: readonly LinkColumn[]
  readonly restrict: boolean
  readonly isField: boolean
  readonly holds: { readonly keys: readonly string[]; readonly reads: readonly string[] } | undefined
}

/** One-to-many: the other end of a to-one relation that the target declares. */
export interface OwnedRelation extends RelationBase, ToMany {
  readonly kind: 'owned'
  readonly of: OneRelation
}

/** Many-to-many: the other end of a relation that the target declares. */
export interface LinkedRelation extends RelationBase, ToMany {
  readonly kind: 'linked'
  readonly of: LinkRelation
}

export type InverseRelation = OwnedRelation | LinkedRelation
export type ManyRelation = LinkRelation | InverseRelation
export type CompiledRelation = OneRelation | ManyRelation

/** The table of links behind a relation, as its owner sees it. */
export const linksOf = (relation: LinkRelation | LinkedRelation): Pick<LinkRelation, 'table' | 'own' | 'other' | 'columns'> =>
  (relation.kind === 'link' ? relation : { ...relation.of, own: relation.of.other, other: relation.of.own })

/** The other end of a link, where it has a key of its own: both ends are then asked. */
export const otherEnd = (relation: CompiledRelation): CompiledRelation | undefined => {
  if ('of' in relation) return relation.of
  return relation.inverse && relation.inverse.key !== relation.target.keys.update ? relation.inverse : undefined
}

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
  /** Of these, the ones that declare a link: to-one, and by a table. */
  readonly ones: readonly OneRelation[]
  readonly links: readonly LinkRelation[]
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
  /** The fields that are unique together. */
  readonly unique: readonly (readonly Field[])[]
  /** Columns of its table that only SQL of its own reads. */
  readonly otherColumns: ReadonlySet<string>
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
