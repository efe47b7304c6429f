// The environment, read once and checked by one reader; every fault names its variable, none repeats a value.
import { faultsOf } from '../define/validate.ts'
import type { AnySchema, Infer } from '../define/schema.ts'
import type { Faults } from '../model/faults.ts'
import { schemaFields } from '../model/fields.ts'
import { checkSchema } from '../model/schemas.ts'

export type Environment = Readonly<Record<string, string | undefined>>

export interface Variable {
  /** Undefined: unset, empty, or at fault. */
  readonly text?: string
  readonly fault?: string
}

/** The text of a variable, whatever it is for. Empty is unset: Compose passes `${X}` as an empty text when there is no X. */
export const variable = (environment: Environment, name: string): Variable => {
  const text = environment[name] ?? ''
  if (text === '') return {}
  // It would become part of a password or a name, and no one would see it.
  if (/\p{Cc}/u.test(text)) return { fault: 'has a control character in it, such as the carriage return that a file with the line ends of Windows leaves' }
  if (text !== text.trim()) return { fault: 'must not begin or end with white space' }
  return { text }
}

const booleans = new Map<string, boolean>([['true', true], ['false', false], ['1', true], ['0', false]])

const convert = (type: string, text: string): unknown => {
  if (type === 'number') return /^-?\d{1,15}(?:\.\d{1,15})?$/.test(text) ? Number(text) : undefined
  if (type === 'boolean') return booleans.get(text.toLowerCase()) ?? text
  return text
}

/**
 * The variables that a schema names, with its defaults. `place`: where the schema stands.
 * A variable at fault has its default here, so that its readers go on and further faults are told too; the start is refused.
 */
export const readEnvironment = <S extends AnySchema>(schema: S, environment: Environment, faults: Faults, place: string): Infer<S> => {
  checkSchema(place, schema, faults)
  const values: Record<string, unknown> = {}
  for (const [name, field] of schemaFields(schema)) {
    const { text, fault } = variable(environment, name)
    const given = text === undefined ? undefined : convert(field.type, text)
    const wrong = fault !== undefined ? [fault]
      : text !== undefined && given === undefined ? [`must be a ${field.type}`]
      : faultsOf(field, given ?? field.getDefault(), '').map(({ message }) => message)
    for (const message of wrong) faults.add(name, message)
    const value: unknown = wrong.length === 0 && given !== undefined ? given : field.getDefault()
    if (value !== undefined) values[name] = value
  }
  // Each value was checked against its field.
  return values
}
