// Tables under another name: said by the author, never guessed. Their rows, keys and indexes come along; what hears of them is made anew.
import type { Catalogue, Table } from '../db/catalogue.ts'
import { formerOf } from '../schema/compare.ts'
import type { Difference } from '../schema/differences.ts'
import { touchedBy, trackedFor, trackingOf } from '../schema/tracking.ts'
import type { Definitions, WantedTable } from '../schema/wanted.ts'
import { quoted, raw, sqlLiteral, step, type Step } from './code.ts'
import { renamedWith, withTableRenamed } from './foreseen.ts'
import { Unclear } from './renames.ts'
import type { Planned } from './structure.ts'
import { untrackingStep } from './tracked.ts'

/** A table that no definition has any longer, or that has the rows of another resource, and the one that it becomes. */
interface Moved {
  readonly from: Table
  readonly to: WantedTable
}

const isCalled = ({ name, kind, resource }: WantedTable, word: string): boolean =>
  name === word || (kind === 'resource' && resource.name === word)

const moveOf = (text: string, definitions: Definitions, catalogue: Catalogue, differences: readonly Difference[]): Moved | undefined => {
  const [, former = '', now = ''] = /^(\w+):(\w+)$/.exec(text) ?? []
  const isFormer = (table: Table): boolean => table.name === former || trackedFor(table) === former
  for (const difference of differences) {
    if (!isCalled(difference.table, now)) continue
    if (difference.kind === 'former' && difference.other === former) {
      const from = catalogue.tables.get(difference.table.name)
      if (from) return { from, to: difference.table }
    }
    const from = difference.kind === 'table' ? formerOf(definitions, catalogue).find(isFormer) : undefined
    if (from) return { from, to: difference.table }
  }
  return undefined
}

/** What hears of the table, and what would look for it under its former name. */
const untracked = (from: Table, { tables }: Catalogue): Step[] => [
  ...trackingOf(from).map((tracking) => untrackingStep(from.name, tracking, 'all')),
  ...[...tables.values()].filter((table) => table !== from).flatMap((table) =>
    touchedBy(table).filter(({ owner }) => owner === from.name).map((touch) => untrackingStep(table.name, touch, 'all'))),
]

const renamedParts = ({ name, indexes, foreignKeys }: Table, to: string): Step[] => {
  const parts = [
    ...indexes.map((index) => ['index', index.name, renamedWith(index.name, name, to)] as const),
    ...foreignKeys.map((key) => ['key', key.name, renamedWith(key.name, name, to)] as const),
  ]
  const said = (kind: 'index' | 'key', one: string, other: string): string =>
    raw(kind === 'index' ? `alter index ${one} rename to ${other}` : `alter table ${to} rename constraint ${one} to ${other}`)
  return parts.filter(([, one, other]) => one !== other && one !== `${name}_created`)
    .map(([kind, one, other]) => step(said(kind, one, other), said(kind, other, one)))
}

const renameTable = (from: string, to: string): string => `await knex.schema.renameTable(${quoted(from)}, ${quoted(to)})`

const move = ({ from, to }: Moved, { steps, catalogue }: Planned): Planned => {
  const former = trackedFor(from)
  const isOther = former !== undefined && former !== to.resource.name
  const scopes = (one: string, other: string): string =>
    raw(`update scopes set resource = ${sqlLiteral(other)} where resource = ${sqlLiteral(one)}`)
  const hasScopes = isOther && trackingOf(from).some((each) => each.kind === 'rows' && each.scope)
  const note = to.kind === 'resource'
    ? { note: 'Keys that are called after the resource have other names now: grant them anew, or keep the former ones in `keys`.' } : {}
  return {
    steps: [
      ...steps, ...untracked(from, catalogue),
      ...(from.name === to.name ? [] : [step(renameTable(from.name, to.name), renameTable(to.name, from.name), note)]),
      ...(from.name === to.name ? [] : renamedParts(from, to.name)),
      ...(hasScopes ? [step(scopes(former, to.resource.name), scopes(to.resource.name, former))] : []),
    ],
    catalogue: withTableRenamed(catalogue, from, to.name),
  }
}

/**
 * Plans the tables that are renamed; `rest`: what else is renamed. `differencesIn`: those of the migration's owner in a database.
 * @throws Unclear when a table that has gone could be one that is new, and the author has not said what is meant
 */
export const planTableRenames = (
  definitions: Definitions, catalogue: Catalogue, differencesIn: (catalogue: Catalogue) => readonly Difference[],
  { renames, drops }: { readonly renames: readonly string[]; readonly drops: readonly string[] },
): Planned & { readonly rest: readonly string[]; readonly dropped: readonly string[] } => {
  let planned: Planned = { steps: [], catalogue }
  const rest = renames.filter((text) => {
    const found = moveOf(text, definitions, planned.catalogue, differencesIn(planned.catalogue))
    if (found) planned = move(found, planned)
    return !found
  })
  const isFormer = (drop: string): boolean => formerOf(definitions, planned.catalogue).some(({ name }) => name === drop)
  const dropped = drops.filter(isFormer)
  for (const difference of differencesIn(planned.catalogue)) {
    const { name, resource } = difference.table
    if (difference.kind === 'former') {
      throw new Unclear(`The table "${name}" is tracked as that of "${difference.other}", which no definition is any longer. `
        + `Is "${resource.name}" the same under another name? Then say --rename ${difference.other}:${resource.name}. `
        + 'If it is not, choose another plural')
    }
    if (difference.kind !== 'table' || difference.like === undefined || dropped.includes(difference.like)) continue
    throw new Unclear(`The table "${difference.like}" is no longer that of a definition, and "${name}" is new. Is it the same under another `
      + `name? Then say --rename ${difference.like}:${name}. If it is not: --drop ${difference.like}`)
  }
  const gone = dropped.map((name) => step(`await knex.schema.dropTable(${quoted(name)})`, [], {
    unsafe: `Not run: the rows of "${name}" would be lost for good. Take the marks off where that is meant.`,
  }))
  return { steps: [...planned.steps, ...gone], catalogue: planned.catalogue, rest, dropped }
}
