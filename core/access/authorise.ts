// The decision over one row and what a refusal says: what may not be seen is not found, what may be seen is forbidden.
import type { Resource } from '../model/resource.ts'
import type { DecidingCall } from './row-rights.ts'
import { forbidden, notFound } from '../define/errors.ts'
import type { Payload } from '../define/call.ts'
import type { Row } from '../define/rights.ts'

interface Wanted {
  readonly action: string
  readonly key: string
}

/**
 * Asks for an action on a row that may not exist.
 * @throws AppError forbidden when the key is held nowhere or the row can be seen, else not_found
 */
export const authoriseRow = async (call: DecidingCall, resource: Resource, row: Row | undefined, wanted: Wanted): Promise<Row> => {
  if (row && (await call.rights.can(wanted.action, resource, row))) return row
  if (!call.rights.holds(wanted.key)) throw forbidden(wanted.key)
  if (row && (await isReadable(call, resource, row))) throw forbidden(wanted.key)
  throw notFound()
}

const isReadable = async (call: DecidingCall, resource: Resource, row: Row): Promise<boolean> =>
  (await call.rights.can('get', resource, row)) || call.rights.can('list', resource, row)

/**
 * Asks for an action on the row as it would be.
 * @throws AppError forbidden
 */
export const authoriseCandidate = async (
  call: DecidingCall, resource: Resource, candidate: Payload, wanted: Wanted & { readonly fields?: readonly string[] },
): Promise<void> => {
  for (const field of wanted.fields ?? [undefined]) {
    if (!(await call.rights.can(wanted.action, resource, candidate, field))) throw forbidden(wanted.key)
  }
}
