// A kept reply of rows, given again: of each row, what the caller may read now, by the row as it now is.
import type { Operation } from '../call/operation.ts'
import type { Payload } from '../define/call.ts'
import type { Row } from '../define/rights.ts'
import type { Resource } from '../model/resource.ts'
import { findRow } from './select.ts'

const isRow = (value: unknown): value is Row => typeof value === 'object' && value !== null && 'id' in value && typeof value.id === 'string'

/** How the operations of a resource give a kept reply again. */
export const replayRows = (resource: Resource): NonNullable<Operation['replay']> => async (call, { reply, own }) => {
  // One that is gone is told whole to the session that was told it.
  const readable = async (told: Row): Promise<Payload> => {
    const row = (await findRow(call.db, resource, told.id)) ?? (own ? told : undefined)
    const fields = row && (await call.rights.can('get', resource, row)) ? await call.rights.fields('get', resource, row) : new Set<string>()
    return Object.fromEntries(Object.entries(told).filter(([name]) => name === 'id' || fields.has(name)))
  }
  if (isRow(reply)) return readable(reply)
  const { items, ...rest } = reply
  if (!Array.isArray(items) || !items.every(isRow) || Object.keys(rest).length > 0) return undefined
  const shown: Payload[] = []
  for (const item of items) shown.push(await readable(item))
  return { items: shown }
}
