// A repeated request gets its first reply, as far as the actor may still have it; nothing else happens.
import type { Knex } from 'knex'
import { authorise, type Demand } from '../access/authorise.ts'
import { coreReasons, forbidden } from '../define/errors.ts'
import type { Payload } from '../define/call.ts'
import type { Idempotency, KeptRequest } from './idempotency.ts'
import type { EngineCall, Operation } from './operation.ts'

interface Repeating {
  readonly knex: Knex
  readonly idempotency: Idempotency
}

/** The rows that a request has named. */
const idsIn = ({ id, items }: Payload): string[] =>
  (Array.isArray(items) ? items.flatMap((item: Payload) => idsIn(item)) : typeof id === 'string' ? [id] : [])

/**
 * The row may have changed since, or be gone: a key that is held somewhere will do. Without it there is only what a rule gives, such as
 * that about one's own row, and it gives nothing on others.
 * @throws AppError forbidden
 */
const authoriseAgain = async (call: EngineCall, demand: Demand): Promise<void> => {
  await authorise(call, demand)
  if (demand.on === 'key' || demand.action === 'create' || demand.action === 'delete' || call.rights.holds(demand.key)) return
  const ids = [...new Set(idsIn(call.input))]
  const reached = await call.rights.among(demand.action, demand.resource, ids)
  if (reached.size < ids.length) throw forbidden(demand.key)
}

/** Answers a request that was answered before; undefined when it was not. */
export const createRepeated = ({ knex, idempotency }: Repeating) =>
  async (operation: Operation, request: KeptRequest, call: EngineCall): Promise<Payload | undefined> => {
    const answered = await idempotency.answered(knex, request)
    if (!answered) return undefined
    for (const demand of operation.steps.demands) await authoriseAgain(call, demand)
    const readable = await operation.replay?.(call, answered)
    if (readable) return readable
    // What a plugin answers cannot be made less: an API token gets it only if it was told it before.
    if (!answered.own && call.connection.principal?.byKeys === true) {
      throw coreReasons.already_done({}, 'This was done already, in another session')
    }
    return answered.reply
  }
