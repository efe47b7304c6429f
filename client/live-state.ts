// What a live list shows: rows of a page with what is not yet answered laid over them, and how sure it is of them.
import type { SovraneError } from './errors.ts'

export type AnyRow = { readonly id: string }

/**
 * `loading`: not read yet. `live`: equal to a fresh list, as far as changes were heard. `stale`: read before something that may have
 * changed all of it, and not yet again. `offline`: as it was when the connection was lost. `error`: refused, so nothing is shown.
 * `closed`: for good.
 */
export type LiveStatus = 'loading' | 'live' | 'stale' | 'offline' | 'error' | 'closed'

export interface LiveState<Row> {
  readonly status: LiveStatus
  readonly items: readonly Row[]
  readonly total: number
  readonly page: number
  readonly limit: number
  /** The cursor of the next page; absent on the last. */
  readonly next?: string | undefined
  readonly error?: SovraneError | undefined
}

export interface PageOfRows<Row> {
  readonly items: readonly Row[]
  readonly page: number
  readonly limit: number
  readonly total: number
  readonly next?: string
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null

export const isPage = (reply: unknown): reply is PageOfRows<AnyRow> =>
  isObject(reply) && Array.isArray(reply['items']) && typeof reply['total'] === 'number'

/** Whether two values are the same JSON, whatever the order of their fields. */
export const isSame = (one: unknown, other: unknown): boolean => {
  if (one === other) return true
  if (!isObject(one) || !isObject(other) || Array.isArray(one) !== Array.isArray(other)) return false
  const names = Object.keys(one)
  return names.length === Object.keys(other).length && names.every((name) => Object.hasOwn(other, name) && isSame(one[name], other[name]))
}

/** The new rows, where they are the same as before as the same objects: what shows them need not show them again. */
export const sharing = <Row extends AnyRow>(before: readonly Row[], after: readonly Row[]): readonly Row[] => {
  const known = new Map(before.map((row) => [row.id, row]))
  const shared = after.map((row) => {
    const old = known.get(row.id)
    return old !== undefined && isSame(old, row) ? old : row
  })
  return shared.length === before.length && shared.every((row, index) => row === before[index]) ? before : shared
}

/** Fields of a row as they are hoped to be, or were answered to be, until the list has been read after that. */
export interface Overlay {
  readonly id: string
  fields: Readonly<Record<string, unknown>>
  /** The moment of the answer. */
  answered?: number
}

export const laidOver = <Row extends AnyRow>(items: readonly Row[], overlays: Iterable<Overlay>): readonly Row[] => {
  const all = [...overlays]
  if (all.length === 0) return items
  return items.map((row) => all.filter(({ id }) => id === row.id).reduce((shown, { fields }) => ({ ...shown, ...fields }), row))
}
