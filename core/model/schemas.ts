// What a schema must be for core to read it: an object of this copy of yup, whose fields are schemas of kinds that a column can hold.
import { MixedSchema, ObjectSchema } from 'yup'
import type { AnySchema } from '../define/schema.ts'
import type { Faults } from './faults.ts'

const kinds: readonly unknown[] = ['string', 'number', 'boolean', 'date', 'array', 'object', 'mixed']

const isYup = (value: unknown): value is { readonly type: unknown } =>
  typeof value === 'object' && value !== null && '__isYupSchema__' in value

/** What keeps a value from being the schema of an object; undefined when it is one. */
const objectFault = (schema: unknown): string | undefined => {
  if (schema instanceof ObjectSchema) return undefined
  if (schema === undefined || schema === null) return 'is missing'
  if (!isYup(schema)) return 'must be a yup schema: object({ … })'
  if (schema.type !== 'object') return `must be object({ … }), and is a yup ${String(schema.type)}`
  return 'comes from another copy of yup than the one that Sovrane uses, and cannot be read. `npm ls yup` lists the copies; install it once'
}

const fieldFault = (field: unknown): string | undefined => {
  if (typeof field === 'function') return 'is a function and not a schema: call it'
  if (!isYup(field)) return 'is not a yup schema'
  return kinds.includes(field.type) ? undefined : `is a yup ${String(field.type)}, which no column can hold`
}

/** Tells what is wrong with the schema of a reply: an object, or what stands for one, such as a row of a resource. */
export const checkOutput = (place: string, schema: AnySchema, faults: Faults): void => {
  const fault = schema instanceof MixedSchema ? undefined : objectFault(schema)
  if (fault !== undefined) faults.add(place, fault)
}

/** Tells what is wrong with the schema of an object, and with the fields of it. Undefined counts as right where it is optional. */
export const checkSchema = (place: string, schema: AnySchema | undefined, faults: Faults): void => {
  const fault = objectFault(schema)
  if (fault !== undefined) return faults.add(place, fault)
  if (!(schema instanceof ObjectSchema)) return
  for (const [name, field] of Object.entries(schema.fields)) {
    const wrong = fieldFault(field)
    if (wrong !== undefined) faults.add(`${place.replace(/\.schema$/, '')}.${name}`, wrong)
  }
}
