// What is said of each difference, with the command that mends it.
import { appOwner, resourcesOwner } from '../define/app.ts'
import { ownerOf, type Difference } from './differences.ts'
import { shortType } from './types.ts'
import type { WantedTable, WantedUnique } from './wanted.ts'

/** The command that writes the migration. */
const mending = (words: string, owner: string): string =>
  `npm run migration:diff -- ${words}${[resourcesOwner, appOwner].includes(owner) ? '' : ` --owner ${owner}`}`

const listed = (names: readonly string[]): string =>
  (names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`)

interface Said {
  readonly place: string
  readonly what: string
  /** For the name of the migration that mends it; undefined: none can. */
  readonly words?: readonly string[]
}

type Of<K extends Difference['kind']> = Extract<Difference, { readonly kind: K }>

/** The sentence of each kind. `table` is how the table is called in it. */
const kinds: { readonly [K in Difference['kind']]: (difference: Of<K>, table: string) => Said } = {
  word: ({ table: { name, place } }) => ({
    place: `${place}.plural`, what: `"${name}" is a word of SQL and cannot name a table; choose another plural`,
  }),
  shared: ({ table: { place }, other }, table) => ({
    place, what: `${table} is tracked as that of "${other}". Two resources cannot share a table: choose another plural`,
  }),
  view: ({ table: { place, name } }) => ({
    place, what: `"${name}" is a view, which can only be read: say events: ['list', 'get'], or make a table`,
  }),
  former: ({ table: { place, resource }, other }, table) => ({
    place, words: ['tracking'],
    what: `${table} is tracked as that of "${other}", which no definition is any longer. If it is the same resource under another name, `
      + `its rows stay with --rename ${other}:${resource.name}; if not, choose another plural`,
  }),
  table: ({ table: { place, name }, like }) => ({
    place, words: [],
    what: `there is no table "${name}"${like === undefined ? ''
      : `. If it is "${like}", which no definition has any longer, its rows come along with --rename ${like}:${name}`}`,
  }),
  column: ({ column: { place, name } }, table) => ({ place, what: `${table} has no column "${name}"`, words: [name] }),
  stored: ({ table: { place }, field, in: name, column }) => ({
    place: `${place}.${field.name}`,
    what: `is kept in the table "${name}", which ${column === undefined ? 'does not exist' : `has no column "${column}"`}`,
  }),
  type: ({ column: { place, field }, found, fit }, table) => {
    const is = `the column "${found.name}" of ${table} is ${shortType(found.sqlType)}`
    const what = fit === 'narrow' ? `allows more than its column can hold: ${is}` : `is a yup ${field?.schema.type ?? 'string'}, and ${is}`
    return { place, what, words: [found.name] }
  },
  null: ({ column: { place }, found }, table) => ({
    place, words: [found.name],
    what: found.notNull ? `may be null, and the column "${found.name}" of ${table} is NOT NULL`
      : `is never null, and the column "${found.name}" of ${table} may be`,
  }),
  default: ({ column: { initial, place }, found }, table) => {
    const wanted = initial.kind === 'value' ? `the default ${JSON.stringify(initial.value)}` : 'no default'
    return { place, words: [found.name], what: `has ${wanted}, and the column "${found.name}" of ${table} has ${found.default ?? 'none'}` }
  },
  choices: ({ column: { place, name, choices }, check, allowed }, table) => ({
    place, words: [name], what: `can be ${listed(choices)}, and the check "${check.name}" of ${table} allows ${listed(allowed)}`,
  }),
  'other column': ({ table: { place }, found, isNeeded }, table) => ({
    place, words: [found.name],
    what: isNeeded
      ? `the column "${found.name}" of ${table} is NOT NULL and has no default, and no field writes it: every new row would fail. `
        + 'Declare a field for it, or give it a default'
      : `no field is kept in the column "${found.name}" of ${table}. If SQL of its own reads it, name it in otherColumns`,
  }),
  unique: ({ unique }, table) => ({ place: unique.place, words: ['unique'], what: `${table} does not hold ${fieldsOf(unique)} unique` }),
  'other unique': ({ table: { place }, index }, table) => ({
    place, words: ['unique'],
    what: `the index "${index.name}" of ${table} holds ${listed(index.keys.map(({ sql }) => sql))} unique, `
      + 'and the definition does not say so. Name it in unique',
  }),
  'foreign key': ({ wanted, found }, table) => {
    const { place, column, target, onDelete } = wanted
    const action = onDelete === 'cascade' ? 'cascade' : 'no action'
    const what = found === undefined
      ? `the column "${column}" of ${table} does not refer to "${target}": it could name a row that does not exist`
      : `the key "${found.name}" of ${table} says on delete ${found.onDelete}, and the definition ${action}`
    return { place, what, words: [column] }
  },
  'other foreign key': ({ table: { place }, found: { columns: [column = ''], target } }, table) => ({
    place, words: [column], what: `the column "${column}" of ${table} refers to "${target}", and no relation says so`,
  }),
  identity: ({ table: { place } }, table) => ({
    place, words: ['identity'], what: `${table} does not hold a link unique: the same one could be there twice`,
  }),
  tracking: ({ tracking, lacks }, table) => ({ place: tracking.place, words: ['tracking'], what: untracked(tracking, lacks, table) }),
  'other tracking': ({ table: { place }, tracking }, table) => ({
    place, words: ['tracking'],
    what: tracking.kind === 'touch' ? `a change of ${table} is heard as one of "${tracking.owner}", which no relation asks for`
      : `${table} is tracked as a scope, and the definition is not one`,
  }),
  reference: ({ table: wanted, column }, table) => ({
    place: placeOfReference(wanted, column), words: [column], what: `the column "${column}" of ${table} has no index`,
  }),
  lists: ({ table: { place }, lacks: { columns, search } }, table) => {
    const sorted = columns.length === 0 ? [] : [`sorted or filtered by ${listed(columns.map(({ index }) => `"${index.column}"`))}`]
    const asked = [...sorted, ...(search ? ['searched'] : [])].join(', or ')
    return { place: `${place}.list`, words: ['lists'], what: `${table} is read whole where it is ${asked}` }
  },
  'other index': ({ table: { place }, index }, table) => ({
    place: `${place}.list`, words: ['lists'], what: `the index "${index.name}" of ${table} answers nothing that lists may ask`,
  }),
}

const fieldsOf = ({ keys }: WantedUnique): string =>
  listed(keys.map(({ column, isFolded }) => `"${column}"${isFolded ? ' in any case' : ''}`))

const untracked = (tracking: Of<'tracking'>['tracking'], lacks: 'all' | 'scope', table: string): string => {
  if (tracking.kind === 'announce') return `those linked in ${table} hold keys, and a change of the links is not announced`
  if (tracking.kind === 'touch') {
    const what = tracking.when === undefined ? 'the links' : `"${tracking.when}"`
    return `a change of ${what} in ${table} is not heard as a change of the ${tracking.hears}`
  }
  if (lacks === 'scope') return `is a scope, and ${table} is not tracked as one: no grant could be limited to its rows`
  return `${table} is not tracked: its rows would have no version, and no one would hear of their changes. `
    + 'If it is another part\'s table, choose another plural'
}

const placeOfReference = ({ resource, relation, place }: WantedTable, column: string): string => {
  const one = relation ? undefined : resource.ones.find((each) => each.column === column)
  return one ? `${resource.name}.relations.${one.name}` : place
}

/** One difference, in a sentence or two. */
export const sentenceOf = (difference: Difference): string => {
  const { name } = difference.table
  // Each kind has its own.
  const say = kinds[difference.kind] as (difference: Difference, table: string) => Said
  const { place, what, words } = say(difference, `the table "${name}"`)
  if (words === undefined) return `${place}: ${what}`
  return `${place}: ${what}. The migration is written by: ${mending([name, ...words].join('-').replaceAll('_', '-'), ownerOf(difference))}`
}
