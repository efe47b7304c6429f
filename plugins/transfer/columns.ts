// What a file may say of a resource: its columns by their names, and which of them an export has.
import type { Schema } from 'yup'
import { textKindOf } from '#sovrane'
import type { Field, LinkedRelation, LinkRelation, OneRelation, Resource, Resources } from '../../core/model/resource.ts'

/** By what a row is named: its key, or its path of keys in a tree; its id; its external id; another field. */
export type By = { readonly kind: 'key' | 'id' | 'externalId' } | { readonly kind: 'field'; readonly field: Field }

export type Column =
  | { readonly kind: 'externalId' | 'id'; readonly name: string }
  | { readonly kind: 'field'; readonly name: string; readonly field: Field }
  | { readonly kind: 'one'; readonly name: string; readonly relation: OneRelation; readonly by: By }
  | { readonly kind: 'links'; readonly name: string; readonly relation: LinkRelation | LinkedRelation; readonly by: By }
  /** A link that another resource declares and this one does not name: rows are added to it and never taken out. */
  | { readonly kind: 'joins'; readonly name: string; readonly owner: Resource; readonly relation: LinkRelation; readonly by: By }

export type LinksColumn = Extract<Column, { readonly kind: 'links' | 'joins' }>

/** The column that says why a line was refused; it is never read. */
export const reasonColumn = '_reason'

/** The field that people know a row by: its address, else the first that is searched. Undefined: rows have ids only. */
export const keyOf = ({ fields, list }: Resource): Field | undefined => {
  const filterable = [...fields.values()].filter(({ name, source }) => source === 'column' && list.filter.has(name))
  const [first] = list.search
  return filterable.find(({ schema }) => textKindOf(schema) === 'address') ?? filterable.find(({ name }) => name === first)
}

/** The relation that makes a tree of a resource's rows. */
export const treeOf = (resource: Resource): OneRelation | undefined =>
  resource.ones.find(({ acyclic, target }) => acyclic && target === resource)

const typeOf = (schema: Schema): string => schema.type

/** Whether a text may name a row by this field. */
const names = (target: Resource, field: Field | undefined): field is Field =>
  field !== undefined && field.source === 'column' && target.list.filter.has(field.name) && typeOf(field.schema) === 'string'

const byOf = (target: Resource, suffix: string | undefined): By | undefined => {
  if (suffix === undefined) return keyOf(target) ? { kind: 'key' } : { kind: 'id' }
  if (suffix === 'id' || suffix === 'externalId') return { kind: suffix }
  const field = target.fields.get(suffix)
  return names(target, field) ? { kind: 'field', field } : undefined
}

const relationColumn = (resource: Resource, name: string, [base = '', suffix]: readonly string[]): Column | undefined => {
  const relation = resource.relations.get(base)
  const by = relation && byOf(relation.target, suffix)
  if (!by) return undefined
  if (relation.kind === 'one') return { kind: 'one', name, relation, by }
  const isMany = relation.kind === 'link' || (relation.kind === 'linked' && relation.item !== undefined)
  return isMany ? { kind: 'links', name, relation, by } : undefined
}

const joinColumn = (resource: Resource, resources: Resources, name: string, [base = '', of]: readonly string[]): Column | undefined => {
  const owner = resources.get(base)
  const relation = owner?.links.find((link) => link.name === of && link.target === resource && link.item !== undefined)
  const by = owner && byOf(owner, undefined)
  return owner && relation && by ? { kind: 'joins', name, owner, relation, by } : undefined
}

/** Whether files may hold a field. Passwords and the like come in, and never go out. */
export const isWritable = ({ base, readOnly }: Field): boolean => !base && !readOnly

/** The column of that name; undefined: there is none. */
export const columnNamed = (resource: Resource, resources: Resources, name: string): Column | undefined => {
  const field = resource.fields.get(name)
  if (name === 'id' || (name === 'externalId' && !field)) return { kind: name, name }
  const relation = resource.ones.find((one) => one.field === name)
  if (field && relation && isWritable(field)) return { kind: 'one', name, relation, by: { kind: 'id' } }
  if (field && field.source !== 'link') return isWritable(field) ? { kind: 'field', name, field } : undefined
  const parts = name.split('.')
  if (parts.length > 2) return undefined
  return relationColumn(resource, name, parts) ?? joinColumn(resource, resources, name, parts)
}

/** The names of all columns that a file may have, as far as they can be listed. */
export const columnNames = (resource: Resource, resources: Resources): string[] => {
  const via = new Map(resource.ones.map(({ field, name }) => [field, name]))
  const fields = [...resource.fields.values()].filter((field) => isWritable(field) && field.source !== 'link')
    .map(({ name }) => via.get(name) ?? name)
  const many = [...resource.relations.keys()].filter((name) => relationColumn(resource, name, [name])?.kind === 'links')
  const joins = [...resources.values()].filter((owner) => owner !== resource).flatMap((owner) => owner.links
    .filter((link) => link.target === resource && link.item !== undefined && !link.inverse).map(({ name }) => `${owner.name}.${name}`))
  return [...new Set(['externalId', 'id', ...fields, ...many, ...joins])]
}

/** Columns of an export that names none: all that an import takes, but what is never read back, has a key of its own, or is told twice. */
export const exportedNames = (resource: Resource, resources: Resources): string[] =>
  columnNames(resource, resources).filter((name) => {
    const column = columnNamed(resource, resources, name)
    if (column?.kind === 'field') return column.field.source !== 'none' && column.field.readKey === undefined
    return column !== undefined && column.kind !== 'joins' && !(column.kind === 'links' && column.relation.kind === 'linked')
  })
