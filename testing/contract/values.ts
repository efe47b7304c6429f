// Valid values for a field, made from its yup schema.
import type { Schema } from 'yup'
import type { Field } from '../../core/model/resource.ts'
import { textKindOf } from '../../core/define/normalise.ts'

interface Test {
  readonly name?: string | undefined
  readonly params?: Readonly<Record<string, unknown>> | undefined
}

/** What yup tells of a schema, as far as it is used here. */
export interface Shape {
  readonly type: string
  readonly nullable: boolean
  readonly optional: boolean
  readonly oneOf: readonly unknown[]
  readonly tests: readonly Test[]
}

export const shapeOf = (schema: Schema): Shape => schema.describe()

/** A rule's number, such as `max`. */
export const ruleOf = (shape: Shape, name: string): number | undefined => {
  const value = shape.tests.find((test) => test.name === name)?.params?.[name]
  return typeof value === 'number' ? value : undefined
}

export const isValid = (schema: Schema, value: unknown): boolean => schema.isValidSync(value, { strict: true })

const two = (n: number): string => String(n).padStart(2, '0')

/** Texts of many forms; the first that the schema likes is taken. Where none is, the definition's `examples` give one. */
const texts = (n: number): string[] => [
  `Sample text ${n}`, `sample-${n}`, `sample-${n}@example.com`, `https://example.com/${n}`, `s${n}`, `S-${n}`, String(n),
  // The time whole: what is read back is the same text.
  new Date(Date.UTC(2026, 0, 1) + n * 60_000).toISOString(),
  `20${two(Math.floor(n / 336) % 100)}-${two((Math.floor(n / 28) % 12) + 1)}-${two((n % 28) + 1)}`,
  `${two(n % 24)}:${two(Math.floor(n / 24) % 60)}`,
  `#${n.toString(16).padStart(6, '0')}`, `00000000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`,
]

const numbers = (shape: Shape, n: number): number[] => {
  const least = ruleOf(shape, 'min') ?? 0
  const most = ruleOf(shape, 'max') ?? least + 1000
  const whole = Math.ceil(least)
  return [whole + (n % Math.max(1, Math.floor(most) - whole + 1)), least + 0.5, least]
}

const itemSchema = (schema: Schema): Schema | undefined => {
  const inner: unknown = 'innerType' in schema ? schema.innerType : undefined
  return typeof inner === 'object' && inner !== null && '__isYupSchema__' in inner ? (inner as Schema) : undefined
}

const candidates = (schema: Schema, n: number): unknown[] => {
  const shape = shapeOf(schema)
  const choices = shape.oneOf.filter((value) => value !== null)
  if (choices.length > 0) return [choices[n % choices.length]]
  switch (shape.type) {
    // A password must not be made of the names beside it.
    case 'string': return textKindOf(schema) === 'verbatim' ? [`Quiet-Harbour-${n}-Lime`] : texts(n)
    case 'number': return numbers(shape, n)
    case 'boolean': return [n % 2 === 0]
    case 'array': {
      const item = itemSchema(schema)
      return [[0, 1].map((index) => (item ? validFor(item, 2 * n + index) : index)), []]
    }
    case 'mixed': case 'object': return [{ n, text: 'é', nested: { list: [1, 'two', null, true] } }, {}, 'text']
    default: return []
  }
}

/** A valid value; two different `n` give two different ones where the schema has as many. */
export const validFor = (schema: Schema, n: number): unknown => {
  const found = candidates(schema, n).find((value) => isValid(schema, value))
  if (found === undefined)
    throw new Error(`the contract suite can make no value that the schema takes. Give the definition one: examples: { <field>: (n) => … }. The schema: ${JSON.stringify(schema.describe())}`)
  return found
}

/** Fields that a client may write. */
export const isWritable = (field: Field): boolean => !field.base && !field.readOnly

/** Whether a create must have it. */
export const isRequired = (field: Field): boolean => {
  const shape = shapeOf(field.schema)
  return isWritable(field) && !shape.optional && !shape.nullable && field.schema.spec.default === undefined
}
