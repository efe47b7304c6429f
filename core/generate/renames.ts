// Renamed columns: said by the author, never guessed. What disappears while something like it appears is asked about.
import type { Catalogue, Table } from '../db/catalogue.ts'
import { snakeCase } from '../model/names.ts'
import type { Difference } from '../schema/differences.ts'
import { touchedBy } from '../schema/tracking.ts'
import { isAlike } from '../schema/types.ts'
import type { WantedTable } from '../schema/wanted.ts'
import { alter, quoted, raw, step, type Step } from './code.ts'
import { renamedIndex, withRenamed } from './foreseen.ts'
import type { Planned } from './structure.ts'
import { untrackingStep } from './tracked.ts'

/** What an author says wrong, or has not said: a sentence that says what to do. */
export class Unclear extends Error {}

interface Named {
  /** A table or a resource; undefined: whichever has the column. */
  readonly table: string | undefined
  readonly column: string
}

const namedOf = (text: string): Named => {
  const [, table, column = ''] = /^(?:(\w+)\.)?(\w+)$/.exec(text) ?? []
  return { table, column: snakeCase(column) }
}

const isIn = ({ table }: Named, { name, resource, kind }: WantedTable): boolean =>
  table === undefined || table === name || (kind === 'resource' && table === resource.name)

/** A column that no definition knows, and one that no table has. */
interface Moved {
  readonly table: WantedTable
  readonly from: string
  readonly to: string
}

const movesOf = (differences: readonly Difference[]): Moved[] => differences.flatMap((gone) =>
  (gone.kind !== 'other column' ? [] : differences.flatMap((come) =>
    (come.kind === 'column' && come.table === gone.table ? [{ table: gone.table, from: gone.found.name, to: come.column.name }] : []))))

const moveOf = (text: string, differences: readonly Difference[]): Moved => {
  const [, first = '', second = '', ...more] = /^([\w.]+):(\w+)$/.exec(text) ?? []
  if (first === '' || more.length > 0) throw new Unclear(`"${text}" is not a rename: say --rename old:new, or --rename table.old:new`)
  const [from, to] = [namedOf(first), namedOf(second)]
  const found = movesOf(differences).filter((move) => isIn(from, move.table) && move.from === from.column && move.to === to.column)
  const [move, other] = found
  if (!move) {
    throw new Unclear(`--rename ${text}: there must be a column "${from.column}" that no definition knows, and a field whose column `
      + `"${to.column}" is not there yet, in one table${from.table === undefined
        ? `; or a table "${from.column}" that no definition has any longer, and one "${to.column}" that is not there yet`
        : `, here "${from.table}"`}`)
  }
  if (other) {
    const tables = found.map(({ table }) => table.name).join(' or ')
    throw new Unclear(`--rename ${text} could be of ${tables}: say --rename ${move.table.name}.${text}`)
  }
  return move
}

/** What triggers on a table would no longer find once a column is renamed. */
const heardBy = (table: Table, column: string): Step[] =>
  touchedBy({ ...table, triggers: table.triggers.filter((trigger) => trigger.arguments.includes(column)) })
    .map((touch) => untrackingStep(table.name, touch, 'all'))

const rename = ({ table: { name }, from, to }: Moved, { steps, catalogue }: Planned): Planned => {
  const table = catalogue.tables.get(name)
  if (!table) return { steps, catalogue }
  const indexes = table.indexes.flatMap((index): Step[] => {
    const now = renamedIndex(name, index.name, from, to)
    const named = (name: string, other: string): string => raw(`alter index ${name} rename to ${other}`)
    return now === undefined ? [] : [step(named(index.name, now), named(now, index.name))]
  })
  return {
    steps: [
      ...steps, ...heardBy(table, from),
      alter(name, `table.renameColumn(${quoted(from)}, ${quoted(to)})`, `table.renameColumn(${quoted(to)}, ${quoted(from)})`), ...indexes,
    ],
    catalogue: withRenamed(catalogue, table, from, to),
  }
}

/**
 * Plans the columns that are renamed.
 * @throws Unclear when one cannot be
 */
export const planRenames = (renames: readonly string[], differences: readonly Difference[], catalogue: Catalogue): Planned =>
  renames.map((text) => moveOf(text, differences)).reduce<Planned>((planned, move) => rename(move, planned), { steps: [], catalogue })

const listed = (names: readonly string[]): string => (names.length === 0 ? 'none' : names.join(', '))

/**
 * Asks about each column that disappears while one of its kind appears. `tables`: those that could be dropped.
 * @throws Unclear when the author has not said what is meant
 */
export const requireClear = (
  differences: readonly Difference[], { drops, tables }: { readonly drops: readonly string[]; readonly tables: readonly string[] },
): void => {
  const dropped = drops.map(namedOf)
  for (const [index, drop] of dropped.entries()) {
    const isGone = differences.some((each) => each.kind === 'other column' && isIn(drop, each.table) && each.found.name === drop.column)
    if (!isGone) {
      const columns = differences.flatMap((each) => (each.kind === 'other column' ? [`${each.table.name}.${each.found.name}`] : []))
      throw new Unclear(`--drop ${drops[index] ?? ''}: every column and table of that name is one of a definition, or there is none. `
        + `Columns that can be dropped: ${listed(columns)}; tables: ${listed(tables)}`)
    }
  }
  for (const gone of differences) {
    if (gone.kind !== 'other column' || dropped.some((drop) => isIn(drop, gone.table) && drop.column === gone.found.name)) continue
    const come = differences.find((each) =>
      each.kind === 'column' && each.table === gone.table && isAlike(each.column.type, gone.found.sqlType))
    if (come?.kind !== 'column') continue
    const name = `${gone.table.name}.${gone.found.name}`
    throw new Unclear(`The column "${gone.found.name}" of the table "${gone.table.name}" is no longer that of a field, and `
      + `"${come.column.name}" is new. Is it the same under another name? Then say --rename ${name}:${come.column.name}. `
      + `If it is not: --drop ${name}`)
  }
}
