// Checks a payload against a schema: texts in their one form, then strictly, without casting, all faults at once, unknown fields by name.
import { ValidationError, type Schema } from 'yup'
import { invalidPayload, type Fault } from './errors.ts'
import type { Payload } from './call.ts'
import { normalise, textFaults } from './normalise.ts'

const leaves = (error: ValidationError): ValidationError[] => (error.inner.length === 0 ? [error] : error.inner.flatMap(leaves))

// yup puts the path before its own messages; ours stand beside it.
const bare = (message: string, path: string): string => (message.startsWith(`${path} `) ? message.slice(path.length + 1) : message).slice(0, 200)

/** The faults of one value; `path` is its place in the payload. */
export const faultsOf = (schema: Schema, value: unknown, path: string): Fault[] => {
  try {
    schema.validateSync(value, { strict: true, abortEarly: false })
    return textFaults(schema, value, path)
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error
    return leaves(error).map((leaf) => {
      const inner = leaf.path ?? ''
      return { path: `${path}${inner === '' || inner.startsWith('[') ? '' : '.'}${inner}`, message: bare(leaf.message, inner) }
    })
  }
}

/**
 * The payload with its texts in their one form, once every field is known and right.
 * @throws AppError invalid_payload with every fault
 */
export const validate = (fields: ReadonlyMap<string, Schema>, payload: Payload): Payload => {
  const faults: Fault[] = Object.keys(payload).filter((name) => !fields.has(name)).map((name) => ({ path: name.slice(0, 128), message: 'is an unknown field' }))
  const normalised = Object.fromEntries(Object.entries(payload).map(([name, value]) => [name, normalise(fields.get(name), value)]))
  for (const [name, schema] of fields) faults.push(...faultsOf(schema, normalised[name], name))
  if (faults.length > 0) throw invalidPayload(faults.slice(0, 100))
  return normalised
}
