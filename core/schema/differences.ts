// How the database can differ from the definitions: each difference once, as data. Sentences and migrations are made of it.
import type { ColumnCheck, ForeignKey, TableColumn, TableIndex } from '../db/catalogue.ts'
import type { Field } from '../model/resource.ts'
import type { ListIndexes } from './indexes.ts'
import type { Tracking } from './tracking.ts'
import type { WantedColumn, WantedForeignKey, WantedTable, WantedUnique } from './wanted.ts'

interface Of<K extends string> {
  readonly kind: K
  readonly table: WantedTable
}

export type Difference =
  /** The table's name is a word of SQL. */
  | Of<'word'>
  /** The table is tracked as that of another resource. */
  | Of<'shared'> & { readonly other: string }
  /** The table is tracked as that of a resource which no definition has any longer. */
  | Of<'former'> & { readonly other: string }
  /** A view cannot be written. */
  | Of<'view'>
  /** `like`: a table that no definition has any longer, and that could be this one. */
  | Of<'table'> & { readonly like?: string }
  | Of<'column'> & { readonly column: WantedColumn }
  /** What a plugin keeps a field in lacks this column; undefined: there is no such table. */
  | Of<'stored'> & { readonly field: Field; readonly in: string; readonly column?: string }
  | Of<'type'> & { readonly column: WantedColumn; readonly found: TableColumn; readonly fit: 'narrow' | 'misfit' }
  | Of<'null'> & { readonly column: WantedColumn; readonly found: TableColumn }
  | Of<'default'> & { readonly column: WantedColumn; readonly found: TableColumn }
  /** A check of the column allows other texts than the definition. */
  | Of<'choices'> & { readonly column: WantedColumn; readonly check: ColumnCheck; readonly allowed: readonly string[] }
  /** No field is kept in the column; `isNeeded`: no row can be made without a value for it. */
  | Of<'other column'> & { readonly found: TableColumn; readonly isNeeded: boolean }
  | Of<'unique'> & { readonly unique: WantedUnique }
  | Of<'other unique'> & { readonly index: TableIndex }
  /** `found`: the one that there is does something else when its target is deleted. */
  | Of<'foreign key'> & { readonly wanted: WantedForeignKey; readonly found?: ForeignKey }
  | Of<'other foreign key'> & { readonly found: ForeignKey }
  /** The same link could be there twice. `found`: what is unique instead. */
  | Of<'identity'> & { readonly found?: TableIndex }
  | Of<'tracking'> & { readonly tracking: Tracking; readonly lacks: 'all' | 'scope' }
  | Of<'other tracking'> & { readonly tracking: Tracking }
  | Of<'reference'> & { readonly column: string }
  | Of<'lists'> & { readonly lacks: ListIndexes }
  | Of<'other index'> & { readonly index: TableIndex }

type Kind = Difference['kind']

/**
 * How much a difference matters. `never`: it cannot be as defined, whatever is done to the table. `needed`: requests fail, or changes are
 * not heard. `wrong`: all works, and the database holds something else than the definition says. `slow`: nothing is wrong. `spare`: it
 * costs a little and serves nothing.
 */
export type Grade = 'never' | 'needed' | 'wrong' | 'slow' | 'spare'

const grades: Readonly<Record<Exclude<Kind, 'type' | 'null' | 'other column'>, Grade>> = {
  word: 'never', shared: 'never', view: 'never', former: 'needed', table: 'needed', column: 'needed', stored: 'needed', tracking: 'needed',
  default: 'wrong', choices: 'wrong', unique: 'wrong', 'other unique': 'wrong', 'foreign key': 'wrong', 'other foreign key': 'wrong',
  identity: 'wrong', 'other tracking': 'spare', reference: 'slow', lists: 'slow', 'other index': 'spare',
}

export const gradeOf = (difference: Difference): Grade => {
  switch (difference.kind) {
    case 'type': return difference.fit === 'misfit' ? 'needed' : 'wrong'
    // A null that the column refuses fails; one that it takes does no harm by itself.
    case 'null': return difference.found.notNull ? 'needed' : 'wrong'
    case 'other column': return difference.isNeeded ? 'needed' : 'wrong'
    default: return grades[difference.kind]
  }
}

/** Whose migration makes what is missing. */
export const ownerOf = (difference: Difference): string => {
  if ('column' in difference && typeof difference.column === 'object') return difference.column.owner
  return difference.kind === 'stored' ? difference.field.owner ?? difference.table.owner : difference.table.owner
}
