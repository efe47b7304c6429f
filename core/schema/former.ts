// Tables that were those of definitions and are no longer: what a resource or a link leaves behind once it has another name.
import type { Table } from '../db/catalogue.ts'
import { trackedFor } from './tracking.ts'
import type { WantedTable } from './wanted.ts'

const isLikeRows = ({ columns }: WantedTable, table: Table): boolean => {
  const own = [...columns.values()].filter(({ field }) => field?.base !== true)
  return own.filter(({ name }) => table.columns.has(name)).length * 2 >= own.length
}

const isLikeLinks = ({ columns, foreignKeys }: WantedTable, table: Table): boolean => {
  const targets = (keys: readonly { readonly target: string }[]): string => keys.map(({ target }) => target).toSorted().join(' ')
  return columns.size === table.columns.size && targets(foreignKeys) === targets(table.foreignKeys)
}

/** Whether a table could be that of a definition under its former name: it has half of the fields, or links the same tables. */
export const isLike = (wanted: WantedTable, table: Table): boolean => {
  if (wanted.kind === 'resource') return trackedFor(table) !== undefined && isLikeRows(wanted, table)
  return trackedFor(table) === undefined && isLikeLinks(wanted, table)
}

/** One such table, in a sentence. */
export const sentenceOfFormer = (table: Table): string => {
  const resource = trackedFor(table)
  const whose = resource === undefined ? '' : `, as that of "${resource}"`
  return `the table "${table.name}" is tracked${whose}, and no definition has it. Its rows are kept; a migration of your own drops it`
}
