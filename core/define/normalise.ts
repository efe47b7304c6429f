// The one form of every text of a payload, before its schema sees it: composed (NFC), addresses folded. Nothing else is ever changed.
import { ArraySchema, ObjectSchema, type Schema } from 'yup'
import { foldAddress, textFault } from './text.ts'
import type { TextKind } from './fields.ts'
import type { Fault } from './errors.ts'

type Values = Readonly<Record<string, unknown>>

/** A JSON object: what a plugin hands over may hold values of other classes. */
const isObject = (value: unknown): value is Values => {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
const isSchema = (value: unknown): value is Schema => typeof value === 'object' && value !== null && '__isYupSchema__' in value

/** How a schema's text is taken; undefined: as plain text. */
export const textKindOf = (schema: Schema | undefined): TextKind | undefined => {
  const meta: unknown = schema?.spec.meta
  return isObject(meta) ? (meta['text'] as TextKind | undefined) : undefined
}

/** The schema of what lies below a value. Of free JSON there is none. */
const below = (schema: Schema | undefined, name: string | number): Schema | undefined => {
  const inner: unknown =
    schema instanceof ArraySchema ? schema.innerType : schema instanceof ObjectSchema ? (schema.fields as Values)[name] : undefined
  return isSchema(inner) ? inner : undefined
}

const composed = (text: string): string => (/^[\u0000-\u02ff]*$/.test(text) ? text : text.normalize('NFC'))

/** A text in the form that its schema's kind is kept and looked up in. */
export const normaliseText = (schema: Schema | undefined, text: string): string => {
  const kind = textKindOf(schema)
  if (kind === 'verbatim') return text
  return kind === 'address' ? foldAddress(text) : composed(text)
}

/** A value with all its texts, and the keys of free JSON, in their one form. */
export const normalise = (schema: Schema | undefined, value: unknown): unknown => {
  if (typeof value === 'string') return normaliseText(schema, value)
  if (Array.isArray(value)) return value.map((item: unknown, index) => normalise(below(schema, index), item))
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [composed(name), normalise(below(schema, name), item)]))
}

/** What plain texts hold that no text may; free JSON holds what it likes, and lines and addresses have rules of their own. */
export const textFaults = (schema: Schema | undefined, value: unknown, path: string): Fault[] => {
  if (typeof value === 'string') {
    const message = schema?.type === 'string' && textKindOf(schema) === undefined ? textFault(value) : undefined
    return message === undefined ? [] : [{ path, message }]
  }
  if (Array.isArray(value)) return value.flatMap((item: unknown, index) => textFaults(below(schema, index), item, `${path}[${index}]`))
  return isObject(value) ? Object.entries(value).flatMap(([name, item]) => textFaults(below(schema, name), item, `${path}.${name}`)) : []
}
