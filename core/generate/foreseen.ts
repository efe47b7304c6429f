// The catalogue as it will be: with columns under their new names, and with the tables and columns that a migration makes.
import type { Catalogue, ForeignKey, Table, TableColumn, TableIndex, TableTrigger } from '../db/catalogue.ts'
import { identityOf } from '../schema/keys.ts'
import type { SqlType } from '../schema/types.ts'
import type { WantedColumn, WantedForeignKey, WantedTable } from '../schema/wanted.ts'

const replaced = (catalogue: Catalogue, table: Table): Catalogue =>
  ({ ...catalogue, tables: new Map([...catalogue.tables, [table.name, table]]) })

/** A column under another name, and all that names it. What triggers name it is gone: their functions would not find it. */
export const withRenamed = (catalogue: Catalogue, table: Table, from: string, to: string): Catalogue => {
  const named = (name: string): string => (name === from ? to : name)
  const word = new RegExp(`\\b${from}\\b`, 'g')
  const indexName = (name: string): string => renamedIndex(table.name, name, from, to) ?? name
  // In the catalogue's form functions and columns are not told apart.
  const keySql = (sql: string): string => sql.replace(new RegExp(`^(lower|upper)${from}(?=COLLATE|$)`), `$1${to}`).replaceAll(word, to)
  return replaced(catalogue, {
    ...table,
    columns: new Map([...table.columns.values()].map((column) => [named(column.name), { ...column, name: named(column.name) }])),
    indexes: table.indexes.map((index) => ({
      ...index, name: indexName(index.name), sql: index.sql.replaceAll(word, to),
      keys: index.keys.map((key) => ({ ...key, sql: keySql(key.sql) })),
    })),
    foreignKeys: table.foreignKeys.map((key) => ({ ...key, columns: key.columns.map(named) })),
    checks: table.checks.map((check) => ({ ...check, column: named(check.column), sql: check.sql.replaceAll(word, to) })),
    triggers: table.triggers.filter((trigger) => !trigger.arguments.includes(from)),
  })
}

/** What is called after a table, once that has another name. A name that SQL would have to quote, or would cut, stays. */
export const renamedWith = (name: string, from: string, to: string): string => {
  const other = `${to}${name.slice(from.length)}`
  return name.startsWith(`${from}_`) && /^[a-z0-9_]+$/.test(name) && other.length <= 63 ? other : name
}

/** A table under another name. What hears of it, and what finds it by its former name, is gone. */
export const withTableRenamed = (catalogue: Catalogue, from: Table, to: string): Catalogue => {
  const word = new RegExp(`\\b${from.name}\\b`, 'g')
  const renamed: Table = {
    ...from, name: to, triggers: from.triggers.filter(({ function: name }) => !/^sovrane_(?:stamp|record|scope|touch_)/.test(name)),
    // The one that tracking brings, too: it comes back with that.
    indexes: from.indexes.map((index) => ({ ...index, name: renamedWith(index.name, from.name, to), sql: index.sql.replaceAll(word, to) })),
    foreignKeys: from.foreignKeys.map((key) => ({ ...key, name: renamedWith(key.name, from.name, to) })),
  }
  const isTouch = ({ function: name, arguments: [owner] }: TableTrigger): boolean =>
    name.startsWith('sovrane_touch_') && owner === from.name
  const others = [...catalogue.tables.values()].filter((table) => table !== from)
    .map((table): Table => ({ ...table, triggers: table.triggers.filter((trigger) => !isTouch(trigger)) }))
  const all = [...others, renamed].map((table): Table => ({
    ...table, foreignKeys: table.foreignKeys.map((key) => (key.target === from.name ? { ...key, target: to } : key)),
  }))
  return { ...catalogue, tables: new Map(all.map((table) => [table.name, table])) }
}

/** The name that an index of `indexList` has once its column is renamed; undefined: it keeps the one that it has. */
export const renamedIndex = (table: string, index: string, from: string, to: string): string | undefined => {
  const [, start] = new RegExp(`^(${table}_(?:by|at|is)_)${from}$`).exec(index) ?? []
  return start === undefined ? undefined : `${start}${to}`
}

/** The names that the catalogue has for the types of fields. */
const typeNames: Readonly<Record<SqlType, string>> = {
  integer: 'int4', bigint: 'int8', boolean: 'bool', jsonb: 'jsonb', text: 'text', 'double precision': 'float8',
  'timestamp(3) with time zone': 'timestamptz',
}

const madeColumn = ({ name, type, notNull }: WantedColumn, sql: string | null): TableColumn =>
  ({ name, sqlType: type, type: typeNames[type], notNull: notNull === true, filled: sql !== null, default: sql })

/** A table in which a column has another type, and for now no default; without these indexes. */
export const withType = (table: Table, column: string, type: SqlType, gone: readonly TableIndex[]): Table => ({
  ...table,
  columns: new Map([...table.columns.values()].map((found) => [found.name, found.name !== column ? found
    : { ...found, type: typeNames[type], sqlType: type, default: null, filled: false }])),
  indexes: table.indexes.filter((index) => !gone.includes(index)),
})

const madeIndex = (name: string, columns: readonly string[], more: Partial<TableIndex> = {}): TableIndex => ({
  name, method: 'btree', unique: false, primary: false, nullsAlike: false, constraint: false, sql: '',
  keys: columns.map((sql) => ({ sql, collation: null })), ...more,
})

const madeKey = (table: string, { column, target, onDelete }: WantedForeignKey): ForeignKey => ({
  name: `${table}_${column}_foreign`, columns: [column], target, targetColumns: ['id'],
  onDelete: onDelete === 'cascade' ? 'cascade' : 'no action',
})

export interface Made {
  readonly column: WantedColumn
  /** In the words of the database; null: none. */
  readonly initial: string | null
  readonly key: WantedForeignKey | undefined
  readonly isIndexed: boolean
}

/** A table with further columns. */
export const withColumns = (table: Table, made: readonly Made[]): Table => ({
  ...table,
  columns: new Map([
    ...table.columns, ...made.map(({ column, initial }): [string, TableColumn] => [column.name, madeColumn(column, initial)]),
  ]),
  indexes: [...table.indexes, ...made.filter(({ isIndexed }) => isIndexed)
    .map(({ column }) => madeIndex(`${table.name}_${column.name}_index`, [column.name]))],
  foreignKeys: [...table.foreignKeys, ...made.flatMap(({ key }) => (key ? [madeKey(table.name, key)] : []))],
})

/** A table that is made, without tracking and without the indexes of lists, but for the one that tracking brings. */
export const newTable = (wanted: WantedTable, made: readonly Made[]): Table => {
  const bare: Table = { name: wanted.name, kind: 'table', columns: new Map(), triggers: [], indexes: [], foreignKeys: [], checks: [] }
  const identity = wanted.kind === 'link' ? identityOf(wanted).map(({ name }) => name) : ['id']
  const table = withColumns(bare, made)
  return {
    ...table,
    indexes: [
      ...table.indexes, ...(wanted.kind === 'resource' ? [madeIndex(`${wanted.name}_created`, ['created_at', 'id'])] : []),
      madeIndex(`${wanted.name}_pkey`, identity, { unique: true, primary: true, nullsAlike: true }),
      ...wanted.unique.map(({ keys }) =>
        madeIndex('', keys.map(({ column, isFolded }) => (isFolded ? `lower${column}` : column)), { unique: true })),
    ],
  }
}

export const withTable = replaced
