// Definitions and the database, compared once all migrations have run: what no table can hold or tell would fail each request.
import type { Knex } from 'knex'
import { readCatalogue, type Catalogue, type Table } from '../db/catalogue.ts'
import { resourcesOwner } from '../define/app.ts'
import { Faults } from '../model/faults.ts'
import { missingIndexes } from './indexes.ts'
import { linksOf, type Field, type InverseRelation, type LinkRelation, type Resource, type Resources } from '../model/resource.ts'
import { holdsTriggers, isTold, linkTriggers, ownedTriggers, resourceTriggers } from './tracking.ts'

export interface Comparison {
  readonly resources: Resources
  /** The plugin that declares a resource, by its name. */
  readonly owners: ReadonlyMap<string, string>
}

interface Context extends Comparison {
  readonly catalogue: Catalogue
  readonly faults: Faults
}

/** How to begin the migration that is missing. */
const howTo = (owner: string, words: string): string => `OWNER=${owner} npx knex migrate:make ${words}`

const storedOf = (resource: Resource): Field[] => [...resource.fields.values()].filter((field) => field.stored !== undefined)

const namesOf = (resource: Resource): string[] =>
  [resource.table, ...resource.links.map((link) => link.table), ...storedOf(resource).map((field) => field.stored?.table ?? '')]

/** What a kind of yup schema cannot be kept in, whatever the value. Texts are kept in many types. */
const misfits: Readonly<Record<string, RegExp>> = {
  string: /^(?:bool|int2|int4|int8|float4|float8|jsonb?|bytea|_.*)$/,
  number: /^(?:bool|text|varchar|bpchar|citext|uuid|date|timestamp|timestamptz|time|timetz|jsonb?|bytea|_.*)$/,
  boolean: /^(?!bool$)/,
  array: /^(?!jsonb?$)/,
  object: /^(?!jsonb?$)/,
  mixed: /^(?!jsonb?$)/,
  date: /^(?!date$|timestamp$|timestamptz$)/,
}

/** Whether a row can have null in a field: of a new row, or because a client may write it. */
const mayBeNull = ({ schema }: Field): boolean => schema.spec.nullable

interface Subject {
  readonly place: string
  /** Whose migration it would be. */
  readonly owner: string
  readonly table: Table
  readonly faults: Faults
}

const compareField = (field: Field, { place, owner, table, faults }: Subject): void => {
  const column = table.columns.get(field.column)
  const known = `the table "${table.name}"`
  if (!column)
    return faults.add(
      place, `${known} has no column "${field.column}". Add it in a migration: ${howTo(owner, `${table.name}-${field.column}`)}`,
    )
  if (misfits[field.schema.type]?.test(column.type) === true) {
    faults.add(
      place, `is a yup ${field.schema.type}, and the column "${field.column}" of ${known} is ${column.type.replace(/^_(.*)/, '$1[]')}`,
    )
  }
  if (!field.base && column.notNull && mayBeNull(field) && table.kind === 'table') {
    faults.add(place, `may be null, and the column "${field.column}" of ${known} is NOT NULL. Make the field required, give it a default without .nullable(), or drop NOT NULL in a migration`)
  }
}

/** Columns without which no row can be made, and which nothing writes. */
const compareUnwritten = (place: string, table: Table, written: ReadonlySet<string>, faults: Faults): void => {
  for (const { name, notNull, filled } of table.columns.values()) {
    if (!notNull || filled || written.has(name)) continue
    faults.add(place, `the column "${name}" of the table "${table.name}" is NOT NULL and has no default, and no field writes it: every new row would fail. `
      + 'Declare a field for it, or give it a default or drop it in a migration')
  }
}

const tableFor = (place: string, name: string, owner: string, { catalogue, faults }: Context): Table | undefined => {
  const table = catalogue.tables.get(name)
  if (!table) faults.add(place, `there is no table "${name}". Make it in a migration: ${howTo(owner, name)}`)
  return table
}

const compareLink = (resource: Resource, relation: LinkRelation, owner: string, context: Context): void => {
  const { faults } = context
  const place = `${resource.name}.relations.${relation.name}`
  const table = tableFor(place, relation.table, owner, context)
  if (!table) return
  const columns = [relation.own, relation.other, ...relation.columns.map((column) => column.column)]
  for (const column of columns.filter((each) => !table.columns.has(each))) {
    faults.add(
      place, `the table "${table.name}" has no column "${column}". Add it in a migration: ${howTo(owner, `${table.name}-${column}`)}`,
    )
  }
  for (const { name, column, schema } of relation.columns) {
    if (schema.spec.nullable && table.columns.get(column)?.notNull === true)
      faults.add(place, `"${name}" may be null, and the column "${column}" of the table "${table.name}" is NOT NULL`)
  }
  compareUnwritten(place, table, new Set(columns), faults)
  for (const fault of [...linkTriggers(resource, relation, table), ...holdsTriggers(relation, table)]) faults.add(place, fault)
}

/** The other end of a link has no table of its own: but its rows must hear of what changes in the one that there is. */
const compareInverse = (resource: Resource, relation: InverseRelation, { catalogue, faults }: Context): void => {
  const table = catalogue.tables.get(relation.kind === 'owned' ? relation.target.table : relation.of.table)
  if (!table || table.kind === 'view') return
  const found = relation.kind === 'owned' ? ownedTriggers(resource, relation, table) : linkTriggers(resource, linksOf(relation), table)
  for (const fault of found) faults.add(`${resource.name}.relations.${relation.name}`, fault)
}

const compareStored = (resource: Resource, field: Field, { catalogue, faults }: Context): void => {
  if (!field.stored) return
  const place = `${resource.name}.${field.name}`
  const table = catalogue.tables.get(field.stored.table)
  if (!table) return faults.add(place, `is kept in the table "${field.stored.table}", which does not exist`)
  for (const column of [field.stored.key, field.stored.column]) {
    if (!table.columns.has(column)) faults.add(place, `is kept in the table "${table.name}", which has no column "${column}"`)
  }
}

const compareResource = (resource: Resource, context: Context): void => {
  const { faults, catalogue } = context
  const owner = context.owners.get(resource.name) ?? resourcesOwner
  if (catalogue.words.has(resource.table))
    faults.add(`${resource.name}.plural`, `"${resource.table}" is a word of SQL and cannot name a table; choose another plural`)
  for (const link of resource.links) compareLink(resource, link, owner, context)
  for (const field of storedOf(resource)) compareStored(resource, field, context)
  const table = tableFor(resource.name, resource.table, owner, context)
  if (!table) return
  const isReadOnly = [...resource.events].every((action) => action === 'list' || action === 'get')
  const fields = [...resource.fields.values()].filter((field) => field.source === 'column')
  for (const field of fields) compareField(field, { place: `${resource.name}.${field.name}`, owner: field.owner ?? owner, table, faults })
  if (resource.events.has('create')) compareUnwritten(resource.name, table, new Set(fields.map((field) => field.column)), faults)
  // Nothing can be tracked in a view; who only reads it, loses nothing else.
  if (!(table.kind === 'view' && isReadOnly)) for (const fault of resourceTriggers(resource, table)) faults.add(resource.name, fault)
  for (const relation of resource.relations.values()) if ('of' in relation) compareInverse(resource, relation, context)
}

/** Why lists of this database are not ordered and searched as people expect; undefined when they are. */
export const orderFault = async (knex: Knex): Promise<string | undefined> => {
  const result: { rows: { provider: string }[] } =
    await knex.raw("select collprovider as provider from pg_collation where oid = to_regcollation('sovrane_text')")
  return result.rows.some(({ provider }) => provider === 'i') ? undefined
    : 'the database has no ICU for its encoding: lists are sorted by its own locale, and searches find accented letters only as its locale folds them'
}

interface Compared {
  /** What is slow rather than wrong, for the log. */
  readonly slow: readonly string[]
  /** The resources of whose rows every change is told. */
  readonly told: ReadonlySet<Resource>
}

/**
 * Compares every definition with its tables, by one statement.
 * @throws BootError with everything that is missing or does not fit, each with its place and what to do
 */
export const compareTables = async (db: Knex, { resources, owners }: Comparison): Promise<Compared> => {
  const all = [...resources.values()]
  const catalogue = await readCatalogue(db, all.flatMap(namesOf))
  const context: Context = { resources, owners, catalogue, faults: new Faults() }
  for (const resource of all) compareResource(resource, context)
  context.faults.throwIfAny()
  return { slow: missingIndexes(all, catalogue), told: new Set(all.filter((resource) => isTold(resource, catalogue.tables))) }
}
