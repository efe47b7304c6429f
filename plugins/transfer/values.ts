// Values of fields as text and back. What a text says depends on its field: `007` stays a text in a field of texts.
import type { Field } from '../../core/model/resource.ts'

/** Why a cell is refused: the end of a sentence that begins with its column. */
export class CellFault extends Error {}

const number = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/

/** What is there where nothing was written: null, or undefined for a field that may not be null. */
const nothing = ({ schema: { spec } }: Field): null | undefined => (spec.nullable ? null : undefined)

const jsonIn = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    throw new CellFault('must be JSON')
  }
}

/**
 * The value that a text stands for; undefined: the field is left as it is. `null` is a cell with nothing in it, `''` one that holds the
 * empty text.
 * @throws CellFault
 */
export const valueIn = (field: Field, text: string | null): unknown => {
  if (text === null) return nothing(field)
  const { type } = field.schema
  if (type === 'string') return text === '' && !field.schema.isValidSync('') ? nothing(field) : text
  const written = text.trim()
  if (written === '') return nothing(field)
  if (type === 'number') {
    if (!number.test(written)) throw new CellFault('must be a number, such as 12 or -3.5')
    return Number(written)
  }
  if (type === 'boolean') {
    if (!/^(?:true|false)$/i.test(written)) throw new CellFault('must be true or false')
    return written.toLowerCase() === 'true'
  }
  return jsonIn(written)
}

/** The text that stands for a value of a field; null: for nothing. */
export const textOf = ({ schema }: Pick<Field, 'schema'>, value: unknown): string | null => {
  if (value === null || value === undefined) return null
  return schema.type === 'string' && typeof value === 'string' ? value : JSON.stringify(value)
}
