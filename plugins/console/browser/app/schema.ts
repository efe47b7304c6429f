// What a JSON Schema says of a field: which widget it takes, and what is wrong with a value before the server is asked.
import type { DescribedField, JsonSchema } from '#sovrane'
import { t } from '../texts/texts.ts'

export type WidgetName =
  'text' | 'long' | 'email' | 'url' | 'password' | 'number' | 'boolean' | 'choice' | 'time' | 'one' | 'many' | 'links' | 'json'

const asNumber = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined)

/** `['string', 'null']` → `string`. */
export const typeOf = ({ type }: JsonSchema): string | undefined => {
  const types: unknown[] = Array.isArray(type) ? type : [type]
  const found = types.filter((each) => each !== 'null')
  return found.length === 1 && typeof found[0] === 'string' ? found[0] : undefined
}
export const isNullable = ({ type, anyOf }: JsonSchema): boolean =>
  (Array.isArray(type) && type.includes('null')) || (Array.isArray(anyOf) && anyOf.some((one: JsonSchema) => one['type'] === 'null'))

export const choicesOf = (schema: JsonSchema): readonly (string | number)[] => {
  const { enum: values } = schema
  return Array.isArray(values)
    ? values.filter((value: unknown): value is string | number => typeof value === 'string' || typeof value === 'number')
    : []
}

/** Longer texts get more than a line. */
const oneLine = 300

const textWidget = (schema: JsonSchema, isWriteOnly: boolean): WidgetName => {
  if (isWriteOnly) return 'password'
  switch (schema['format']) {
    case 'idn-email':
      return 'email'
    case 'uri':
      return 'url'
    case 'date-time':
      return 'time'
    default:
      return (asNumber(schema['maxLength']) ?? 0) > oneLine ? 'long' : 'text'
  }
}

/** A schema that no widget knows is JSON, and can be edited as that. */
export const widgetOf = ({ schema, relation, writeOnly }: Pick<DescribedField, 'schema' | 'relation' | 'writeOnly'>): WidgetName => {
  const type = typeOf(schema)
  if (relation !== undefined) {
    if (type !== 'array') return 'one'
    const { items } = schema
    return typeof items === 'object' && items !== null && 'anyOf' in items ? 'links' : 'many'
  }
  if (choicesOf(schema).length > 0) return 'choice'
  switch (type) {
    case 'string':
      return textWidget(schema, writeOnly)
    case 'number':
    case 'integer':
      return 'number'
    case 'boolean':
      return 'boolean'
    default:
      return 'json'
  }
}

/** A value as the schema begins with it. */
export const initialOf = (schema: JsonSchema): unknown => schema['default'] ?? (typeOf(schema) === 'boolean' ? false : undefined)

const lengthFault = (schema: JsonSchema, value: string): string | undefined => {
  const { faults } = t.value
  // Lengths are in code points.
  const length = Array.from(value).length
  const [least, most] = [asNumber(schema['minLength']), asNumber(schema['maxLength'])]
  if (most !== undefined && length > most) return faults.tooLong(most)
  return least !== undefined && length < least ? faults.tooShort(least) : undefined
}

const matches = (pattern: unknown, value: string): boolean => {
  try {
    return typeof pattern !== 'string' || new RegExp(pattern, 'u').test(value)
  } catch {
    return true // The server knows better.
  }
}

const textFault = (schema: JsonSchema, value: string): string | undefined => {
  const { faults } = t.value
  const long = lengthFault(schema, value)
  if (long !== undefined) return long
  if (schema['format'] === 'idn-email' && !/^[^\s@]+@[^\s@]+$/.test(value)) return faults.email
  if (schema['format'] === 'uri' && !/^https?:\/\/\S+$/i.test(value)) return faults.url
  return matches(schema['pattern'], value) ? undefined : faults.pattern
}

const numberFault = (schema: JsonSchema, value: number): string | undefined => {
  const { faults } = t.value
  const [least, most] = [asNumber(schema['minimum']), asNumber(schema['maximum'])]
  if (typeOf(schema) === 'integer' && !Number.isInteger(value)) return faults.integer
  if (least !== undefined && value < least) return faults.tooSmall(least)
  return most !== undefined && value > most ? faults.tooLarge(most) : undefined
}

/** What is wrong with a value, in a sentence; undefined: nothing that the schema tells. */
export const faultOf = (field: Pick<DescribedField, 'schema' | 'required'>, value: unknown): string | undefined => {
  if (value === undefined || value === null || value === '') return field.required ? t.value.faults.required : undefined
  if (typeof value === 'string') return textFault(field.schema, value)
  if (typeof value === 'number') return numberFault(field.schema, value)
  return value instanceof BadJson ? t.value.faults.json : undefined
}

/** A text that is not JSON yet, as it was typed. */
export class BadJson {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}
