// Indexes that are missing, which makes a list slower and never wrong; and those of ours that serve nothing any longer.
import type { Catalogue, Table, TableIndex } from '../db/catalogue.ts'
import { listIndexes, searchIndex } from '../define/indexes.ts'
import type { WantedIndex, WantedTable } from './wanted.ts'

interface MissingIndex {
  readonly index: WantedIndex
  /** What makes all of the column's; `missing` of it are not there. */
  readonly all: readonly string[]
  readonly missing: readonly string[]
  /** Indexes under their names that answer something else. */
  readonly stale: readonly TableIndex[]
}

/** The names that `indexList` gives to the indexes of a column. */
const namesOf = (table: string, column: string): string[] => ['by', 'at', 'is'].map((prefix) => `${table}_${prefix}_${column}`)

/** The type of a column can be put in order as text without asking the settings of a session. */
const isPlainText = (table: Table, column: string): boolean => /^(?:text|varchar|bpchar)$/.test(table.columns.get(column)?.type ?? '')

const missingOf = (index: WantedIndex, table: Table): MissingIndex | undefined => {
  const { column, kind, isSorted, isFiltered } = index
  if (!table.columns.has(column) || (kind !== 'value' && !isPlainText(table, column))) return undefined
  const begins = (key: string, isText: boolean, then?: string) => ({ keys: [first, second] }: TableIndex): boolean =>
    first?.sql === key && (first.collation === 'sovrane_text') === isText && (then === undefined || second?.sql === then)
  const answers = [begins(column, kind !== 'value', isSorted && kind !== 'long' ? 'id' : undefined), begins(`lower${column}`, false)]
  const isAsked = [true, isFiltered]
  const all = listIndexes(table.name, column, kind)
  const missing = all.filter((_sql, at) => isAsked[at] === true && !table.indexes.some((each) => answers[at]?.(each)))
  if (missing.length === 0) return undefined
  const names = missing.map((sql) => /^create index "([^"]+)"/.exec(sql)?.[1])
  return { index, all, missing, stale: table.indexes.filter(({ name }) => names.includes(name)) }
}

const searches = (column: string) => ({ method, keys }: TableIndex): boolean =>
  method === 'gin' && keys.some(({ sql }) => new RegExp(`^upper${column}COLLATE.*sovrane_text$`).test(sql))

export interface ListIndexes {
  readonly columns: readonly MissingIndex[]
  /** SQL that makes the index of searches, where it is missing; `stale`: the one that is there, of other columns. */
  readonly search?: { readonly sql: string; readonly stale: TableIndex | undefined }
}

/** What lists lack; undefined: nothing. */
export const missingForLists = (wanted: WantedTable, table: Table, { trigrams }: Catalogue): ListIndexes | undefined => {
  const columns = wanted.indexes.flatMap((index) => missingOf(index, table) ?? [])
  const searched = wanted.searched.filter((column) => isPlainText(table, column))
  const isSearched = searched.every((column) => table.indexes.some(searches(column)))
  const search = trigrams === undefined || isSearched ? undefined
    : { sql: searchIndex(table.name, searched, trigrams), stale: table.indexes.find(({ name }) => name === `${table.name}_search`) }
  return columns.length === 0 && !search ? undefined : { columns, ...(search ? { search } : {}) }
}

/** Columns that name a row of another table and have no index: each delete of such a row reads the whole table. */
export const unindexedReferences = (wanted: WantedTable, table: Table): string[] => {
  const { relation, resource } = wanted
  const columns = relation
    ? [relation.own, relation.other, ...relation.columns.filter(({ scope }) => scope).map(({ column }) => column)]
    : resource.ones.map(({ column }) => column)
  return [...new Set(columns)].filter((column) => table.columns.has(column) && !table.indexes.some(({ keys }) => keys[0]?.sql === column))
}

/** Indexes under the names that `indexList` gives, of columns by which no list is sorted or filtered. */
export const spareIndexes = (wanted: WantedTable, table: Table): TableIndex[] => {
  if (wanted.kind === 'link') return []
  const needed = new Set([...wanted.indexes.map(({ column }) => column), ...wanted.resource.ones.map(({ column }) => column)])
  const others = [...wanted.columns.keys()].filter((column) => !needed.has(column)).flatMap((column) => namesOf(table.name, column))
  return table.indexes.filter(({ name, unique }) =>
    !unique && (others.includes(name) || (name === `${table.name}_search` && wanted.searched.length === 0)))
}
