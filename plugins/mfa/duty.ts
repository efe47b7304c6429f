// While `account_require_mfa` is on, those without a second factor may do only what is essential, such as setting one up, and hear of no
// change.
import type { Knex } from 'knex'
import type { Principal, Settings, TargetedHook } from '#sovrane'
import { isEnrolled } from './factor.ts'
import { reasons, settings as own } from './parts.ts'

/** Beyond it the cache starts again. */
const maxCached = 50_000

/** What the plugin contributes for it. */
export const createDuty = (settings: Settings) => {
  const enrolled = new Set<string>()
  const isDone = async (db: Knex, userId: string): Promise<boolean> => {
    if (!settings.get(own.require) || enrolled.has(userId)) return true
    const found = await isEnrolled(db, userId)
    if (enrolled.size >= maxCached) enrolled.clear()
    if (found) enrolled.add(userId)
    return found
  }
  const hook: TargetedHook = {
    on: '*',
    async around({ actor, parent, connection, operation, db }, next) {
      // What an operation calls is its own affair, once its event was let through.
      const isLet = parent || !actor || connection.transport === 'internal' || operation.tags.includes('essential')
      if (isLet || (await isDone(db, actor.id))) return next()
      throw reasons.mfa_enrolment()
    },
  }
  return {
    hooks: [hook],
    mayListen: (db: Knex, { actorId }: Principal) => isDone(db, actorId),
    // A user's factor may have changed, or everyone's.
    onChange: ({ id }: { readonly id: string }) => void enrolled.delete(id),
    onReset: () => enrolled.clear(),
  }
}
