// Steps that make tables and columns, and change types: first of all, since keys, indexes and tracking stand on them.
import type { Catalogue, TableIndex } from '../db/catalogue.ts'
import type { Difference } from '../schema/differences.ts'
import { identityOf } from '../schema/keys.ts'
import { castOf, shortType } from '../schema/types.ts'
import type { WantedColumn, WantedTable } from '../schema/wanted.ts'
import { alter, indent, quoted, raw, sqlLiteral, step, type Step } from './code.ts'
import { backfill, backfillOf, fillerOf, formerDefaultSql, madeColumn } from './columns.ts'
import { newTable, withColumns, withTable, withType, type Made } from './foreseen.ts'

/** What has been planned, and the database as it will be then. */
export interface Planned {
  readonly steps: readonly Step[]
  readonly catalogue: Catalogue
}

/** Whether a list needs an index of the column that serves its relation too. */
const isListed = ({ indexes }: WantedTable, column: string): boolean =>
  indexes.some((index) => index.column === column && index.kind === 'value')

/** Columns that name rows of another table. */
const refers = ({ foreignKeys, relation, resource }: WantedTable, column: string): boolean =>
  foreignKeys.some((key) => key.column === column) || (!relation && resource.ones.some((one) => one.column === column))

const madeOf = (wanted: WantedTable, column: WantedColumn, catalogue: Catalogue): Made => {
  const key = wanted.foreignKeys.find((each) => each.column === column.name)
  const isThere = key !== undefined && (catalogue.tables.has(key.target) || key.target === wanted.name || key.target === 'scopes')
  // An identity begins with the first column, and answers for it.
  const isFirst = wanted.relation?.own === column.name
  return {
    column, key: isThere ? key : undefined, isIndexed: refers(wanted, column.name) && !isFirst && !isListed(wanted, column.name),
    initial: column.initial.kind === 'value' ? sqlLiteral(column.initial.value) : null,
  }
}

/** SQL of a unique key that knex has no word for: of addresses whatever their case, of links whose columns may be null. */
export const uniqueSql = (table: string, name: string, keys: readonly string[], isNullable = false): string =>
  `create unique index ${name} on ${table} (${keys.join(', ')})${isNullable ? ' nulls not distinct' : ''}`

const identityLines = (wanted: WantedTable): { readonly inside: string[]; readonly after: string[] } => {
  if (wanted.kind !== 'link') return { inside: [], after: [] }
  const identity = identityOf(wanted)
  const names = identity.map(({ name }) => name)
  if (!identity.some(({ isNullable }) => isNullable)) return { inside: [`table.primary([${names.map(quoted).join(', ')}])`], after: [] }
  return { inside: [], after: [raw(uniqueSql(wanted.name, `${wanted.name}_identity`, names, true))] }
}

const isAlone = (wanted: WantedTable, column: string): boolean =>
  wanted.unique.some(({ keys: [first, ...more] }) => more.length === 0 && first?.column === column && !first.isFolded)

const uniqueLines = ({ name, unique }: WantedTable): { readonly inside: string[]; readonly after: string[] } => {
  const folded = unique.filter(({ keys }) => keys.some(({ isFolded }) => isFolded))
  const several = unique.filter((each) => !folded.includes(each) && each.keys.length > 1)
  return {
    inside: several.map(({ keys }) => `table.unique([${keys.map(({ column }) => quoted(column)).join(', ')}])`),
    after: folded.map(({ keys }) => raw(uniqueSql(name, `${name}_${keys.map(({ column }) => column).join('_')}_unique`,
      keys.map(({ column, isFolded }) => (isFolded ? `lower(${column})` : column))))),
  }
}

const makeTable = (wanted: WantedTable, { steps, catalogue }: Planned): Planned => {
  const made = [...wanted.columns.values()].map((column) => madeOf(wanted, column, catalogue))
  const own = made.filter(({ column }) => column.field?.base !== true)
  const [identity, unique] = [identityLines(wanted), uniqueLines(wanted)]
  const lines = [
    ...(wanted.kind === 'resource' ? ['resourceColumns(table, knex)'] : []),
    ...own.map(({ column, key, isIndexed }) => madeColumn(column, { key, isIndexed, isUnique: isAlone(wanted, column.name) })),
    ...identity.inside, ...unique.inside,
  ]
  const up = [
    `await knex.schema.createTable(${quoted(wanted.name)}, (table) => {`, ...indent(lines), '})', ...identity.after, ...unique.after,
  ]
  return {
    steps: [...steps, step(up, `await knex.schema.dropTable(${quoted(wanted.name)})`)],
    catalogue: withTable(catalogue, newTable(wanted, made)),
  }
}

/** How a column that must have a value is added where rows are there. */
const requiredSteps = (wanted: WantedTable, column: WantedColumn, more: Pick<Made, 'key' | 'isIndexed'>): Step[] => {
  const { name } = wanted
  const value = backfillOf(wanted, column)
  const { code } = fillerOf(column)
  const drop = `table.dropColumn(${quoted(column.name)})`
  if (value === code) {
    return [
      alter(name, madeColumn(column, { ...more, filler: code }), drop, {
        note: `The default is what the rows that are there get in "${column.name}": choose it. New rows must be given theirs.`,
      }),
      step(raw(`alter table ${name} alter column ${column.name} drop default`), []),
    ]
  }
  return [
    alter(name, madeColumn(column, { ...more, isNotNull: false }), drop),
    step(backfill(name, column.name, value), [], { note: `What the rows that are there get in "${column.name}": choose it.` }),
    alter(name, `table.dropNullable(${quoted(column.name)})`, []),
  ]
}

const addColumn = (wanted: WantedTable, column: WantedColumn, { steps, catalogue }: Planned): Planned => {
  const table = catalogue.tables.get(wanted.name)
  if (!table) return { steps, catalogue }
  const made = madeOf(wanted, column, catalogue)
  const { key, isIndexed } = made
  const isRequired = column.notNull === true && column.initial.kind !== 'value'
  const own = isRequired ? requiredSteps(wanted, column, { key, isIndexed })
    : [alter(wanted.name, madeColumn(column, { key, isIndexed }), `table.dropColumn(${quoted(column.name)})`)]
  return { steps: [...steps, ...own], catalogue: withTable(catalogue, withColumns(table, [made])) }
}

/** The indexes of lists are made for a type: they go before it changes, and come anew where they are wanted. */
const isOfLists = (table: string, column: string) => ({ name, keys }: Pick<TableIndex, 'name' | 'keys'>): boolean =>
  [`${table}_by_${column}`, `${table}_at_${column}`, `${table}_is_${column}`].includes(name)
  || (name === `${table}_search` && keys.some(({ sql }) => sql.startsWith(`upper${column}COLLATE`)))

/** SQL that makes an index, in whatever schema the migration runs. */
export const withoutSchema = (sql: string): string => sql.replace(/ ON (?:ONLY )?(?:\w+|"[^"]+")\.(\w+|"[^"]+") USING /, ' ON $1 USING ')

const changeType = ({ table: wanted, column, found }: Extract<Difference, { kind: 'type' }>, { steps, catalogue }: Planned): Planned => {
  const table = catalogue.tables.get(wanted.name)
  if (!table) return { steps, catalogue }
  const { name } = wanted
  const [there, back] = [castOf(found.sqlType, column.type), castOf(column.type, found.sqlType)]
  const change = (type: string, using: string, first = ''): string =>
    raw(`alter table ${name} ${first}alter column ${found.name} type ${shortType(type)} using ${using}`)
  const isDefaulted = found.default !== null
  const up = change(column.type, there.using(found.name), isDefaulted ? `alter column ${found.name} drop default, ` : '')
  const down = [change(found.sqlType, back.using(found.name)), ...(isDefaulted ? [raw(formerDefaultSql(name, found))] : [])]
  const unsafe = there.kind === 'safe' ? {}
    : { unsafe: `Not run: "${found.name}" would be rounded to ${shortType(column.type)}. Take the marks off where that is meant.` }
  const lists = table.indexes.filter(isOfLists(name, found.name))
  const dropped = lists.map((index) => step(raw(`drop index ${index.name}`), raw(withoutSchema(index.sql)), unsafe))
  return {
    steps: [...steps, ...dropped, step(up, down, unsafe)],
    // What is not run changes nothing.
    catalogue: there.kind === 'safe' ? withTable(catalogue, withType(table, found.name, column.type, lists)) : catalogue,
  }
}

/** Plans all tables, columns and types that differ. */
export const planStructure = (differences: readonly Difference[], catalogue: Catalogue): Planned => {
  const start: Planned = { steps: [], catalogue }
  return differences.reduce<Planned>((planned, difference) => {
    switch (difference.kind) {
      case 'table': return makeTable(difference.table, planned)
      case 'column': return addColumn(difference.table, difference.column, planned)
      case 'type': return changeType(difference, planned)
      default: return planned
    }
  }, start)
}
