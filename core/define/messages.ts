// What a fault says, whatever schema finds it.
import { setLocale } from 'yup'
import { countCodePoints } from './text.ts'

// A value that failed may be a password or 60 KiB long: messages name the rule, never the value.
export const messages = {
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
