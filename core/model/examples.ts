// The examples of a definition, tried at start: each is a value that its own field takes.
import type { AnyResource } from '../define/resource.ts'
import { faultsOf } from '../define/validate.ts'
import type { Faults } from './faults.ts'
import type { Field } from './resource.ts'

/** Numbers that are tried; a suite goes on from there. */
const tried = [1, 2, 1000] as const

const faultOf = (field: Field, example: (n: number) => unknown): string | undefined => {
  for (const n of tried) {
    try {
      const [fault] = faultsOf(field.schema, example(n), '')
      if (fault) return `the example of ${n} is not valid: ${fault.message}`
    } catch (error) {
      return `the example of ${n} fails: ${String(error)}`
    }
  }
  return undefined
}

/** Tells of examples of no field, and of values that the field refuses. */
export const checkExamples = (definition: AnyResource, fields: ReadonlyMap<string, Field>, faults: Faults): void => {
  for (const [name, example] of Object.entries(definition.examples ?? {})) {
    const field = fields.get(name)
    const given: unknown = example
    if (!field) faults.absent(`${definition.name}.examples`, `there is no field "${name}"`)
    else if (typeof given !== 'function') faults.add(`${definition.name}.examples.${name}`, 'must be a function of a number')
    else if (example) {
      const fault = faultOf(field, example)
      if (fault !== undefined) faults.add(`${definition.name}.examples.${name}`, fault)
    }
  }
}
