// What the definitions want of the database: tables with their columns, keys, indexes and tracking. All else reads it here.
import { ownerOfResources } from '../define/app.ts'
import type { ListColumn } from '../define/indexes.ts'
import { textKindOf } from '../define/normalise.ts'
import type { Field, InverseRelation, LinkRelation, OneRelation, Resource, Resources } from '../model/resource.ts'
import { listColumnOf, listedFields, searchedColumns } from './listed.ts'
import { initialOf, type Initial } from './literals.ts'
import { linkTracking, ownTracking, type Tracking } from './tracking.ts'
import { sqlTypeOf, type SqlType } from './types.ts'

export interface WantedColumn {
  readonly name: string
  /** Where the definition says it: `vehicle.seats`. */
  readonly place: string
  /** Whose migrations make it. */
  readonly owner: string
  readonly type: SqlType
  /** `open`: only a plugin makes rows, and the definition does not say. */
  readonly notNull: boolean | 'open'
  readonly initial: Initial
  /** Of a field; of a column that every table of links has, none. */
  readonly field?: Pick<Field, 'schema' | 'date' | 'json' | 'base'>
  /** The texts that there are, where the definition lists them. */
  readonly choices: readonly string[]
}

export interface WantedForeignKey {
  readonly place: string
  readonly owner: string
  readonly column: string
  /** The table whose `id` it names. */
  readonly target: string
  /** What deleting the other row does: `refuse` is `no action` or `restrict`. */
  readonly onDelete: 'refuse' | 'cascade'
}

export interface WantedUnique {
  readonly place: string
  readonly owner: string
  /** SQL of its keys: columns, and `lower(…)` of those that hold addresses. */
  readonly keys: readonly { readonly column: string; readonly isFolded: boolean }[]
}

export interface WantedIndex {
  readonly column: string
  readonly kind: ListColumn
  readonly isSorted: boolean
  readonly isFiltered: boolean
}

export interface WantedTable {
  readonly name: string
  readonly kind: 'resource' | 'link'
  readonly place: string
  readonly owner: string
  readonly resource: Resource
  /** Of a table of links. */
  readonly relation?: LinkRelation
  readonly columns: ReadonlyMap<string, WantedColumn>
  /** Columns that are there and are not fields. */
  readonly otherColumns: ReadonlySet<string>
  readonly foreignKeys: readonly WantedForeignKey[]
  readonly unique: readonly WantedUnique[]
  readonly indexes: readonly WantedIndex[]
  readonly searched: readonly string[]
  readonly tracking: readonly Tracking[]
}

export interface Definitions {
  readonly resources: Resources
  /** The plugin that declares a resource, by its name. */
  readonly owners: ReadonlyMap<string, string>
  /** The names under which changes are broadcast: of resources, and of tables that plugins track. */
  readonly heard: ReadonlySet<string>
  /** Owners of migrations, in the order in which theirs run. */
  readonly order: readonly string[]
}

const choicesIn = ({ schema }: Pick<Field, 'schema'>): string[] => {
  const { oneOf } = schema.describe()
  return oneOf.filter((each) => typeof each === 'string')
}

const notNullOf = (resource: Resource, field: Field): boolean | 'open' => {
  const { schema } = field
  if (schema.spec.nullable) return false
  if (field.base || resource.events.has('create')) return !schema.spec.optional || schema.type !== 'date'
  return 'open'
}

const columnOf = (resource: Resource, field: Field, owner: string): WantedColumn => ({
  name: field.column, place: `${resource.name}.${field.name}`, owner: field.owner ?? owner,
  type: field.name === 'version' ? 'bigint' : sqlTypeOf(field),
  notNull: notNullOf(resource, field), initial: field.base ? { kind: 'any' } : initialOf(field.schema), field, choices: choicesIn(field),
})

const linkColumns = ({ own, other, columns }: LinkRelation, place: string, owner: string): WantedColumn[] => [
  ...[own, other].map((name): WantedColumn =>
    ({ name, place, owner, type: 'text', notNull: true, initial: { kind: 'none' }, choices: [] })),
  ...columns.map(({ column, schema }): WantedColumn => {
    const field = { schema, date: false, json: false, base: false }
    return {
      name: column, place, owner, type: sqlTypeOf(field), notNull: !schema.spec.nullable, initial: initialOf(schema), field,
      choices: choicesIn(field),
    }
  }),
]

/** The other end of a link has no table of its own: but its rows must hear of what changes in the one that there is. */
const inverses = (resource: Resource): InverseRelation[] => [...resource.relations.values()].filter((relation) => 'of' in relation)

interface Context extends Definitions {
  readonly all: readonly Resource[]
  readonly ownerOf: (resource: Resource) => string
  /** Whether an owner's migrations may name a table of another: that one is made before. */
  readonly isBefore: (owner: string, other: string) => boolean
}

const foreignKeyOf = (resource: Resource, { name, column, target }: OneRelation, { ownerOf, isBefore }: Context): WantedForeignKey[] => {
  const owner = ownerOf(resource)
  if (!isBefore(ownerOf(target), owner)) return []
  return [{ place: `${resource.name}.relations.${name}`, owner, column, target: target.table, onDelete: 'refuse' }]
}

const tableOf = (resource: Resource, context: Context): WantedTable => {
  const owner = context.ownerOf(resource)
  const fields = [...resource.fields.values()].filter((field) => field.source === 'column')
  const relations = [...resource.relations.values()]
  return {
    name: resource.table, kind: 'resource', place: resource.name, owner, resource,
    columns: new Map(fields.map((field) => [field.column, columnOf(resource, field, owner)])),
    otherColumns: resource.otherColumns,
    foreignKeys: relations.flatMap((relation) => (relation.kind === 'one' ? foreignKeyOf(resource, relation, context) : [])),
    unique: resource.unique.map((together) => ({
      place: `${resource.name}.unique`, owner,
      keys: together.map((field) => ({ column: field.column, isFolded: textKindOf(field.schema) === 'address' })),
    })),
    indexes: listedFields(resource).map((field) => ({
      column: field.column, kind: listColumnOf(resource, field), isSorted: resource.list.sort.has(field.name),
      isFiltered: resource.list.filter.has(field.name),
    })),
    searched: searchedColumns(resource),
    tracking: ownTracking(resource, context.all.flatMap(inverses)),
  }
}

const linkTable = (resource: Resource, relation: LinkRelation, context: Context): WantedTable => {
  const place = `${resource.name}.relations.${relation.name}`
  const owner = context.ownerOf(resource)
  const { own, other, columns, target, restrict } = relation
  const keyOf = (column: string, to: string, onDelete: WantedForeignKey['onDelete']): WantedForeignKey =>
    ({ place, owner, column, target: to, onDelete })
  const foreignKeys: WantedForeignKey[] = [
    keyOf(own, resource.table, 'cascade'),
    ...(context.isBefore(context.ownerOf(target), owner) ? [keyOf(other, target.table, restrict ? 'refuse' : 'cascade')] : []),
    ...columns.filter(({ scope }) => scope).map(({ column }) => keyOf(column, 'scopes', 'refuse')),
  ]
  return {
    name: relation.table, kind: 'link', place, owner, resource, relation,
    columns: new Map(linkColumns(relation, place, owner).map((column) => [column.name, column])),
    otherColumns: new Set(), foreignKeys, unique: [], indexes: [], searched: [],
    tracking: linkTracking(resource, relation),
  }
}

/** The tables that the definitions want, each once: those of resources, then those of links. */
export const wantedTables = (definitions: Definitions): WantedTable[] => {
  const all = [...definitions.resources.values()]
  const ownerOf = ({ name }: Resource): string => definitions.owners.get(name) ?? ownerOfResources(definitions.order)
  const context: Context = {
    ...definitions, all, ownerOf,
    isBefore: (owner, other) => definitions.order.indexOf(owner) <= definitions.order.indexOf(other),
  }
  return [
    ...all.map((resource) => tableOf(resource, context)),
    ...all.flatMap((resource) => resource.links.map((relation) => linkTable(resource, relation, context))),
  ]
}
