// What a request for the list may ask: sorting by key, nothing to filter by, and a cursor of the very same list.
import { createHash } from 'node:crypto'
import { invalidPayload, type Fault } from '../../core/define/index.ts'
import { isKey } from './value.ts'

export interface ListRequest {
  readonly page?: number | undefined
  readonly search?: string | undefined
  readonly sort?: unknown
  readonly filter?: unknown
  readonly after?: string | undefined
}

const sortNames = (sort: unknown): unknown[] => (sort === undefined ? ['key'] : Array.isArray(sort) ? sort : [sort])

const sortFaults = (sort: unknown): Fault[] => {
  const names = sortNames(sort)
  if (names.length > 8) return [{ path: 'sort', message: 'must have at most 8 fields' }]
  return names.filter((name) => name !== 'key' && name !== '-key').map((name) => ({
    path: 'sort', message: typeof name === 'string' ? `"${name.slice(0, 64)}" cannot be sorted by` : 'must be a field or an array of fields',
  }))
}

const filterFaults = (filter: unknown): Fault[] => {
  if (filter === undefined) return []
  if (typeof filter !== 'object' || filter === null || Array.isArray(filter)) return [{ path: 'filter', message: 'must be an object' }]
  return Object.keys(filter).map((name) => ({ path: `filter.${name}`.slice(0, 128), message: 'cannot be filtered by' }))
}

/** @throws AppError invalid_payload with every fault */
export const checkList = ({ page, sort, filter, after }: ListRequest): void => {
  const both = after !== undefined && page !== undefined ? [{ path: 'after', message: 'cannot be given with page' }] : []
  const faults = [...sortFaults(sort), ...filterFaults(filter), ...both]
  if (faults.length > 0) throw invalidPayload(faults.slice(0, 100))
}

/** Keys are unique: only the first name of an order counts. */
export const isDescending = (sort: unknown): boolean => sortNames(sort)[0] === '-key'

/** What makes a cursor the cursor of this list. */
const fingerprint = ({ sort, search }: ListRequest): string =>
  createHash('sha256').update(JSON.stringify(['config', isDescending(sort), search ?? ''])).digest('base64url').slice(0, 16)

/** The opaque `next` after a key. */
export const makeCursor = (request: ListRequest, key: string): string =>
  Buffer.from(JSON.stringify({ f: fingerprint(request), k: key })).toString('base64url')

const parse = (cursor: string): unknown => {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
  } catch {
    return undefined
  }
}

/**
 * The key that `after` stands for; undefined without one.
 * @throws AppError invalid_payload when it is no cursor of this list
 */
export const cursorAfter = (request: ListRequest): string | undefined => {
  if (request.after === undefined) return undefined
  const parsed = parse(request.after)
  if (typeof parsed === 'object' && parsed !== null && 'f' in parsed && 'k' in parsed && parsed.f === fingerprint(request) && isKey(parsed.k)) return parsed.k
  throw invalidPayload([{ path: 'after', message: 'is no cursor of this list with this sort and search' }])
}
