// The code of a column: how it is made, what the rows that are there already get, and how it is undone.
import type { TableColumn } from '../db/catalogue.ts'
import { shortType } from '../schema/types.ts'
import type { WantedColumn, WantedForeignKey, WantedTable } from '../schema/wanted.ts'
import { literal, quoted, sqlLiteral } from './code.ts'

const builders: Readonly<Record<string, string>> = {
  text: 'text', integer: 'integer', bigint: 'bigInteger', 'double precision': 'double', boolean: 'boolean', jsonb: 'jsonb',
}

const builderOf = (name: string, sqlType: string): string => {
  const builder = builders[sqlType]
  return builder === undefined ? `table.specificType(${quoted(name)}, ${quoted(shortType(sqlType))})` : `table.${builder}(${quoted(name)})`
}

/** A value as knex takes it for a column: JSON as its text. */
const forKnex = (type: string, value: unknown): string => (type === 'jsonb' ? quoted(JSON.stringify(value)) : literal(value))

const keyPart = ({ target, onDelete }: WantedForeignKey): string =>
  `.references(${quoted(`${target}.id`)})${onDelete === 'cascade' ? ".onDelete('CASCADE')" : ''}`

/** What a column has beside its type. */
interface More {
  readonly key?: WantedForeignKey | undefined
  readonly isIndexed?: boolean
  readonly isUnique?: boolean
  /** Code of a default for the rows that are there. */
  readonly filler?: string
  /** False: NOT NULL comes later. */
  readonly isNotNull?: boolean
}

/** `table.integer('seats').notNullable().defaultTo(5)` */
export const madeColumn = ({ name, type, notNull, initial }: WantedColumn, more: More = {}): string => {
  const value = initial.kind === 'value' ? forKnex(type, initial.value) : more.filler
  return [
    builderOf(name, type),
    ...(notNull === true && more.isNotNull !== false ? ['.notNullable()'] : []),
    ...(value === undefined ? [] : [`.defaultTo(${value})`]),
    ...(more.isUnique === true ? ['.unique()'] : []),
    ...(more.key ? [keyPart(more.key)] : []),
    ...(more.isIndexed === true ? ['.index()'] : []),
  ].join('')
}

/** A column as it was. */
export const formerColumn = ({ name, sqlType, notNull, default: initial }: TableColumn): string => [
  builderOf(name, sqlType), ...(notNull ? ['.notNullable()'] : []),
  ...(initial === null ? [] : [`.defaultTo(knex.raw(${quoted(initial)}))`]),
].join('')

const empty = (type: string, isList: boolean): unknown => {
  if (/^(?:integer|bigint|smallint|numeric|double|real)/.test(type)) return 0
  if (type === 'boolean') return false
  if (type.startsWith('json')) return isList ? [] : {}
  return ''
}

const isTime = (type: string): boolean => /^(?:timestamp|date)/.test(type)

/** A value for rows that are there and have none. `sql`: the same as SQL. */
export const fillerOf = ({ type, initial, choices, field }: WantedColumn): { readonly code: string; readonly isChosen: boolean } => {
  if (initial.kind === 'value') return { code: forKnex(type, initial.value), isChosen: false }
  if (isTime(type)) return { code: 'knex.fn.now()', isChosen: true }
  const value = choices[0] ?? empty(type, field?.schema.type === 'array')
  return { code: forKnex(type, value), isChosen: true }
}

/** What rows get in a column that no definition knows. */
export const formerFiller = ({ sqlType }: TableColumn): string =>
  (isTime(sqlType) ? 'knex.fn.now()' : forKnex(sqlType.startsWith('json') ? 'jsonb' : sqlType, empty(sqlType, false)))

/** Rows without a value get one: `await knex('vehicles').whereNull('seats').update({ seats: 5 })`. */
export const backfill = (table: string, column: string, code: string): string =>
  `await knex(${quoted(table)}).whereNull(${quoted(column)}).update({ ${column}: ${code} })`

/** What the rows that are there get in a column that must have a value: another row that there is, an id that no two have, or a filler. */
export const backfillOf = ({ name: table, foreignKeys, unique }: WantedTable, column: WantedColumn): string => {
  const key = foreignKeys.find((each) => each.column === column.name)
  if (key) return `knex(${quoted(key.target)}).min('id')`
  const isUnique = unique.some(({ keys }) => keys.length === 1 && keys[0]?.column === column.name)
  return isUnique && column.type === 'text' && table !== '' ? "knex.ref('id')" : fillerOf(column).code
}

/** `alter table vehicles alter column seats set default 5` */
export const defaultSql = (table: string, { name, initial }: WantedColumn): string =>
  `alter table ${table} alter column ${name} ${initial.kind === 'value' ? `set default ${sqlLiteral(initial.value)}` : 'drop default'}`

export const formerDefaultSql = (table: string, { name, default: initial }: TableColumn): string =>
  `alter table ${table} alter column ${name} ${initial === null ? 'drop default' : `set default ${initial}`}`
