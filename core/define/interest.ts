// What a connection wants to hear of changes, as clients say it. Source: docs/protocol.md §6.
import { array, boolean, string, type Schema } from 'yup'
import type { Interest, Payload } from './call.ts'
import { invalidPayload } from './errors.ts'
import { validate } from './validate.ts'

export const everything: Interest = Object.freeze({ resources: undefined, heads: false })

export interface InterestReader {
  /** All that there is to hear of. */
  readonly names: readonly string[]
  /** What its payload may hold. */
  readonly fields: ReadonlyMap<string, Schema>
  /** @throws AppError invalid_payload with every fault */
  read(payload: Payload): Interest
}

/** `known`: the names of all that is broadcast. */
export const interestReader = (known: Iterable<string>): InterestReader => {
  const names = [...known].toSorted()
  const fields = new Map<string, Schema>([
    ['resources', array().of(string().oneOf(names).required()).optional()],
    ['heads', boolean().optional()],
  ])
  return {
    names,
    fields,
    read(payload) {
      const { resources, heads = false } = validate(fields, payload) as { resources?: readonly string[]; heads?: boolean }
      if (!heads) return resources ? { resources: names.filter((name) => resources.includes(name)), heads } : everything
      // One of the two would be dropped in silence.
      if (resources) throw invalidPayload([{ path: 'heads', message: 'cannot be given together with resources' }])
      return { resources: [], heads }
    },
  }
}
