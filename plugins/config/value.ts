// What a key may be and what may be set for it; and what counts of what was set.
import { ValidationError, string } from 'yup'
import type { Fault, Setting } from '../../core/define/index.ts'

const keyPattern = /^[A-Za-z0-9_.-]{1,128}$/

export const isKey = (key: unknown): key is string => typeof key === 'string' && keyPattern.test(key)

/** The key of a setting, declared or free. Source: docs/protocol.md §7. */
export const keySchema = () =>
  string()
    .required()
    .matches(keyPattern, 'must be 1 to 128 characters of A-Z a-z 0-9 _ . -')
    .notOneOf(['__proto__', 'constructor', 'prototype'])

/** Bytes of UTF-8 as JSON, for declared settings too: what is set is kept in memory. */
const mostBytes = 8192

const leaves = (error: ValidationError): ValidationError[] => (error.inner.length === 0 ? [error] : error.inner.flatMap(leaves))

const schemaFaults = ({ schema }: Setting, value: unknown): Fault[] => {
  try {
    schema.validateSync(value, { strict: true, abortEarly: false })
    return []
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error
    return leaves(error).map(({ path = '', message }) => {
      const place = path === '' || path.startsWith('[') ? `value${path}` : `value.${path}`
      // yup puts the path before its own messages.
      return { path: place.slice(0, 128), message: (message.startsWith(`${path} `) ? message.slice(path.length + 1) : message).slice(0, 200) }
    })
  }
}

/** What is wrong with a value for a setting, or for a free key when there is no setting. */
export const valueFaults = (setting: Setting | undefined, value: unknown): Fault[] => {
  if (Buffer.byteLength(JSON.stringify(value)) > mostBytes) return [{ path: 'value', message: `must be at most ${mostBytes} bytes as JSON` }]
  if (!setting) return []
  // Even where the schema would let it pass: who reads a setting always gets a value.
  return value === null ? [{ path: 'value', message: 'may not be null' }] : schemaFaults(setting, value)
}

/** The value that counts: what is stored, unless it no longer fits the setting. `stored`: undefined when nothing is. */
export const effective = (setting: Setting | undefined, stored: unknown): unknown => {
  if (!setting) return stored
  return stored !== undefined && valueFaults(setting, stored).length === 0 ? stored : setting.initial
}
