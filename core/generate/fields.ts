// The kinds of fields that a new resource can be given on the command line: as code of its definition, and as the schema itself.
import { boolean, number, string, type Schema } from 'yup'
import { dateTime, email, httpUrl, id, json, label } from '../define/fields.ts'
import { literal, quoted } from './code.ts'
import { Unclear } from './renames.ts'

export interface NewField {
  readonly name: string
  /** As it stands in the definition: `label(120).required()`. */
  readonly code: string
  /** What it calls: of yup, and of the engine. */
  readonly calls: { readonly yup?: string; readonly engine?: string }
  readonly schema: Schema
  readonly isUnique: boolean
  readonly lists: { readonly search: boolean; readonly filter: boolean; readonly sort: boolean }
}

interface Kind {
  readonly code: string
  readonly calls: NewField['calls']
  readonly schema: () => Schema
  readonly lists: NewField['lists']
  /** Reads a default; undefined: it is none. */
  readonly read: (text: string) => unknown
}

const [text, value, none] = [
  { search: true, filter: true, sort: true }, { search: false, filter: true, sort: true }, { search: false, filter: false, sort: false },
]
const asText = (given: string): unknown => given
const asNumber = (given: string): unknown => (given.trim() !== '' && Number.isFinite(Number(given)) ? Number(given) : undefined)
const unread = (): unknown => undefined

const kinds: Readonly<Record<string, Kind>> = {
  string: { code: 'label(120)', calls: { engine: 'label' }, schema: () => label(120), lists: text, read: asText },
  text: {
    code: 'string().max(2000)', calls: { yup: 'string' }, schema: () => string().max(2000), lists: { ...text, sort: false }, read: asText,
  },
  integer: {
    code: 'number().integer()', calls: { yup: 'number' }, schema: () => number().integer(), lists: value,
    read: (given) => (Number.isInteger(asNumber(given)) ? asNumber(given) : undefined),
  },
  number: { code: 'number()', calls: { yup: 'number' }, schema: () => number(), lists: value, read: asNumber },
  boolean: {
    code: 'boolean()', calls: { yup: 'boolean' }, schema: () => boolean(), lists: { ...value, sort: false },
    read: (given) => new Map([['true', true], ['false', false]]).get(given),
  },
  time: { code: 'dateTime()', calls: { engine: 'dateTime' }, schema: () => dateTime(), lists: value, read: unread },
  email: { code: 'email()', calls: { engine: 'email' }, schema: () => email(), lists: text, read: unread },
  url: { code: 'httpUrl()', calls: { engine: 'httpUrl' }, schema: () => httpUrl(), lists: none, read: unread },
  json: { code: 'json(8192)', calls: { engine: 'json' }, schema: () => json(8192), lists: none, read: unread },
  id: { code: 'id()', calls: { engine: 'id' }, schema: () => id(), lists: { ...none, filter: true }, read: unread },
}

/** The types that fields can have, for people. */
export const fieldTypes = [...Object.keys(kinds), 'choice'].join(', ')

const choiceOf = (given: string, values: string | undefined): Kind => {
  const choices = (values ?? '').split(',').filter((each) => each !== '')
  if (choices.length < 2) throw new Unclear(`--field ${given}: name what it can be, such as state:choice:ready,repair`)
  return {
    code: `string().oneOf(${literal(choices)} as const)`, calls: { yup: 'string' }, schema: () => string().oneOf(choices),
    lists: { ...value, sort: false }, read: (each) => (choices.includes(each) ? each : undefined),
  }
}

/** Every schema of a column has these; yup's own types of them differ. */
interface Completing {
  required(): Schema
  nullable(): Completing
  default(value: unknown): Schema
}

/**
 * `seats:integer`, `notes:text:optional`, `plate:string:unique`, `seats:integer:default=5`, `state:choice:ready,repair`.
 * @throws Unclear
 */
export const readField = (given: string): NewField => {
  const [name = '', type = '', ...more] = given.split(':')
  if (!/^[a-z][A-Za-z0-9]{0,40}$/.test(name))
    throw new Unclear(`--field ${given}: "${name}" cannot be the name of a field; use letters and digits, the first in lower case, such as keyNumber`)
  const others = type === 'choice' ? more.slice(1) : more
  const kind = type === 'choice' ? choiceOf(given, more[0]) : Object.hasOwn(kinds, type) ? kinds[type] : undefined
  if (!kind) {
    const what = type === '' ? `a field has a type, such as ${name}:string` : `there is no type "${type}"`
    throw new Unclear(`--field ${given}: ${what}; the types are ${fieldTypes}`)
  }
  const marks = others.filter((each) => !each.startsWith('default='))
  const unknown = marks.find((each) => each !== 'optional' && each !== 'unique')
  if (unknown !== undefined)
    throw new Unclear(`--field ${given}: "${unknown}" says nothing; after the type come optional, unique or default=…`)
  const initial = others.find((each) => each.startsWith('default='))?.slice('default='.length)
  return complete(given, { name, kind, isOptional: marks.includes('optional'), isUnique: marks.includes('unique'), initial })
}

interface Read {
  readonly name: string
  readonly kind: Kind
  readonly isOptional: boolean
  readonly isUnique: boolean
  readonly initial: string | undefined
}

const complete = (given: string, { name, kind, isOptional, isUnique, initial }: Read): NewField => {
  // yup's chains are of one class; their types are of many.
  const schema = kind.schema() as unknown as Completing
  const rest = { name, calls: kind.calls, isUnique, lists: kind.lists }
  if (isUnique && !kind.lists.filter) throw new Unclear(`--field ${given}: values of that type cannot be compared, so not unique`)
  if (initial !== undefined) {
    const read = kind.read(initial)
    if (read === undefined) throw new Unclear(`--field ${given}: ${quoted(initial)} cannot be its default`)
    return { ...rest, code: `${kind.code}.default(${literal(read)})`, schema: schema.default(read) }
  }
  if (isOptional) return { ...rest, code: `${kind.code}.nullable().default(null)`, schema: schema.nullable().default(null) }
  // A box that is not ticked is one that is not ticked.
  if (kind.code === 'boolean()') return { ...rest, code: 'boolean().default(false)', schema: schema.default(false) }
  return { ...rest, code: `${kind.code}.required()`, schema: schema.required() }
}
