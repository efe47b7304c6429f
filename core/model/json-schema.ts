// A yup schema as JSON Schema (2020-12). What JSON Schema cannot say is left out: it allows at least what the schema takes.
import type { Schema, SchemaDescription } from 'yup'
import type { JsonSchema } from '../define/description.ts'
import { isSchema } from './fields.ts'

/** What `describe()` gives of a field: a schema, one that depends on others, or a reference to a value. */
interface Described {
  readonly type: string
  readonly meta?: unknown
  readonly optional?: boolean
  readonly nullable?: boolean
  readonly default?: unknown
  readonly oneOf?: readonly unknown[]
  readonly tests?: SchemaDescription['tests']
  readonly fields?: Readonly<Record<string, Described>>
  readonly innerType?: Described | readonly Described[]
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null

const paramOf = (described: Described, name: string): unknown => {
  const found = described.tests?.find((test) => test.name === name)
  return isObject(found?.params) ? found.params[name] : undefined
}
/** A bound; one that refers to another field says nothing by itself. */
const bound = (described: Described, name: string): number | undefined => {
  const value = paramOf(described, name)
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}
const has = (described: Described, test: string): boolean => described.tests?.some(({ name }) => name === test) ?? false
const metaOf = ({ meta }: Described): Readonly<Record<string, unknown>> => (isObject(meta) ? meta : {})

/** Only what is there. */
const given = (values: Readonly<Record<string, unknown>>): JsonSchema =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))

/** JSON Schema's patterns have no flags but `u`. */
const patternOf = (described: Described): string | undefined => {
  const found = described.tests?.find(({ name }) => name === 'matches')
  const regex = isObject(found?.params) ? found.params['regex'] : undefined
  return regex instanceof RegExp && /^u?$/.test(regex.flags) ? regex.source : undefined
}

const formatOf = (described: Described): string | undefined => {
  if (has(described, 'email')) return 'idn-email'
  if (has(described, 'http-url') || has(described, 'url')) return 'uri'
  if (has(described, 'uuid')) return 'uuid'
  return 'date' in metaOf(described) || has(described, 'datetime') ? 'date-time' : undefined
}

const text = (described: Described): JsonSchema => {
  const length = bound(described, 'length')
  const least = length ?? bound(described, 'min')
  return given({
    type: 'string',
    minLength: has(described, 'required') ? Math.max(1, least ?? 1) : least,
    maxLength: length ?? bound(described, 'max'),
    pattern: patternOf(described),
    format: formatOf(described),
  })
}

/** yup tells `moreThan` and `lessThan` as a `min` and `max` with a name of their own. */
const numeric = (described: Described): JsonSchema => {
  const named = (test: string, param: string): number | undefined => {
    const found = described.tests?.find(({ name, params }) => name === test && isObject(params) && param in params)
    const value = isObject(found?.params) ? found.params[param] : undefined
    return typeof value === 'number' && Number.isFinite(value) ? value : undefined
  }
  return given({
    type: has(described, 'integer') ? 'integer' : 'number',
    minimum: named('min', 'min'), maximum: named('max', 'max'),
    exclusiveMinimum: named('min', 'more'), exclusiveMaximum: named('max', 'less'),
  })
}

const list = (described: Described): JsonSchema => {
  const length = bound(described, 'length')
  const { innerType } = described
  return given({
    type: 'array',
    items: innerType !== undefined && !Array.isArray(innerType) ? convert(innerType as Described) : undefined,
    prefixItems: Array.isArray(innerType) ? innerType.map(convert) : undefined,
    minItems: length ?? bound(described, 'min'),
    maxItems: length ?? bound(described, 'max'),
  })
}

const isRequired = ({ optional, default: initial }: Described): boolean => optional === false && initial === undefined

const object = (described: Described): JsonSchema => {
  const fields = Object.entries(described.fields ?? {})
  const required = fields.filter(([, field]) => isRequired(field)).map(([name]) => name)
  return {
    type: 'object',
    properties: Object.fromEntries(fields.map(([name, field]) => [name, convert(field)])),
    ...(required.length > 0 ? { required } : {}),
    ...(has(described, 'noUnknown') ? { additionalProperties: false } : {}),
  }
}

/** Free JSON; or a row of a resource, or one of several objects, as replies have them. */
const free = (described: Described): JsonSchema => {
  const { json, row, alternatives } = metaOf(described)
  if (typeof row === 'string') return { $ref: `#/components/schemas/${row}` }
  if (Array.isArray(alternatives)) return { anyOf: alternatives.filter(isSchema).map(jsonSchemaOf) }
  return typeof json === 'number' ? { type: 'object', description: `Free JSON of at most ${json} bytes` } : {}
}

const plain = (described: Described): JsonSchema => {
  switch (described.type) {
    case 'string': return text(described)
    case 'number': return numeric(described)
    case 'boolean': return { type: 'boolean' }
    case 'date': return { type: 'string', format: 'date-time' }
    case 'array': case 'tuple': return list(described)
    case 'object': return object(described)
    // `mixed`, and what is decided only when there is a value.
    default: return free(described)
  }
}

const orNull = (schema: JsonSchema): JsonSchema => {
  const { type, enum: values } = schema
  if ('$ref' in schema || 'anyOf' in schema) return { anyOf: [schema, { type: 'null' }] }
  return {
    ...schema,
    ...(typeof type === 'string' ? { type: [type, 'null'] } : {}),
    ...(Array.isArray(values) ? { enum: [...values.filter((value: unknown) => value !== null), null] } : {}),
  }
}

/** An object's default is that of its fields. */
const defaultOf = ({ type, default: initial }: Described): JsonSchema =>
  (initial === undefined || type === 'object' || initial instanceof Date ? {} : { default: initial })

const convert = (described: Described): JsonSchema => {
  const choices = described.oneOf ?? []
  const whole = { ...plain(described), ...(choices.length > 0 ? { enum: [...choices] } : {}), ...defaultOf(described) }
  return described.nullable === true ? orNull(whole) : whole
}

/** The JSON Schema of a yup schema. */
export const jsonSchemaOf = (schema: Pick<Schema, 'describe'>): JsonSchema => convert(schema.describe())

/** The JSON Schema of an object of these fields, and no others. */
export const payloadSchema = (fields: ReadonlyMap<string, Schema>): JsonSchema => {
  const described = [...fields].map(([name, schema]) => [name, schema.describe() as Described] as const)
  const required = described.filter(([, field]) => isRequired(field)).map(([name]) => name)
  return {
    type: 'object',
    properties: Object.fromEntries(described.map(([name, field]) => [name, convert(field)])),
    ...(required.length > 0 ? { required } : {}),
    additionalProperties: false,
  }
}
