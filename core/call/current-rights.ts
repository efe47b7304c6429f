// Rights are those at the moment of the write, after every lock is held. Source: docs/protocol.md §5.
import type { Knex } from 'knex'
import type { Actors, Admitted } from '../access/actors.ts'
import type { Stamp } from '../access/actor-rows.ts'
import { haveRightsChanged } from '../db/sqlstate.ts'
import type { Principal } from '../define/call.ts'
import { AppError } from '../define/errors.ts'

/** The rights by which a transaction has decided are no longer those of its actor: it is undone and decides anew. */
class RightsChanged extends Error {}

/** Changes of rights that one request follows before it gives up. A stamp that is raised and leaves the actor's rights alone is none. */
const changes = 4

/** Refusals that other rights may have turned into an answer. */
const dependOnRights = new Set(['forbidden', 'not_found', 'invalid_payload'])

interface CurrentRightsOptions {
  readonly actors: Actors
  /** Outside of the transaction: sees what others have committed, and nothing of what the transaction has done. */
  readonly knex: Knex
  readonly principal: Principal | undefined
  readonly admitted: Admitted | undefined
}

export interface CurrentRights {
  /** Runs a transaction with the actor's rights, and again with others when these have changed before it committed. */
  run<T>(transaction: (admitted: Admitted | undefined) => Promise<T>): Promise<T>
  /**
   * Before the commit: throws, so that the transaction is undone, when the actor's rights are others than those it decided by.
   * Where a stamp tells, it answers it instead: the commit compares it.
   */
  confirm(trx: Knex): Promise<Stamp | undefined>
}

export const createCurrentRights = ({ actors, knex, principal, admitted }: CurrentRightsOptions): CurrentRights => {
  let decidedBy = admitted
  // A transaction that changes its own actor's rights, such as giving up a role, is not undone for that. A stamp tells its raises apart.
  let changesOwnRights = false

  return {
    async run(transaction) {
      for (let followed = 0; ;) {
        try {
          return await transaction(decidedBy)
        } catch (error) {
          const isRefusal = error instanceof AppError && dependOnRights.has(error.code)
          if (!principal || !(isRefusal || error instanceof RightsChanged || haveRightsChanged(error))) throw error
          const now = await actors.admit(knex, principal, { fresh: true })
          const isSame = actors.sameRights(now, decidedBy)
          if (isRefusal && isSame) throw error
          if (!isSame && (followed += 1) === changes) throw new AppError('unavailable', { retryAfter: 1, cause: error })
          changesOwnRights = isSame
          decidedBy = now
        }
      }
    },
    async confirm(trx) {
      if (!principal) return undefined
      if (decidedBy?.stamp && principal.expiresAt > Date.now()) return decidedBy.stamp
      if (changesOwnRights) return undefined
      const now = await actors.admit(trx, principal, { fresh: true }).catch((error: unknown) => {
        // Ended, by others or by the transaction itself: which of the two is seen outside of it.
        if (error instanceof AppError && error.code === 'unauthenticated') return undefined
        throw error
      })
      if (!now || !actors.sameRights(now, decidedBy)) throw new RightsChanged('The rights of the actor have changed')
      return undefined
    },
  }
}
