// The faults of a value: what a schema finds wrong with it, and what that is called.
import { ValidationError, setLocale, type Schema } from 'yup'
import type { Fault } from './errors.ts'
import { countCodePoints } from './text.ts'

// A value that failed may be a password or 60 KiB long: messages name the rule, never the value.
const messages = {
  mixed: {
    default: 'is not valid',
    required: 'is required',
    defined: 'is required',
    notNull: 'may not be null',
    oneOf: ({ values }: { values: string }) => `must be one of: ${values}`,
    notOneOf: ({ values }: { values: string }) => `must not be one of: ${values}`,
    notType: ({ type }: { type: string }) => `must be ${/^[aeiou]/.test(type) ? 'an' : 'a'} ${type}`,
  },
  string: {
    length: ({ length }: { length: number }) => `must be exactly ${length} characters long`,
    min: ({ min }: { min: number }) => `must be at least ${min} characters long`,
    max: ({ max }: { max: number }) => `must be at most ${max} characters long`,
    matches: ({ regex }: { regex: RegExp }) => `must match ${String(regex)}`,
    trim: 'must not begin or end with white space',
    lowercase: 'must be in lower case',
  },
  number: {
    min: ({ min }: { min: number }) => `must be at least ${min}`,
    max: ({ max }: { max: number }) => `must be at most ${max}`,
    integer: 'must be an integer',
  },
  array: {
    min: ({ min }: { min: number }) => `must have at least ${min} items`,
    max: ({ max }: { max: number }) => `must have at most ${max} items`,
  },
} satisfies Parameters<typeof setLocale>[0]

/** yup reads its messages, and its way to measure a text, when a schema is made: this must come first. */
export const useMessages = (): void => {
  setLocale(messages)
  countCodePoints(messages.string)
}

const leaves = (error: ValidationError): ValidationError[] => (error.inner.length === 0 ? [error] : error.inner.flatMap(leaves))

// yup puts the path before its own messages; ours stand beside it.
const bare = (message: string, path: string): string =>
  (message.startsWith(`${path} `) ? message.slice(path.length + 1) : message).slice(0, 200)

/** Everything that a schema finds wrong with a value, without casting it. `path`: its place in the payload. */
export const schemaFaults = (schema: Schema, value: unknown, path: string): Fault[] => {
  try {
    schema.validateSync(value, { strict: true, abortEarly: false })
    return []
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error
    return leaves(error).map(({ path: inner = '', message }) => {
      const place = `${path}${inner === '' || inner.startsWith('[') ? '' : '.'}${inner}`
      return { path: place.slice(0, 128), message: bare(message, inner) }
    })
  }
}
