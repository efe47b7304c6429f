// A repeated request gets its first reply, as far as the actor may still have it; nothing else happens.
import type { Knex } from 'knex'
import { authorise } from '../access/authorise.ts'
import { coreReasons } from '../define/errors.ts'
import type { Payload } from '../define/call.ts'
import type { Idempotency, KeptRequest } from './idempotency.ts'
import type { EngineCall, Operation } from './operation.ts'

interface Repeating {
  readonly knex: Knex
  readonly idempotency: Idempotency
}

/** Answers a request that was answered before; undefined when it was not. */
export const createRepeated = ({ knex, idempotency }: Repeating) =>
  async (operation: Operation, request: KeptRequest, call: EngineCall): Promise<Payload | undefined> => {
    const answered = await idempotency.answered(knex, request)
    if (!answered) return undefined
    // The row may have changed since, or be gone.
    for (const demand of operation.steps.demands) await authorise(call, demand)
    const readable = await operation.replay?.(call, answered)
    if (readable) return readable
    // What a plugin answers cannot be made less: an API token gets it only if it was told it before.
    if (!answered.own && call.connection.principal?.byKeys === true) {
      throw coreReasons.already_done({}, 'This was done already, in another session')
    }
    return answered.reply
  }
