// While `account_require_mfa` is on, those without a second factor may do only what is essential, such as setting one up, and hear of no
// change.
import type { Knex } from 'knex'
import type { Call, Settings, TargetedHook } from '../../core/define/index.ts'
import { isEnrolled } from './factor.ts'
import { reasons, settings as own } from './parts.ts'

interface Duty {
  readonly hook: TargetedHook
  mayListen(db: Knex, actorId: string): Promise<boolean>
  /** A user's factor may have changed, or everyone's. */
  forget(userId?: string): void
}

/** Beyond it the cache starts again. */
const maxCached = 50_000

export const createDuty = (settings: Settings): Duty => {
  const enrolled = new Set<string>()
  const has = async (db: Knex, userId: string): Promise<boolean> => {
    if (enrolled.has(userId)) return true
    const found = await isEnrolled(db, userId)
    if (enrolled.size >= maxCached) enrolled.clear()
    if (found) enrolled.add(userId)
    return found
  }
  const mayListen = async (db: Knex, actorId: string): Promise<boolean> => !settings.get(own.require) || has(db, actorId)
  return {
    mayListen,
    forget(userId) {
      if (userId === undefined) enrolled.clear()
      else enrolled.delete(userId)
    },
    hook: {
      on: '*',
      async around(call: Call, next) {
        // What an operation calls is its own affair, once its event was let through.
        const isLet = call.parent || !call.actor || call.connection.transport === 'internal' || call.operation.tags.includes('essential')
        if (isLet) return next()
        if (await mayListen(call.db, call.actor.id)) return next()
        throw reasons.mfa_enrolment()
      },
    },
  }
}
