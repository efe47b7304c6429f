// What events demand of their callers, and the decision over one row: what may not be seen is not found, what may be seen is forbidden.
import type { Resource } from '../model/resource.ts'
import type { DecidingCall, RowRights } from './row-rights.ts'
import { forbidden, notFound } from '../define/errors.ts'
import type { Payload } from '../define/call.ts'
import type { Row } from '../define/rights.ts'

interface Wanted {
  readonly action: string
  readonly key: string
}

/** An action on the row that `id` names. */
export interface RowDemand extends Wanted {
  readonly on: 'row'
  readonly resource: Resource
}

/** An action of which only the rows that it lists or makes tell how far it goes. */
export interface ActionDemand extends Wanted {
  readonly on: 'resource'
  readonly resource: Resource
}

/** A key, held everywhere or anywhere. */
export interface KeyDemand {
  readonly on: 'key'
  readonly key: string
  readonly anywhere: boolean
}

/** What an event demands whatever else its payload says. Without any, a session will do, or no one need be known. */
export type Demand = RowDemand | ActionDemand | KeyDemand

/** The demand of one of the five actions on a row. */
export const onRow = (resource: Resource, action: 'get' | 'update' | 'delete'): RowDemand =>
  ({ on: 'row', resource, action, key: resource.keys[action] })

/** The demand of an action that is about no row yet. */
export const onResource = (resource: Resource, action: 'list' | 'create'): ActionDemand =>
  ({ on: 'resource', resource, action, key: resource.keys[action] })

/**
 * Asks as much of a demand as can be asked without a row.
 * @throws AppError forbidden
 */
export const authorise = async ({ rights }: { readonly rights: RowRights }, demand: Demand): Promise<void> => {
  const { key } = demand
  const isHeld = demand.on !== 'key' ? rights.mayAsk(demand.action, demand.resource, key)
    : demand.anywhere ? rights.holds(key) : await rights.covers({ key, scopeId: null, deny: false })
  if (!isHeld) throw forbidden(key)
}

/**
 * Asks for an action on a row that may not exist.
 * @throws AppError forbidden when the key is held nowhere or the row can be seen, else not_found
 */
export const authoriseRow = async (call: Pick<DecidingCall, 'rights'>, demand: RowDemand, row: Row | undefined): Promise<Row> => {
  const { resource, action, key } = demand
  if (row && (await call.rights.can(action, resource, row))) return row
  if (!call.rights.holds(key)) throw forbidden(key)
  if (row && (await isReadable(call, resource, row))) throw forbidden(key)
  throw notFound()
}

const isReadable = async ({ rights }: Pick<DecidingCall, 'rights'>, resource: Resource, row: Row): Promise<boolean> =>
  (await rights.can('get', resource, row)) || rights.can('list', resource, row)

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
