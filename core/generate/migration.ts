// Differences, written as a migration: what boot tells in sentences, as code with a way back.
import type { Catalogue } from '../db/catalogue.ts'
import { compare, formerOf } from '../schema/compare.ts'
import { gradeOf, ownerOf, type Difference } from '../schema/differences.ts'
import { sentenceOf } from '../schema/sentences.ts'
import { wantedTables, type Definitions } from '../schema/wanted.ts'
import { planAlterations } from './alterations.ts'
import { comment, indent, written, type Step } from './code.ts'
import { newTable } from './foreseen.ts'
import { planRenames, requireClear, Unclear } from './renames.ts'
import { planStructure } from './structure.ts'
import { planTableRenames } from './table-renames.ts'

export interface Wishes {
  /** Whose migration it is. */
  readonly owner: string
  /** `old:new` or `table.old:new`, of columns; `old:new` of tables, or of the resources that have them. */
  readonly renames: readonly string[]
  /** Columns that disappear, where one that is like them appears: `old` or `table.old`; and tables. */
  readonly drops: readonly string[]
}

/** What a difference is called in the first line of a file. */
const subjectOf = ({ kind, table: { name }, ...more }: Difference): string => {
  if (kind === 'table') return name
  if ('column' in more && typeof more.column === 'object') return `${name}.${more.column.name}`
  if ('found' in more && more.found && 'sqlType' in more.found) return `${name}.${more.found.name}`
  if (['lists', 'reference', 'other index'].includes(kind)) return `indexes of ${name}`
  return kind.endsWith('tracking') ? `what hears of ${name}` : `keys of ${name}`
}

const listed = (names: readonly string[]): string => {
  const shown = names.length > 4 ? [...names.slice(0, 3), `${names.length - 3} more`] : names
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1) ?? ''}`
}

const titleOf = (differences: readonly Difference[], renames: readonly string[]): string => {
  const made = [...new Set(differences.filter(({ kind }) => kind === 'table').map(({ table }) => table.name))]
  const changed = [...new Set(differences.filter(({ table }) => !made.includes(table.name)).map(subjectOf))]
  const parts = [
    ...renames.map((each) => `renames ${each.replace(':', ' to ')}`), ...(made.length > 0 ? [`makes ${listed(made)}`] : []),
    ...(changed.length > 0 ? [`changes ${listed(changed)}`] : []),
  ].join('; ')
  return `${parts.charAt(0).toUpperCase()}${parts.slice(1)}, as the definitions have it.`
}

/** What a migration calls of core/define. */
const callable = [
  'announce', 'indexList', 'indexSearch', 'resourceColumns', 'touchOwner', 'trackChanges', 'unannounce', 'untouchOwner', 'untrackChanges',
]

const direction = (name: 'up' | 'down', lines: readonly string[]): string[] => {
  const isDone = lines.some((line) => !line.startsWith('//'))
  const inside = lines.length === 0 ? ['// Nothing is to be done.'] : lines
  return [`export const ${name} = async (${isDone ? 'knex: Knex' : ''}): Promise<void> => {`, ...indent(inside), '}']
}

/** The text of a file. `module`: what it imports core/define as. */
export const migrationText = (title: string, steps: readonly Step[], module: string): string => {
  const [up, down] = [direction('up', written(steps, 'up')), direction('down', written(steps, 'down'))]
  const code = [...up, ...down].filter((line) => !line.trimStart().startsWith('//')).join('\n')
  const called = callable.filter((name) => new RegExp(`\\b${name}\\(`).test(code))
  return [
    ...comment(title),
    ...(/\bKnex\b/.test(code) ? ["import type { Knex } from 'knex'"] : []),
    ...(called.length === 0 ? [] : [`import { ${called.join(', ')} } from '${module}'`]),
    '', ...up, '', ...down, '',
  ].join('\n')
}

/** What no migration can mend. */
const requireMendable = (differences: readonly Difference[]): void => {
  const never = differences.filter((each) => gradeOf(each) === 'never')
  if (never.length > 0) throw new Unclear(`No migration can mend this:\n${never.map((each) => `  - ${sentenceOf(each)}`).join('\n')}`)
}

/** The differences of one owner. What a plugin keeps of another's fields is the plugin's own. */
export const differencesOf = (definitions: Definitions, catalogue: Catalogue, owner: string): Difference[] =>
  compare(definitions, catalogue).filter((each) => ownerOf(each) === owner && each.kind !== 'stored')

/**
 * The migration that makes the database what the definitions want, as steps and a first line; undefined: it is already.
 * @throws Unclear when something must be said first
 */
export const planMigration = (
  definitions: Definitions, catalogue: Catalogue, { owner, renames, drops }: Wishes,
): { readonly title: string; readonly steps: readonly Step[] } | undefined => {
  const differencesIn = (database: Catalogue): Difference[] => differencesOf(definitions, database, owner)
  requireMendable(differencesIn(catalogue))
  const tables = planTableRenames(definitions, catalogue, differencesIn, { renames, drops })
  const before = differencesIn(tables.catalogue)
  const renamed = planRenames(tables.rest, before, tables.catalogue)
  const differences = differencesIn(renamed.catalogue)
  requireClear(differences, {
    drops: drops.filter((drop) => !tables.dropped.includes(drop)), tables: formerOf(definitions, renamed.catalogue).map(({ name }) => name),
  })
  const structure = planStructure(differences, renamed.catalogue)
  const rest = differencesIn(structure.catalogue)
  const made = new Set(before.filter(({ kind }) => kind === 'table').map(({ table }) => table.name))
  const steps = [...tables.steps, ...renamed.steps, ...structure.steps, ...planAlterations(rest, made)]
  return steps.length === 0 ? undefined : { title: titleOf(differences, renames), steps }
}

/** The migration of a resource that is new, whatever the database: the tables of all others are there. */
export const planNew = (definitions: Definitions, name: string): { readonly title: string; readonly steps: readonly Step[] } => {
  const others = wantedTables(definitions).filter(({ resource }) => resource.name !== name)
  const isNew = ({ table }: Difference): boolean => table.resource.name === name
  // Searches have an index where the database can: the migration looks for itself.
  const tables = new Map(others.map((each) => [each.name, newTable(each, [])]))
  const catalogue: Catalogue = { tables, words: new Set(), trigrams: 'public' }
  const differences = compare(definitions, catalogue).filter(isNew)
  const structure = planStructure(differences, catalogue)
  const made = new Set(differences.filter(({ kind }) => kind === 'table').map(({ table }) => table.name))
  const rest = compare(definitions, structure.catalogue).filter(isNew)
  return { title: titleOf(differences, []), steps: [...structure.steps, ...planAlterations(rest, made)] }
}
