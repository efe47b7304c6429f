// auth-reauthenticate, and the demand for it: what hardens or opens an account needs a log-in, or the password anew, of lately.
import { object, string } from 'yup'
import { AppError, operation, type Call, type Principal, type Settings } from '../../core/define/index.ts'
import { accountOf, lockAccount, type Account } from './credentials.ts'
import { sessionOf } from './own-sessions.ts'
import type { Prover } from './prove.ts'
import { settings as own } from './settings.ts'

/**
 * The session of a call, if its user logged in or proved the password lately; a refresh is neither. API tokens prove nothing.
 * @throws AppError unauthenticated, forbidden
 */
export type RequireFresh = (call: Pick<Call, 'db' | 'connection'>) => Promise<Principal>

/** By the clock of the database. */
export const createRequireFresh = (settings: Settings): RequireFresh => async (call) => {
  const principal = sessionOf(call)
  const row: { fresh: boolean } | undefined = await call.db('sessions').where({ id: principal.sessionId, user_id: principal.actorId })
    .first(call.db.raw('greatest(created_at, proved_at) > now() - make_interval(mins => ?) as fresh', [settings.get(own.reauthenticateAfter)]))
  if (row?.fresh === true) return principal
  throw new AppError('unauthenticated', { message: 'Prove your password again with auth-reauthenticate, or log in anew', details: { reason: 'reauthenticate' } })
}

const refused = () => new AppError('unauthenticated', { message: 'The password is wrong' })

/** auth-reauthenticate: the attempt is counted like a log-in's. */
export const reauthenticate = (prover: Prover) => operation({
  event: 'auth-reauthenticate',
  kind: 'mutation',
  access: 'session',
  input: object({ password: string().max(1024).required() }),
  async prepare(call): Promise<Account> {
    const account = await prover.proveOwn(call, sessionOf(call).actorId, call.input.password)
    if (!account) throw refused()
    return account
  },
  async handle(call, account) {
    const { sessionId } = sessionOf(call)
    // The password may have been replaced while its hash was compared.
    await lockAccount(call.db, account.id, 'share')
    const now = await accountOf(call.db, account.id)
    if (now?.status !== 'active' || now.password_hash !== account.password_hash) throw refused()
    const proved = await call.db('sessions').where({ id: sessionId, user_id: account.id }).whereNull('ended_at').update({ proved_at: call.db.fn.now() })
    if (proved === 0) throw new AppError('unauthenticated')
    return { success: true }
  },
})
