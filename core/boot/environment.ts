// The environment, read once and checked; every fault names its variable.
import { faultsOf } from '../call/validate.ts'
import type { AnySchema, Infer } from '../define/schema.ts'
import type { Faults } from './faults.ts'
import { schemaFields } from './fields.ts'
import { checkSchema } from './schemas.ts'

export type Environment = Readonly<Record<string, string | undefined>>

const convert = (type: string, text: string): unknown => {
  if (type === 'number') return text.trim() === '' ? Number.NaN : Number(text)
  if (type === 'boolean') return { true: true, false: false, 1: true, 0: false }[text.toLowerCase()] ?? text
  return text
}

/** The variables that a schema names, with its defaults. An empty variable counts as unset. `place`: where the schema stands. */
export const readEnvironment = <S extends AnySchema>(schema: S, environment: Environment, faults: Faults, place: string): Infer<S> => {
  checkSchema(place, schema, faults)
  const values: Record<string, unknown> = {}
  for (const [name, field] of schemaFields(schema)) {
    const text = environment[name]
    const value: unknown = text === undefined || text === '' ? field.getDefault() : convert(field.type, text)
    if (typeof value === 'number' && Number.isNaN(value)) faults.add(name, 'must be a number')
    else for (const fault of faultsOf(field, value, '')) faults.add(name, fault.message)
    if (value !== undefined) values[name] = value
  }
  // Each value was checked against its field.
  return values
}
