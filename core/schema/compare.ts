// The definitions and the database, compared: one difference for each thing that is missing, does not fit, or is not wanted.
import type { Catalogue, Table } from '../db/catalogue.ts'
import type { Difference } from './differences.ts'
import { isLike, sentenceOfFormer } from './former.ts'
import { missingForLists, spareIndexes, unindexedReferences } from './indexes.ts'
import { keyDifferences } from './keys.ts'
import { choicesOf, givesInitial } from './literals.ts'
import { missingTracking, spareTracking, trackedAs, trackedFor } from './tracking.ts'
import { fitOf } from './types.ts'
import { wantedTables, type Definitions, type WantedColumn, type WantedTable } from './wanted.ts'
import type { Field, Resource } from '../model/resource.ts'

const storedOf = (resource: Resource): Field[] => [...resource.fields.values()].filter((field) => field.stored !== undefined)

/** The tables that a comparison asks the catalogue for. */
export const namesOf = (resources: Definitions['resources']): string[] => [...resources.values()].flatMap((resource) =>
  [resource.table, ...resource.links.map((link) => link.table), ...storedOf(resource).map((field) => field.stored?.table ?? '')])

const choiceDifferences = (wanted: WantedTable, column: WantedColumn, table: Table): Difference[] => {
  if (column.choices.length === 0) return []
  return table.checks.filter((check) => check.column === column.name).flatMap((check): Difference[] => {
    const allowed = choicesOf(column.name, check.sql)
    const isSame = allowed?.length === column.choices.length && allowed.every((each) => column.choices.includes(each))
    return allowed === undefined || isSame ? [] : [{ kind: 'choices', table: wanted, column, check, allowed }]
  })
}

const columnDifferences = (wanted: WantedTable, column: WantedColumn, table: Table): Difference[] => {
  const found = table.columns.get(column.name)
  if (!found) return [{ kind: 'column', table: wanted, column }]
  const fit = column.field ? fitOf(column.field, found) : 'fits'
  if (table.kind === 'view') return fit === 'misfit' ? [{ kind: 'type', table: wanted, column, found, fit }] : []
  const isOther = column.notNull !== 'open' && found.notNull !== column.notNull && column.field?.base !== true
  // A default of the type that is to go says nothing.
  const isInitial = fit === 'misfit' || givesInitial(column.initial, found.default)
  return [
    ...(fit === 'fits' ? [] : [{ kind: 'type', table: wanted, column, found, fit } as const]),
    ...(isOther ? [{ kind: 'null', table: wanted, column, found } as const] : []),
    ...(isInitial ? [] : [{ kind: 'default', table: wanted, column, found } as const]),
    ...choiceDifferences(wanted, column, table),
  ]
}

/** Columns that no field is kept in. What the database works out by itself is its own. */
const otherColumns = (wanted: WantedTable, table: Table): Difference[] => {
  const isMade = wanted.kind === 'link' || wanted.resource.events.has('create')
  return [...table.columns.values()].filter(({ name }) => !wanted.columns.has(name)).flatMap((found): Difference[] => {
    const isNeeded = isMade && found.notNull && !found.filled
    const isItsOwn = wanted.otherColumns.has(found.name) || (found.filled && found.default === null)
    return isNeeded || !isItsOwn ? [{ kind: 'other column', table: wanted, found, isNeeded }] : []
  })
}

const isOnlyRead = ({ events }: Resource): boolean => [...events].every((action) => action === 'list' || action === 'get')

interface Surroundings {
  readonly catalogue: Catalogue
  readonly views: ReadonlySet<string>
  /** The tables of all resources. */
  readonly owners: ReadonlySet<string>
  /** The names under which changes are broadcast. */
  readonly heard: ReadonlySet<string>
  /** The tables that no definition has any longer. */
  readonly former: readonly Table[]
}

const trackingDifferences = (wanted: WantedTable, table: Table, { owners, heard }: Surroundings): Difference[] => {
  const other = wanted.kind === 'resource' ? trackedAs(table, wanted.resource.name) : undefined
  if (other !== undefined) return [{ kind: heard.has(other) ? 'shared' : 'former', table: wanted, other }]
  return [
    ...wanted.tracking.flatMap((tracking): Difference[] => {
      const lacks = missingTracking(tracking, table)
      return lacks === undefined ? [] : [{ kind: 'tracking', table: wanted, tracking, lacks }]
    }),
    ...spareTracking(wanted.tracking, table, owners).map((tracking): Difference => ({ kind: 'other tracking', table: wanted, tracking })),
  ]
}

const indexDifferences = (wanted: WantedTable, table: Table, catalogue: Catalogue): Difference[] => {
  const lacks = wanted.kind === 'resource' ? missingForLists(wanted, table, catalogue) : undefined
  return [
    ...unindexedReferences(wanted, table).map((column): Difference => ({ kind: 'reference', table: wanted, column })),
    ...(lacks ? [{ kind: 'lists', table: wanted, lacks } as const] : []),
    ...spareIndexes(wanted, table).map((index): Difference => ({ kind: 'other index', table: wanted, index })),
  ]
}

const tableDifferences = (wanted: WantedTable, surroundings: Surroundings): Difference[] => {
  const { catalogue, views, former } = surroundings
  const table = catalogue.tables.get(wanted.name)
  const isWord = wanted.kind === 'resource' && catalogue.words.has(wanted.name)
  const named: Difference[] = isWord ? [{ kind: 'word', table: wanted }] : []
  if (!table) {
    const like = former.find((each) => isLike(wanted, each))?.name
    return [...named, { kind: 'table', table: wanted, ...(like === undefined ? {} : { like }) }]
  }
  const columns = [...wanted.columns.values()].flatMap((column) => columnDifferences(wanted, column, table))
  // Nothing can be tracked in a view; those who only read it lose nothing else.
  if (table.kind === 'view') {
    const read: Difference[] = isOnlyRead(wanted.resource) ? [] : [{ kind: 'view', table: wanted }]
    return [...named, ...columns, ...read]
  }
  return [
    ...named, ...columns, ...otherColumns(wanted, table), ...keyDifferences(wanted, table, views),
    ...trackingDifferences(wanted, table, surroundings), ...indexDifferences(wanted, table, catalogue),
  ]
}

const storedDifferences = (wanted: WantedTable, { catalogue }: Surroundings): Difference[] =>
  storedOf(wanted.resource).flatMap((field): Difference[] => {
    if (!field.stored) return []
    const { table: name, key, column } = field.stored
    const table = catalogue.tables.get(name)
    if (!table) return [{ kind: 'stored', table: wanted, field, in: name }]
    return [key, column].filter((each) => !table.columns.has(each)).map((each): Difference =>
      ({ kind: 'stored', table: wanted, field, in: name, column: each }))
  })

/** The tables whose changes are heard although no definition has them any longer. */
export const formerOf = ({ resources, heard }: Definitions, catalogue: Catalogue): Table[] => {
  const isOfPlugin = (name: string | undefined): boolean => name !== undefined && heard.has(name) && !resources.has(name)
  const known = new Set(namesOf(resources))
  return [...catalogue.tables.values()].filter((table) =>
    table.kind === 'table' && !known.has(table.name) && !isOfPlugin(trackedFor(table)))
}

/** What is left of resources that no definition has any longer, each in a sentence. */
export const formerSentences = (definitions: Definitions, catalogue: Catalogue): string[] =>
  formerOf(definitions, catalogue).filter((table) => trackedFor(table) !== undefined).map(sentenceOfFormer)

/** All that differs between the definitions and the database, in the order of the definitions. */
export const compare = (definitions: Definitions, catalogue: Catalogue): Difference[] => {
  const all = [...definitions.resources.values()]
  const surroundings: Surroundings = {
    catalogue, former: formerOf(definitions, catalogue), heard: definitions.heard,
    views: new Set([...catalogue.tables.values()].filter(({ kind }) => kind === 'view').map(({ name }) => name)),
    owners: new Set(all.map(({ table }) => table)),
  }
  return wantedTables(definitions).flatMap((wanted) => [
    ...tableDifferences(wanted, surroundings), ...(wanted.kind === 'resource' ? storedDifferences(wanted, surroundings) : []),
  ])
}
