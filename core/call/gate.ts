// What no payload may be, checked without recursion before any code that recurses sees it.
import { invalidPayload, type Fault } from '../define/errors.ts'
import type { Payload } from '../define/call.ts'

/** Source: docs/protocol.md §8. `items`: keys and items, of each payload where there are several. */
const limits = { depth: 16, items: 1000 }

/** What an assignment would take for the prototype of an object. */
const forbiddenKeys = new Set(['__proto__'])

const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

const textFault = (text: string): string | undefined => {
  if (text.includes('\0')) return 'must not contain NUL'
  return /\p{Surrogate}/u.test(text) ? 'must not contain a lone surrogate' : undefined
}

/** Of one payload. */
interface Count { items: number }

interface Visit { readonly value: unknown; readonly path: string; readonly depth: number; readonly count: Count }

/**
 * The payload as an object; no payload counts as `{}`. `isSeveral`: its `items` are payloads of their own.
 * @throws AppError invalid_payload
 */
export const gate = (payload: unknown, isSeveral = false): Payload => {
  if (payload === undefined) return {}
  if (!isObject(payload) || Array.isArray(payload) || !isPlain(payload)) throw fault('', 'must be one JSON object')
  const open: Visit[] = [{ value: payload, path: '', depth: 1, count: { items: 0 } }]
  for (let visit = open.pop(); visit; visit = open.pop()) {
    const { value, path, depth, count } = visit
    if (typeof value === 'string') {
      const message = textFault(value)
      if (message !== undefined) throw fault(path, message)
    } else if (typeof value === 'number' && !Number.isFinite(value)) {
      throw fault(path, 'must be a number that can be held exactly')
    } else if (isObject(value)) {
      if (depth > limits.depth) throw fault('', `must not be nested deeper than ${limits.depth} levels`)
      if (!Array.isArray(value) && !isPlain(value)) throw fault(path, 'must not be binary')
      for (const [key, item] of Object.entries(value)) {
        count.items += 1
        if (count.items > limits.items) throw fault('', `must not hold more than ${limits.items} keys and items`)
        if (forbiddenKeys.has(key)) throw fault(join(path, key), 'cannot be a key')
        const message = textFault(key)
        if (message !== undefined) throw fault(path, `has a key that ${message}`)
        const one = key.normalize('NFC')
        if (one !== key && Object.hasOwn(value, one)) throw fault(join(path, one), 'is given twice, in two spellings')
        const isPayload = isSeveral && depth === 2 && path === 'items'
        open.push({ value: item, path: join(path, key), depth: depth + 1, count: isPayload ? { items: 0 } : count })
      }
    } else if (!['boolean', 'number'].includes(typeof value) && value !== null && value !== undefined) {
      throw fault(path, 'must be JSON')
    }
  }
  return payload as Payload
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

// Paths are shown to the client: a long key is their own, but need not come back whole.
const join = (path: string, key: string): string => (path === '' ? key : `${path}.${key}`).slice(0, 128)

const fault = (path: string, message: string) => invalidPayload([{ path, message } satisfies Fault])
