// Example values made from JSON Schemas: for readers, and good enough to be sent.
import type { JsonSchema } from '../define/description.ts'
import type { Resource, Resources } from '../model/resource.ts'

type Schemas = Readonly<Record<string, JsonSchema>>

const isSchema = (value: unknown): value is JsonSchema => typeof value === 'object' && value !== null && !Array.isArray(value)
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

const words = (name: string): string => {
  const spaced = name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
  return `${spaced.charAt(0).toUpperCase()}${spaced.slice(1)}`
}

const formats: Readonly<Record<string, string>> = {
  'idn-email': 'ada@example.com', 'email': 'ada@example.com', 'uri': 'https://example.com/ada',
  'uuid': '01982c1e-7b0a-7000-8000-000000000001',
  'date-time': '2026-01-31T09:00:00.000Z', 'date': '2026-01-31', 'time': '09:00:00',
}

/** By the names that fields have in every API. */
const names: readonly (readonly [pattern: RegExp, value: string])[] = [
  [/[pP]assword$/, 'Quiet-Harbour-52-Lime'], [/^code$/, '123456'], [/[tT]oken$/, 'eyJhbGciOiJIUzI1NiJ9'], [/^(?:firstName)$/, 'Ada'],
  [/^lastName$/, 'Lovelace'], [/edBy$|^actorId$/, 'ada'], [/^email$/, 'ada@example.com'], [/^(?:ip|ipAddress)$/, '203.0.113.7'],
  [/^userAgent$/, 'Mozilla/5.0'], [/^secret$/, 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'], [/^event$/, 'ping'],
  [/^qrCode$/, 'data:image/png;base64,'],
]

/** Texts of many forms; the first that fits is taken. */
const textFor = (name: string, { pattern, minLength, maxLength }: JsonSchema): string => {
  const known = names.find(([form]) => form.test(name))?.[1]
  const candidates = [
    ...(known === undefined ? [] : [known]), words(name),
    /[iI]d$/.test(name) ? `${name.replace(/I?d?$/, '') || 'row'}-1` : `${name}-1`, name,
    'abc123', 'A', '1', '12:00', '#00aaff', '2026-01-31',
  ]
  const form = typeof pattern === 'string' ? new RegExp(pattern, 'u') : undefined
  const [least, most] = [typeof minLength === 'number' ? minLength : 0, typeof maxLength === 'number' ? maxLength : Infinity]
  const fits = (text: string): boolean => (form?.test(text) ?? true) && text.length >= least && text.length <= most
  return candidates.find(fits) ?? ''
}

/** Numbers that say something under these names. */
const counts: Readonly<Record<string, number>> = { limit: 20, total: 1, expiresIn: 900, minLength: 8, maxLength: 64, maxBytes: 72 }

const numberFor = ({ type, minimum, maximum, exclusiveMinimum }: JsonSchema): number => {
  const least = typeof minimum === 'number' ? minimum : typeof exclusiveMinimum === 'number' ? exclusiveMinimum + 1 : undefined
  const most = typeof maximum === 'number' ? maximum : Infinity
  return Math.min(least ?? (type === 'integer' ? 1 : 1.5), most)
}

/** What an example is made with. */
interface Making {
  readonly schemas: Schemas
  /** Good values by field, of each resource. */
  readonly givens: ReadonlyMap<string, ReadonlyMap<string, unknown>>
  /** Those of the object that is being made. */
  readonly given: ReadonlyMap<string, unknown>
  readonly depth: number
}

const objectFor = (schema: JsonSchema, making: Making, wanted: (name: string) => boolean): Record<string, unknown> => {
  const { properties } = schema
  const entries = isSchema(properties) ? Object.entries(properties) : []
  return Object.fromEntries(entries.filter(([name, each]) => isSchema(each) && wanted(name))
    .map(([name, each]) => [name, exampleFor(isSchema(each) ? each : {}, name, making)]))
}

/** What a reader wants to see of a reply: all but embedded rows and echoes. */
const isShown = (schema: JsonSchema) => (name: string): boolean => {
  const { properties } = schema
  const own = isSchema(properties) ? properties[name] : undefined
  const about = isSchema(own) ? own['description'] : undefined
  if (listOf(schema['required']).includes(name)) return true
  return name !== 'requestId' && name !== 'next' && !(typeof about === 'string' && about.startsWith('Only with'))
}

const merged = (parts: readonly unknown[], name: string, making: Making): unknown => {
  const values = parts.map((part) => exampleFor(isSchema(part) ? part : {}, name, making))
  return Object.assign({}, ...values.filter(isSchema)) as unknown
}

const referred = (reference: string, name: string, { depth, ...making }: Making): unknown => {
  const target = reference.split('/').at(-1) ?? ''
  const schema = making.schemas[target]
  const given = making.givens.get(target) ?? making.given
  return schema && depth < 4 ? exampleFor(schema, name, { ...making, given, depth: depth + 1 }) : {}
}

const byType = (schema: JsonSchema, name: string, making: Making): unknown => {
  const { type, format, items, minItems } = schema
  switch (Array.isArray(type) ? (type as unknown[])[0] : type) {
    case 'string': return (typeof format === 'string' ? formats[format] : undefined) ?? textFor(name, schema)
    case 'integer': case 'number': return counts[name] ?? numberFor(schema)
    // What went well is a better example than what did not.
    case 'boolean': return ['success', 'allowed', 'ok', 'current'].includes(name)
    case 'array': {
      const isFilled = name === 'items' || Number(minItems) > 0
      return isSchema(items) && isFilled ? [exampleFor(items, name.replace(/s$/, ''), making)] : []
    }
    case 'object': return objectFor(schema, making, isShown(schema))
    default: return {}
  }
}

const exampleFor = (schema: JsonSchema, name: string, making: Making): unknown => {
  const { $ref, anyOf, oneOf, allOf, enum: choices, default: initial, type } = schema
  if (making.given.has(name)) return making.given.get(name)
  if (typeof $ref === 'string') return referred($ref, name, making)
  if (Array.isArray(allOf)) return merged(allOf, name, making)
  const [choice] = [...listOf(anyOf), ...listOf(oneOf)]
  if (isSchema(choice) && type === undefined) return exampleFor(choice, name, making)
  const [first] = listOf(choices)
  return initial ?? first ?? byType(schema, name, making)
}

const givenBy = (resource: Resource): Map<string, unknown> => {
  const examples = Object.entries(resource.examples ?? {}).flatMap(([name, example]) => (example ? [[name, example(1)] as const] : []))
  return new Map<string, unknown>([['id', `${resource.name}-1`], ...examples])
}

/** What is sent and what is replied, as examples. `resource`: the name of the one whose row it is about. */
export interface Examples {
  /** With what must be given, and of what may be given `also`. */
  payload(schema: JsonSchema, resource: string | undefined, also: readonly string[]): unknown
  reply(schema: JsonSchema, resource: string | undefined): unknown
}

export const createExamples = (schemas: Schemas, resources: Resources): Examples => {
  const givens = new Map([...resources.values()].map((resource) => [resource.name, givenBy(resource)]))
  const making = (resource = ''): Making => ({ schemas, givens, given: givens.get(resource) ?? new Map<string, unknown>(), depth: 0 })
  return {
    payload(schema, resource, also) {
      const { required, anyOf } = schema
      const [either] = listOf(anyOf)
      const needed = new Set([...listOf(required), ...(isSchema(either) ? listOf(either['required']) : []), ...also])
      return objectFor(schema, making(resource), (name) => needed.has(name))
    },
    reply: (schema, resource) => exampleFor(schema, '', making(resource)),
  }
}
