// A repeated request gets its first reply, as far as the actor may still have it; nothing else happens.
import type { Knex } from 'knex'
import { coreReasons, forbidden } from '../define/errors.ts'
import type { Payload } from '../define/call.ts'
import type { Resources } from '../model/resource.ts'
import type { Idempotency, KeptRequest } from './idempotency.ts'
import type { EngineCall, Operation } from './operation.ts'

interface Repeating {
  readonly knex: Knex
  readonly idempotency: Idempotency
  readonly resources: Resources
}

const requireRight = (resources: Resources, { right, resource }: Operation, { rights }: EngineCall): void => {
  if (!right) return
  const asked = right.action && resource !== undefined ? resources.get(resource) : undefined
  const entitled = right.action && asked ? rights.mayAsk(right.action, asked, right.key) : rights.holds(right.key)
  if (!entitled) throw forbidden(right.key)
}

/** Answers a request that was answered before; undefined when it was not. */
export const createRepeated = ({ knex, idempotency, resources }: Repeating) =>
  async (operation: Operation, request: KeptRequest, call: EngineCall): Promise<Payload | undefined> => {
    const answered = await idempotency.answered(knex, request)
    if (!answered) return undefined
    requireRight(resources, operation, call)
    const readable = await operation.replay?.(call, answered)
    if (readable) return readable
    // What a plugin answers cannot be made less: an API token gets it only if it was told it before.
    if (!answered.own && call.connection.principal?.byKeys === true) {
      throw coreReasons.already_done({}, 'This was done already, in another session')
    }
    return answered.reply
  }
