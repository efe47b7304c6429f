// A repeated request gets its first reply, as far as the actor may still have it; nothing else happens.
import type { Knex } from 'knex'
import type { Resource } from '../model/resource.ts'
import { findRow } from '../crud/select.ts'
import type { Payload } from '../define/call.ts'
import { conflict, forbidden } from '../define/errors.ts'
import type { Row } from '../define/rights.ts'
import type { Answered, Idempotency, Request } from './idempotency.ts'
import type { EngineCall, Operation } from './operation.ts'

/** Answers a request that was answered before; undefined when it was not. */
export type Repeated = (operation: Operation, request: Request | undefined, call: EngineCall) => Promise<Payload | undefined>

const requireRight = ({ right, resource }: Operation, { rights }: EngineCall): void => {
  if (!right) return
  const entitled = right.action && resource ? rights.mayAsk(right.action, resource, right.key) : rights.holds(right.key)
  if (!entitled) throw forbidden(right.key)
}

const isRow = (value: unknown): value is Row => typeof value === 'object' && value !== null && 'id' in value && typeof value.id === 'string'

export const createRepeated = (knex: Knex, idempotency: Idempotency): Repeated => {
  /** Of a row as it was answered, what may be read now, by the row as it now is. One that is gone is told whole to the session that was told it. */
  const readable = async (call: EngineCall, resource: Resource, told: Row, own: boolean): Promise<Payload> => {
    const row = (await findRow(knex, resource, told.id)) ?? (own ? told : undefined)
    const fields = row && (await call.rights.can('get', resource, row)) ? await call.rights.fields('get', resource, row) : new Set<string>()
    return Object.fromEntries(Object.entries(told).filter(([name]) => name === 'id' || fields.has(name)))
  }

  const rowsOf = async (call: EngineCall, resource: Resource, { reply, own }: Answered): Promise<Payload | undefined> => {
    if (isRow(reply)) return readable(call, resource, reply, own)
    const { items, ...rest } = reply
    if (!Array.isArray(items) || !items.every(isRow) || Object.keys(rest).length > 0) return undefined
    const shown: Payload[] = []
    for (const item of items) shown.push(await readable(call, resource, item, own))
    return { items: shown }
  }

  return async (operation, request, call) => {
    const answered = request && (await idempotency.answered(knex, request))
    if (!answered) return undefined
    requireRight(operation, call)
    const rows = operation.resource && (await rowsOf(call, operation.resource, answered))
    if (rows) return rows
    // What a plugin answers cannot be made less: an API token gets it only if it was told it before.
    if (!answered.own && call.connection.principal?.byKeys === true) {
      throw conflict({ reason: 'already_done' }, 'This was done already, in another session')
    }
    return answered.reply
  }
}
