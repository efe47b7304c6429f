// Proving a password: counted before it is compared, one attempt after another for each account, alike for
// accounts that exist and that do not.
import { object, string } from 'yup'
import { AppError, operation, statement, type Call, type Principal, type Settings } from '../../core/define/index.ts'
import type { Account, Accounts } from './accounts.ts'
import type { Hashing } from './hashing.ts'
import { accountKey, sharesOf, type Lockout } from './lockout.ts'
import { sessionOf } from './sessions.ts'
import { reasons, settings as own } from './settings.ts'

type ProvingCall = Pick<Call, 'db' | 'connection' | 'notes' | 'afterCommit'>

export interface Prover {
  /**
   * The account with this address, if the password is its own, it is active and not locked.
   * @throws AppError unavailable, which counts as no attempt
   */
  prove(call: ProvingCall, email: string, password: string): Promise<Account | undefined>
  /** The same for the user of a session. */
  proveOwn(call: ProvingCall, userId: string, password: string): Promise<Account | undefined>
}

export interface ProverParts {
  readonly accounts: Accounts
  readonly hashing: Hashing
  readonly lockout: Lockout
  /** Called when an address becomes locked, whether or not an account has it: all are treated alike, in the same time. */
  readonly onLock: (call: ProvingCall, email: string) => Promise<void>
}

export const createProver = ({ accounts, hashing, lockout, onLock }: ProverParts): Prover => {
  const prove: Prover['prove'] = (call, email, password) => {
    const { db, connection, notes } = call
    const key = accountKey(email)
    return lockout.inTurn(key, connection.ip, async () => {
      await lockout.requireAddress(db, connection.ip)
      const attempt = await lockout.begin(db, key)
      const account = await accounts.byEmail(db, email)
      const hash = attempt.allowed && account?.status === 'active' ? account.passwordHash : null
      const isEqual = await hashing.compare(password, hash ?? undefined, sharesOf(key, connection)).catch(async (error: unknown) => {
        await lockout.undo(db, key, attempt)
        throw error
      })
      if (isEqual && account) {
        await lockout.succeeded(db, key)
        return account
      }
      // Plugins that keep records of failures are told whose this was, and what it led to.
      if (account) notes.set(statement, { targetType: 'user', targetId: account.id, ...(attempt.locksNow ? { reason: 'locked' } : {}) })
      await lockout.addressFailed(db, connection.ip)
      if (attempt.locksNow) await onLock(call, email)
      return undefined
    })
  }
  return {
    prove,
    async proveOwn(call, userId, password) {
      const account = await accounts.byId(call.db, userId)
      return account && prove(call, account.email, password)
    },
  }
}

/**
 * The session of a call, if its user logged in or proved the password lately, by the clock of the database; a refresh is neither.
 * What hardens or opens an account asks for it. API tokens prove nothing.
 * @throws AppError unauthenticated, forbidden
 */
export type RequireFresh = (call: Pick<Call, 'db' | 'connection'>) => Promise<Principal>

export const createRequireFresh = (settings: Settings): RequireFresh => async (call) => {
  const principal = sessionOf(call)
  const row: { fresh: boolean } | undefined = await call.db('sessions').where({ id: principal.sessionId, user_id: principal.actorId })
    .first(call.db.raw('greatest(created_at, proved_at) > now() - make_interval(mins => ?) as fresh', [
      settings.get(own.reauthenticateAfter),
    ]))
  if (row?.fresh === true) return principal
  throw reasons.reauthenticate()
}

const refused = () => new AppError('unauthenticated', { message: 'The password is wrong' })

/** The account of a session whose password is proved anew. @throws AppError unauthenticated */
export const requireOwnPassword = async (prover: Prover, call: ProvingCall, password: string): Promise<Account> => {
  const account = await prover.proveOwn(call, sessionOf(call).actorId, password)
  if (!account) throw refused()
  return account
}

/** auth-reauthenticate: the attempt is counted like a log-in's. */
export const reauthenticate = (prover: Prover, accounts: Accounts) => operation({
  event: 'auth-reauthenticate',
  kind: 'mutation',
  access: 'session',
  input: object({ password: string().max(1024).required() }),
  prepare: (call) => requireOwnPassword(prover, call, call.input.password),
  async handle(call, account) {
    // The password may have been replaced while its hash was compared.
    const now = await accounts.hold(call.db, account.id, 'share')
    if (now?.status !== 'active' || now.passwordHash !== account.passwordHash) throw refused()
    const proved = await call.db('sessions').where({ id: sessionOf(call).sessionId, user_id: account.id }).whereNull('ended_at').update({
      proved_at: call.db.fn.now(),
    })
    if (proved === 0) throw new AppError('unauthenticated')
    return { success: true }
  },
})
