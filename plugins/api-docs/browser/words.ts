// A JSON Schema in the words of people: for the page of text, and for the page in a browser.

/** A JSON Schema, or what stands in the place of one. */
export type Schema = Readonly<Record<string, unknown>>

const isSchema = (value: unknown): value is Schema => typeof value === 'object' && value !== null && !Array.isArray(value)

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** The last part of a reference: `#/components/schemas/site`: `site`. */
const nameOf = (reference: string): string => reference.split('/').at(-1) ?? reference

const choices = (values: readonly string[]): string => {
  const last = values.at(-1) ?? ''
  return values.length < 2 ? last : `${values.slice(0, -1).join(', ')} or ${last}`
}

const between = (least: unknown, most: unknown, unit: string): string => {
  if (typeof least === 'number' && typeof most === 'number') return least === most ? `${least}${unit}` : `${least} to ${most}${unit}`
  if (typeof most === 'number') return `at most ${most}${unit}`
  return typeof least === 'number' ? `at least ${least}${unit}` : ''
}

const formats: Readonly<Record<string, string>> = {
  'idn-email': 'e-mail address', 'email': 'e-mail address', 'uri': 'web address', 'uuid': 'UUID', 'date': 'day', 'time': 'time of day',
  'date-time': 'time in ISO 8601',
}

/** That of ids: docs/protocol.md §3.1. */
const idPattern = '^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$'

const text = ({ pattern, format, minLength, maxLength }: Schema): string => {
  if (pattern === idPattern) return 'id'
  const kind = typeof format === 'string' ? formats[format] ?? format : 'text'
  const isNotEmpty = minLength === 1 && maxLength === undefined
  const length = kind !== 'text' ? '' : isNotEmpty ? 'not empty' : between(minLength, maxLength, ' characters')
  return [kind, ...(length === '' ? [] : [length]), ...(typeof pattern === 'string' ? [`like \`${pattern}\``] : [])].join(', ')
}

const number = ({ type, minimum, maximum }: Schema): string => {
  // That a number is exact need not be told.
  const most = maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum
  const range = between(minimum, most, '')
  return `${type === 'integer' ? 'integer' : 'number'}${range === '' ? '' : `, ${range}`}`
}

/** The `requestId` that every payload and reply may have is said once for all. */
const isEcho = ({ required }: Schema, name: string): boolean => name === 'requestId' && !listOf(required).includes(name)

const valueOf = (value: unknown): string => (value === null ? 'null' : `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``)

/** Writes the name of another schema. */
type Link = (name: string) => string
const asCode: Link = (name) => `\`${name}\``

const plain = (schema: Schema, type: unknown, link: Link): string => {
  switch (type) {
    case 'string': return text(schema)
    case 'integer': case 'number': return number(schema)
    case 'boolean': return 'true or false'
    case 'array': {
      const { items, minItems, maxItems } = schema
      const many = between(minItems, maxItems, '')
      return `list of ${isSchema(items) ? wordsOf(items, link) : 'anything'}${many === '' ? '' : ` (${many})`}`
    }
    case 'object': {
      const names = isSchema(schema['properties']) ? Object.keys(schema['properties']).filter((name) => !isEcho(schema, name)) : []
      return names.length === 0 ? 'object' : `{ ${names.join(', ')} }`
    }
    default: return type === 'null' ? 'null' : 'anything'
  }
}

/** What a value of this schema is; code stands in backticks. */
export const wordsOf = (schema: Schema, link: Link = asCode): string => {
  const { $ref, anyOf, oneOf, allOf, enum: values, const: fixed } = schema
  if (typeof $ref === 'string') return link(nameOf($ref))
  if (fixed !== undefined) return `\`${JSON.stringify(fixed)}\``
  const parts = listOf(allOf).filter(isSchema)
  if (parts.length > 0) return parts.map((part) => wordsOf(part, link)).join(' with ')
  const either = [...listOf(anyOf), ...listOf(oneOf)].filter(isSchema)
  if (either.length > 0 && schema['type'] === undefined) return choices(either.map((each) => wordsOf(each, link)))
  const given = listOf(values)
  if (given.length > 0) return choices(given.map(valueOf))
  const types = Array.isArray(schema['type']) ? (schema['type'] as unknown[]) : [schema['type']]
  return choices(types.map((type) => plain(schema, type, link)))
}

export interface FieldWords {
  readonly name: string
  readonly required: boolean
  /** What it is, with its default and what its schema says of it. */
  readonly words: string
}

/** The objects that a value may be: one, or several where it is one of them. */
export const alternativesOf = (schema: Schema): Schema[] => {
  const { anyOf, properties } = schema
  const either = listOf(anyOf).filter(isSchema)
  return properties === undefined && either.every((each) => isSchema(each['properties'])) ? either : [schema]
}

/** The fields of an object, without the `requestId` of every payload and reply. */
export const fieldsOf = (schema: Schema, link: Link = asCode): FieldWords[] => {
  const { properties, required, anyOf } = schema
  const [either] = listOf(anyOf)
  const needed = new Set([...listOf(required), ...(isSchema(either) ? listOf(either['required']) : [])])
  if (!isSchema(properties)) return []
  return Object.entries(properties).filter(([name]) => !isEcho(schema, name)).map(([name, field]) => {
    const own = isSchema(field) ? field : {}
    const { default: initial, description, readOnly, writeOnly } = own
    const notes = [
      ...(initial === undefined || initial === null ? [] : [`default \`${JSON.stringify(initial)}\``]),
      ...(readOnly === true ? ['read-only'] : []), ...(writeOnly === true ? ['write-only'] : []),
      ...(typeof description === 'string' ? [`${description.charAt(0).toLowerCase()}${description.slice(1)}`] : []),
    ]
    return { name, required: needed.has(name), words: [wordsOf(own, link), ...notes].join('; ') }
  })
}
