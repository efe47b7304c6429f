// Checks a payload against a schema: texts in their one form, then strictly, without casting, all faults at once, unknown fields by name.
import type { Schema } from 'yup'
import { invalidPayload, type Fault } from './errors.ts'
import type { Payload } from './call.ts'
import { schemaFaults } from './messages.ts'
import { normalise, textFaults } from './normalise.ts'

/** The faults of one value, of its texts too; `path` is its place in the payload. */
export const faultsOf = (schema: Schema, value: unknown, path: string): Fault[] => {
  const faults = schemaFaults(schema, value, path)
  return faults.length > 0 ? faults : textFaults(schema, value, path)
}

/**
 * The payload with its texts in their one form, once every field is known and right.
 * @throws AppError invalid_payload with every fault
 */
export const validate = (fields: ReadonlyMap<string, Schema>, payload: Payload): Payload => {
  const faults: Fault[] = Object.keys(payload)
    .filter((name) => !fields.has(name))
    .map((name) => ({ path: name.slice(0, 128), message: 'is an unknown field' }))
  const normalised = Object.fromEntries(Object.entries(payload).map(([name, value]) => [name, normalise(fields.get(name), value)]))
  for (const [name, schema] of fields) faults.push(...faultsOf(schema, normalised[name], name))
  if (faults.length > 0) throw invalidPayload(faults.slice(0, 100))
  return normalised
}
