// Proving a password: counted before it is compared, one after another for each account, alike for every account there is or is not.
import { foldAddress, type Call } from '../../core/define/index.ts'
import { accountOf, findAccount, type Account } from './credentials.ts'
import type { Hashing } from './hashing.ts'
import { sharesOf, type Attempt, type Lockout } from './lockout.ts'

export interface Prover {
  /** The account, if the password is its own, it is active and not locked. */
  prove(call: Pick<Call, 'db' | 'connection' | 'notes'>, email: string, password: string): Promise<Account | undefined>
  /** The same for the user of a session. */
  proveOwn(call: Pick<Call, 'db' | 'connection' | 'notes'>, userId: string, password: string): Promise<Account | undefined>
}

export interface ProverParts {
  readonly hashing: Hashing
  readonly lockout: Lockout
  /** Called when an address becomes locked, whether or not it is of an account: all are treated alike, in the same time. */
  readonly onLock: (call: Pick<Call, 'db'>, email: string) => Promise<void>
}

/** The key of an account's attempts; it is the address that counts, so that unknown ones are treated alike. */
export const accountKey = (email: string): string => `account:${foldAddress(email)}`

export const createProver = ({ hashing, lockout, onLock }: ProverParts): Prover => {
  /** @throws AppError unavailable, which counts as no attempt */
  const compare = async ({ db, connection }: Pick<Call, 'db' | 'connection'>, { password, hash, key, attempt }: { password: string; hash: string | null; key: string; attempt: Attempt }): Promise<boolean> => {
    try {
      return await hashing.compare(password, hash ?? undefined, sharesOf(key, connection))
    } catch (error) {
      await lockout.undo(db, key, attempt)
      throw error
    }
  }
  const prove: Prover['prove'] = ({ db, connection, notes }, email, password) =>
    lockout.inTurn(accountKey(email), connection.ip, async () => {
      await lockout.requireAddress(db, connection.ip)
      const key = accountKey(email)
      const attempt = await lockout.begin(db, key)
      const account = await findAccount(db, email)
      const hash = attempt.allowed && account?.status === 'active' ? account.password_hash : null
      const equal = await compare({ db, connection }, { password, hash, key, attempt })
      if (equal && account) {
        await lockout.succeeded(db, key)
        return account
      }
      // Whoever keeps a record of failures is told whose this was, and what it led to.
      if (account) notes.set('audit', { targetType: 'user', targetId: account.id, ...(attempt.locksNow ? { reason: 'locked' } : {}) })
      await lockout.addressFailed(db, connection.ip)
      if (attempt.locksNow) await onLock({ db }, email)
      return undefined
    })
  return {
    prove,
    async proveOwn(call, userId, password) {
      const account = await accountOf(call.db, userId)
      return account && prove(call, account.email, password)
    },
  }
}
