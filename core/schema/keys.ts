// Unique keys, foreign keys and the identity of links: those that are wanted and missing, and those that no definition asks for.
import type { ForeignKey, Table, TableIndex } from '../db/catalogue.ts'
import type { Difference } from './differences.ts'
import type { WantedForeignKey, WantedTable, WantedUnique } from './wanted.ts'

/** A key of an index, as the catalogue has it, of a column by itself or without case. */
const keysOf = ({ keys }: WantedUnique): string[] => keys.map(({ column, isFolded }) => (isFolded ? `lower${column}` : column))

const isSameSet = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((each) => other.includes(each))

const uniqueDifferences = (wanted: WantedTable, table: Table): Difference[] => {
  const found = table.indexes.filter(({ unique }) => unique)
  const isThere = (unique: WantedUnique): boolean =>
    found.some(({ keys }) => isSameSet(keys.map(({ sql }) => sql), keysOf(unique)))
  const lacking = wanted.unique.filter((unique) => unique.keys.every(({ column }) => table.columns.has(column)) && !isThere(unique))
  const known = new Set([...wanted.columns.keys()].flatMap((column) => [column, `lower${column}`]))
  const isAsked = ({ keys }: TableIndex): boolean => wanted.unique.some((unique) => isSameSet(keys.map(({ sql }) => sql), keysOf(unique)))
  // What holds columns that are not fields is SQL's own; that an id is unique goes without saying.
  const others = found.filter((index) =>
    !index.primary && index.keys.every(({ sql }) => known.has(sql)) && !index.keys.some(({ sql }) => sql === 'id') && !isAsked(index))
  return [
    ...lacking.map((unique): Difference => ({ kind: 'unique', table: wanted, unique })),
    ...others.map((index): Difference => ({ kind: 'other unique', table: wanted, index })),
  ]
}

const isAsWanted = ({ onDelete }: WantedForeignKey, found: ForeignKey): boolean =>
  (onDelete === 'cascade' ? found.onDelete === 'cascade' : found.onDelete === 'no action' || found.onDelete === 'restrict')

const foreignDifferences = (wanted: WantedTable, table: Table, views: ReadonlySet<string>): Difference[] => {
  const single = table.foreignKeys.filter(({ columns, targetColumns }) => columns.length === 1 && targetColumns[0] === 'id')
  const lacking = wanted.foreignKeys.flatMap((key): Difference[] => {
    const found = single.find(({ columns: [column], target }) => column === key.column && target === key.target)
    if (!table.columns.has(key.column) || views.has(key.target) || (found && isAsWanted(key, found))) return []
    return [{ kind: 'foreign key', table: wanted, wanted: key, ...(found ? { found } : {}) }]
  })
  const others = single.filter(({ columns: [name = ''], target }) => {
    const column = wanted.columns.get(name)
    return column && column.field?.base !== true && !wanted.foreignKeys.some((key) => key.column === name && key.target === target)
  })
  return [...lacking, ...others.map((found): Difference => ({ kind: 'other foreign key', table: wanted, found }))]
}

/** The columns by which a link is told from others: all that it has. */
export const identityOf = ({ columns }: WantedTable): readonly { readonly name: string; readonly isNullable: boolean }[] =>
  [...columns.values()].map(({ name, notNull }) => ({ name, isNullable: notNull === false }))

const identityDifferences = (wanted: WantedTable, table: Table): Difference[] => {
  const identity = identityOf(wanted)
  if (!identity.every(({ name }) => table.columns.has(name))) return []
  const isOf = (sql: string, { name, isNullable }: (typeof identity)[number], index: TableIndex): boolean =>
    (isNullable ? sql.startsWith(`COALESCE${name},`) || (index.nullsAlike && sql === name) : sql === name)
  const unique = table.indexes.filter((index) => index.unique)
  const isThere = unique.some((index) => index.keys.length === identity.length
    && identity.every((column) => index.keys.some(({ sql }) => isOf(sql, column, index))))
  if (isThere) return []
  const found = unique.find(({ name, primary }) => primary || name === `${table.name}_identity`)
  return [{ kind: 'identity', table: wanted, ...(found ? { found } : {}) }]
}

/** What keys differ in. `views`: names of tables that no key can refer to. */
export const keyDifferences = (wanted: WantedTable, table: Table, views: ReadonlySet<string>): Difference[] => [
  ...(wanted.kind === 'link' ? identityDifferences(wanted, table) : uniqueDifferences(wanted, table)),
  ...foreignDifferences(wanted, table, views),
]
