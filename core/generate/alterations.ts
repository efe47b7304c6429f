// Steps for what differs once all tables and columns are there: nulls, defaults, keys, tracking and indexes; and what would lose something.
import type { Difference } from '../schema/differences.ts'
import { identityOf } from '../schema/keys.ts'
import type { ForeignKey, TableIndex } from '../db/catalogue.ts'
import { shortType } from '../schema/types.ts'
import { alter, literal, quoted, raw, sqlLiteral, step, type Step } from './code.ts'
import { backfill, backfillOf, defaultSql, formerColumn, formerDefaultSql, formerFiller } from './columns.ts'
import { uniqueSql, withoutSchema } from './structure.ts'
import { trackingStep, untrackingStep } from './tracked.ts'

type Of<K extends Difference['kind']> = Extract<Difference, { readonly kind: K }>

const list = (names: readonly string[]): string => `[${names.map(quoted).join(', ')}]`

const nullStep = ({ table: wanted, column, found }: Of<'null'>): Step[] => {
  const { name } = wanted
  const fill = backfill(name, found.name, backfillOf(wanted, column))
  const [set, drop] = [`table.setNullable(${quoted(found.name)})`, `table.dropNullable(${quoted(found.name)})`]
  // Rows that were given no value meanwhile get one on the way back.
  if (found.notNull) return [alter(name, set, drop), step([], fill)]
  return [step(fill, [], { note: `What rows without "${found.name}" get: choose it.` }), alter(name, drop, set)]
}

const choicesStep = ({ table: { name }, column, check, allowed }: Of<'choices'>): Step[] => {
  const isNarrower = !allowed.every((each) => column.choices.includes(each))
  const texts = column.choices.map(sqlLiteral).join(', ')
  const drop = raw(`alter table ${name} drop constraint ${check.name}`)
  const add = (sql: string, isLoose: boolean): string =>
    raw(`alter table ${name} add constraint ${check.name} check ${sql}${isLoose ? ' not valid' : ''}`)
  // Rows that are there may hold what is no longer allowed: they stay.
  return [step([drop, add(`(${column.name} in (${texts}))`, isNarrower)], [drop, add(check.sql, true)])]
}

const uniqueStep = ({ table: { name }, unique: { keys } }: Of<'unique'>): Step[] => {
  const columns = keys.map(({ column }) => column)
  const note = { note: `Two rows with the same ${columns.join(' and ')} stop this: mend them first.` }
  if (!keys.some(({ isFolded }) => isFolded))
    return [alter(name, `table.unique(${list(columns)})`, `table.dropUnique(${list(columns)})`, note)]
  const index = `${name}_${columns.join('_')}_unique`
  const sql = uniqueSql(name, index, keys.map(({ column, isFolded }) => (isFolded ? `lower(${column})` : column)))
  return [step(raw(sql), raw(`drop index ${index}`), note)]
}

/** Takes an index away, and makes it again as it was. */
const dropIndex = (table: string, index: TableIndex, note: Partial<Step> = {}): Step => {
  const columns = index.keys.map(({ sql }) => sql)
  if (index.primary) return alter(table, `table.dropPrimary(${quoted(index.name)})`, `table.primary(${list(columns)})`, note)
  const named = `${list(columns)}, { indexName: ${quoted(index.name)} }`
  return index.constraint
    ? alter(table, `table.dropUnique(${list(columns)}, ${quoted(index.name)})`, `table.unique(${named})`, note)
    : step(raw(`drop index ${index.name}`), raw(withoutSchema(index.sql)), note)
}

const identityStep = ({ table: wanted, found }: Of<'identity'>): Step[] => {
  const identity = identityOf(wanted)
  const names = identity.map(({ name }) => name)
  const note = { note: 'Two links that are alike stop this: mend them first.' }
  const index = `${wanted.name}_identity`
  const add = identity.some(({ isNullable }) => isNullable) || (found && !found.primary && found.name !== index)
    ? step(raw(uniqueSql(wanted.name, index, names, true)), raw(`drop index ${index}`), note)
    : alter(wanted.name, `table.primary(${list(names)})`, 'table.dropPrimary()', note)
  return [...(found ? [dropIndex(wanted.name, found)] : []), add]
}

const onDeletePart = (action: ForeignKey['onDelete']): string =>
  (action === 'no action' ? '' : `.onDelete(${quoted(action.toUpperCase())})`)

/** A foreign key as it was. */
const formerKey = ({ name, columns: [column = ''], target, onDelete }: ForeignKey): string =>
  `table.foreign(${quoted(column)}, ${quoted(name)}).references(${quoted(`${target}.id`)})${onDeletePart(onDelete)}`

const dropKey = (table: string, found: ForeignKey): Step =>
  alter(table, `table.dropForeign(${list(found.columns)}, ${quoted(found.name)})`, formerKey(found))

const foreignStep = ({ table: { name }, wanted: { column, target, onDelete }, found }: Of<'foreign key'>): Step[] => {
  const action = onDelete === 'cascade' ? onDeletePart('cascade') : ''
  const made = `table.foreign(${quoted(column)}).references(${quoted(`${target}.id`)})${action}`
  const note = found ? {} : { note: `Rows whose "${column}" names nothing stop this: mend them first.` }
  return [...(found ? [dropKey(name, found)] : []), alter(name, made, `table.dropForeign(${quoted(column)})`, note)]
}

const listsStep = ({ table: { name, searched }, lacks: { columns, search } }: Of<'lists'>): Step[] => {
  const whole = columns.filter(({ all, missing, stale }) => all.length === missing.length && stale.length === 0)
  const parts = columns.filter((each) => !whole.includes(each))
  const indexOf = (sql: string): string => /^create index "([^"]+)"/.exec(sql)?.[1] ?? ''
  const dropped = (sql: readonly string[]): string[] => sql.map((each) => raw(`drop index ${indexOf(each)}`))
  const kinds = Object.fromEntries(whole.map(({ index }) => [index.column, index.kind]))
  const texts = searched.map(quoted).join(', ')
  return [
    ...parts.flatMap(({ missing, stale }) => [...stale.map((index) => dropIndex(name, index)), step(missing.map(raw), dropped(missing))]),
    ...(whole.length === 0 ? []
      : [step(`await indexList(knex, ${quoted(name)}, ${literal(kinds)})`, dropped(whole.flatMap(({ missing }) => missing)))]),
    ...(search?.stale ? [dropIndex(name, search.stale)] : []),
    ...(search ? [step(`await indexSearch(knex, ${quoted(name)}, [${texts}])`, raw(`drop index if exists ${name}_search`))] : []),
  ]
}

const otherColumnSteps = ({ table: { name }, found, isNeeded }: Of<'other column'>): Step[] => [
  ...(isNeeded ? [
    alter(name, `table.setNullable(${quoted(found.name)})`, `table.dropNullable(${quoted(found.name)})`,
      { note: `No field writes "${found.name}": new rows have no value in it.` }),
    step([], backfill(name, found.name, formerFiller(found))),
  ] : []),
  alter(name, `table.dropColumn(${quoted(found.name)})`, formerColumn(isNeeded ? { ...found, notNull: false } : found), {
    unsafe: `Not run: what is in "${found.name}" (${shortType(found.sqlType)}) would be lost for good. `
      + `Take the marks off once no one needs it, or keep it: otherColumns: ['${found.name}'].`,
  }),
]

/** The steps of each kind, and when they come: what is in the way first, what would lose something last. */
const kinds: { readonly [K in Difference['kind']]?: readonly [phase: number, steps: (difference: Of<K>) => Step[]] } = {
  'other tracking': [0, ({ table: { name }, tracking }) => [untrackingStep(name, tracking, 'scope')]],
  'other unique': [0, ({ table: { name }, index }) => [dropIndex(name, index, {
    note: `The definition does not say that ${index.keys.map(({ sql }) => sql).join(' and ')} of ${name} is unique. `
      + 'If it is, say so there, and take this out.',
  })]],
  'other foreign key': [0, ({ table: { name }, found }) => [dropKey(name, found)]],
  'other index': [0, ({ table: { name }, index }) => [dropIndex(name, index)]],
  choices: [1, choicesStep],
  default: [2, ({ table: { name }, column, found }) => [step(raw(defaultSql(name, column)), raw(formerDefaultSql(name, found)))]],
  null: [3, nullStep],
  identity: [4, identityStep],
  unique: [5, uniqueStep],
  'foreign key': [6, foreignStep],
  reference: [7, ({ table: { name }, column }) => [alter(name, `table.index(${quoted(column)})`, `table.dropIndex(${quoted(column)})`)]],
  tracking: [8, ({ table: { name }, tracking, lacks }) => [trackingStep(name, tracking, lacks)]],
  lists: [9, listsStep],
  'other column': [10, otherColumnSteps],
}

/** Steps for all that differs beside tables, columns and types, in their order. `made`: tables that go whole on the way back. */
export const planAlterations = (differences: readonly Difference[], made: ReadonlySet<string>): Step[] =>
  differences.flatMap((difference) => {
    // Each kind has its own.
    const [phase, steps] = (kinds[difference.kind] ?? [0, () => []]) as readonly [number, (each: Difference) => Step[]]
    const own = steps(difference)
    return [{ phase, steps: made.has(difference.table.name) ? own.map((each) => ({ ...each, down: [] })) : own }]
  }).toSorted((a, b) => a.phase - b.phase).flatMap(({ steps }) => steps)
