// A new resource: its definition as a file and as the definition itself, made of what was said on the command line.
import { object } from 'yup'
import type { AnyResource } from '../define/resource.ts'
import { many, one, type Relation } from '../define/relations.ts'
import { snakeCase } from '../model/names.ts'
import { comment, indent, literal, quoted } from './code.ts'
import { readField, type NewField } from './fields.ts'
import { Unclear } from './renames.ts'

export interface NewResource {
  readonly name: string
  readonly plural?: string
  readonly fields: readonly string[]
  /** `site` or `site:home`, with `:required` where each row has one. */
  readonly ones: readonly string[]
  /** `user` or `user:watchers`. */
  readonly manys: readonly string[]
  /** Whether grants can be limited to one of its rows. */
  readonly isScope: boolean
}

/** A resource of the app: what it is called in the plural, and whether grants can be limited to its rows. */
interface Target {
  readonly plural: string
  readonly isScope: boolean
}

interface NewRelation {
  readonly name: string
  readonly target: string
  readonly code: string
  readonly relation: Relation
  readonly field?: NewField
}

const relationName = (given: string, name: string): string => {
  if (/^[a-z][A-Za-z0-9]{0,40}$/.test(name)) return name
  throw new Unclear(`${given}: "${name}" cannot name a relation; use letters and digits, the first in lower case`)
}

const singular = (name: string): string => {
  if (name.endsWith('ies')) return `${name.slice(0, -3)}y`
  return name.endsWith('s') && name.length > 1 ? name.slice(0, -1) : name
}

type Targets = ReadonlyMap<string, Target>

const targetOf = (given: string, target: string, own: string, targets: Targets): Target => {
  const found = targets.get(target)
  if (found) return found
  if (target === own) return { plural: '', isScope: false }
  throw new Unclear(`${given}: there is no resource "${target}"; the resources are ${[...targets.keys()].join(', ')}`)
}

const readOne = (spec: string, { name: own }: NewResource, targets: Targets): NewRelation => {
  const given = `--one ${spec}`
  const [target = '', ...more] = spec.split(':')
  const { isScope } = targetOf(given, target, own, targets)
  const isRequired = more.includes('required')
  const name = relationName(given, more.find((each) => each !== 'required') ?? (target === own ? 'parent' : target))
  if (isRequired && target === own) throw new Unclear(`${given}: the first ${own} would have none to name; leave out :required`)
  const via = `${name}Id`
  const options = { via, ...(isScope && target !== own ? { scope: true } : {}), ...(target === own ? { acyclic: true } : {}) } as const
  return {
    name, target, code: `one(${quoted(target)}, ${literal(options)})`, relation: one(target, options),
    field: {
      name: via, calls: { engine: 'id' }, isUnique: false, lists: { search: false, filter: true, sort: false },
      code: isRequired ? 'id().required()' : 'id().nullable().default(null)',
      schema: readField(isRequired ? `${via}:id` : `${via}:id:optional`).schema,
    },
  }
}

const readMany = (spec: string, { name: own }: NewResource, targets: Targets): NewRelation => {
  const given = `--many ${spec}`
  const [target = '', named, ...more] = spec.split(':')
  const { plural } = targetOf(given, target, own, targets)
  if (more.length > 0) throw new Unclear(`${given}: say the resource and the name, such as user:watchers`)
  const name = relationName(given, named ?? (target === own ? `${own}s` : plural))
  const item = singular(name)
  // Both ends in one table: one of the two is called by what it is here.
  const other = target === own ? { other: snakeCase(`${item}Id`) } : {}
  if (target === own && item === own) throw new Unclear(`${given}: say what the linked ones are called, such as ${own}:parts`)
  const options = { through: { table: `${snakeCase(own)}_${snakeCase(name)}`, ...other }, item } as const
  return { name, target, code: `many(${quoted(target)}, ${literal(options)})`, relation: many(target, options) }
}

/** A resource as it was said, checked by itself. */
export interface Drafted {
  readonly definition: AnyResource
  readonly text: string
}

const article = (name: string): string => (/^[aeiou]/.test(name) ? 'An' : 'A')

const joined = (parts: readonly string[]): string =>
  (parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1) ?? ''}`)

const headOf = ({ name }: NewResource, fields: readonly NewField[], relations: readonly NewRelation[]): string => {
  const [first, ...rest] = fields.filter((field) => !relations.some((relation) => relation.field === field)).map((field) => field.name)
  const own = first === undefined ? [] : [`its ${joined([first, ...rest])}`]
  return `${article(name)} ${name}: ${joined([...own, ...relations.map((relation) => `its ${relation.name}`)])}.`
}

/** A property whose value is a list or an object of lines. */
const block = (name: string, lines: readonly string[]): string[] => [`${name}: {`, ...indent(lines), '},']

const listLines = (fields: readonly NewField[]): string[] => {
  const named = (list: keyof NewField['lists']): string[] => fields.filter(({ lists }) => lists[list]).map(({ name }) => name)
  const [search, filter, sort] = [named('search'), named('filter'), [...named('sort'), 'createdAt']]
  const lists = Object.entries({ search, filter, sort }).filter(([, names]) => names.length > 0)
  return lists.map(([list, names]) => `${list}: ${literal(names)},`)
}

const importLines = (fields: readonly NewField[], relations: readonly NewRelation[], engine: string): string[] => {
  const names = (kind: 'yup' | 'engine', more: readonly string[]): string =>
    [...new Set([...fields.flatMap(({ calls }) => calls[kind] ?? []), ...more])].toSorted().join(', ')
  const made = relations.map(({ relation }) => (relation.kind === 'one' ? 'one' : 'many'))
  return [
    `import { ${names('yup', ['object'])} } from 'yup'`, `import { ${names('engine', ['defineResource', ...made])} } from '${engine}'`,
  ]
}

/**
 * The definition of a new resource, and its file.
 * @throws Unclear
 */
export const draftResource = (wanted: NewResource, targets: Targets, engine: string): Drafted => {
  const { name, plural, isScope } = wanted
  const relations = [
    ...wanted.ones.map((spec) => readOne(spec, wanted, targets)), ...wanted.manys.map((spec) => readMany(spec, wanted, targets)),
  ]
  const fields = [...wanted.fields.map(readField), ...relations.flatMap(({ field }) => field ?? [])]
  if (wanted.fields.length === 0) throw new Unclear(`A ${name} has at least one field, such as --field label:string`)
  const twice = [...fields, ...relations].find((each, at, all) => all.findIndex((other) => other.name === each.name) !== at)
  if (twice) throw new Unclear(`"${twice.name}" is there twice; give one of the two another name`)
  const unique = fields.filter(({ isUnique }) => isUnique).map((field) => field.name)
  const parent = relations.find((relation) => relation.target === name && relation.field)?.field?.name
  const scope = isScope ? parent === undefined ? true as const : { parent } : undefined
  const lines = [
    `name: ${quoted(name)},`, ...(plural === undefined ? [] : [`plural: ${quoted(plural)},`]),
    'schema: object({', ...indent(fields.map((field) => `${field.name}: ${field.code},`)), '}),',
    ...(unique.length > 0 ? [`unique: ${literal(unique)},`] : []), ...(scope === undefined ? [] : [`scope: ${literal(scope)},`]),
    ...(relations.length > 0 ? block('relations', relations.map((relation) => `${relation.name}: ${relation.code},`)) : []),
    ...block('list', listLines(fields)),
  ]
  const text = [
    ...comment(headOf(wanted, fields, relations)), ...importLines(fields, relations, engine), '',
    `export const ${name} = defineResource({`, ...indent(lines), '})', '',
  ].join('\n')
  return { text, definition: definitionOf(wanted, { fields, relations, unique, scope }) }
}

interface Parts {
  readonly fields: readonly NewField[]
  readonly relations: readonly NewRelation[]
  readonly unique: readonly string[]
  readonly scope: true | { readonly parent: string } | undefined
}

const definitionOf = ({ name, plural }: NewResource, { fields, relations, unique, scope }: Parts): AnyResource => {
  const named = (list: keyof NewField['lists']): string[] => fields.filter(({ lists }) => lists[list]).map((field) => field.name)
  const whole: AnyResource = {
    name, ...(plural === undefined ? {} : { plural }),
    schema: object(Object.fromEntries(fields.map((field) => [field.name, field.schema]))),
    unique, ...(scope === undefined ? {} : { scope }), relations: Object.fromEntries(relations.map((each) => [each.name, each.relation])),
    list: { search: named('search'), filter: named('filter'), sort: [...named('sort'), 'createdAt'] },
  }
  return Object.freeze(whole)
}

