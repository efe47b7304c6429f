// auth-login: a password in; out comes a session with its tokens, or the demand for a second factor.
import { object } from 'yup'
import { AppError, email, extensionPoint, operation, verbatim, type Call, type Payload, type Settings } from '../../core/define/index.ts'
import { replaceHash, type Account, type Accounts } from './accounts.ts'
import { isOutdated, type Hashing } from './hashing.ts'
import { accountKey, sharesOf } from './lockout.ts'
import type { ResetTokens } from './mailed-links.ts'
import type { Prover } from './proof.ts'
import { openSession, type SessionLimits } from './sessions.ts'
import { settings as own } from './settings.ts'
import type { AccessTokens } from './tokens.ts'

/** Another plugin's say in a log-in whose password was proved. */
export interface SecondFactor {
  /** What the client is told in place of tokens; undefined when the account has no second factor. */
  demand(call: Call, account: Account): Promise<Payload | undefined>
  /** What is added to the reply of a log-in that needed none. */
  remark(call: Call, account: Account): Promise<Payload>
}

/** At most one plugin provides it. */
export const secondFactor = extensionPoint<SecondFactor>({ plugin: 'auth', kind: 'second factor' })

interface LogInParts {
  readonly accounts: Accounts
  readonly prover: Prover
  readonly hashing: Hashing
  readonly tokens: AccessTokens
  readonly limits: SessionLimits
  readonly settings: Settings
  readonly resets: ResetTokens
  readonly factors: ReadonlyMap<string, SecondFactor>
}

const refused = () => new AppError('unauthenticated', { message: 'The address or the password is wrong' })

export const createLogIn = ({ accounts, prover, hashing, tokens, limits, settings, resets, factors }: LogInParts) => {
  const second = (): SecondFactor | undefined => [...factors.values()][0]

  /** Opens a session for an account that is held by this transaction and has proved all that it must. @throws AppError password_expired */
  const complete = async (call: Call, account: Account, { factorPassed }: { readonly factorPassed: boolean }): Promise<Payload> => {
    const daysLeft = settings.get(own.expire) && account.passwordAge !== null
      ? settings.get(own.expireAfter) - account.passwordAge
      : Number.POSITIVE_INFINITY
    if (daysLeft <= 0) throw new AppError('password_expired', { details: { resetToken: await resets.forExpired(call.db, account.id) } })
    const session = await openSession(call.db, account.id, call.connection, { ...limits, factorPassed })
    await call.db('logins').insert({ user_id: account.id, last_login_at: call.db.fn.now() }).onConflict('user_id').merge(['last_login_at'])
    return {
      ...tokens.issue(account.id, session.id, limits.absolute),
      refreshToken: session.refreshToken,
      user: await call.call('user-get', { id: account.id }, { as: 'system' }),
      passwordWillExpireSoon: daysLeft <= settings.get(own.warningDays),
      ...(factorPassed ? {} : await second()?.remark(call, account)),
    }
  }

  const login = operation({
    event: 'auth-login',
    secret: true,
    kind: 'mutation',
    access: 'public',
    input: object({ email: email().required(), password: verbatim(1024).required() }),
    async prepare(call) {
      const { email: address, password } = call.input
      const account = await prover.prove(call, address, password)
      const { id, passwordHash } = account ?? {}
      if (id === undefined || typeof passwordHash !== 'string') throw refused()
      const shares = sharesOf(accountKey(address), call.connection)
      const stronger = await isOutdated(hashing, password, passwordHash, shares) ? await hashing.hash(password, shares) : undefined
      return { id, passwordHash, stronger }
    },
    async handle(call, { id, passwordHash, stronger }) {
      // The account may have changed while the hash was compared, and a second factor be just about to be enabled.
      const account = await accounts.hold(call.db, id, 'share')
      if (account?.status !== 'active' || account.passwordHash !== passwordHash) throw refused()
      if (stronger !== undefined) await replaceHash(call.db, id, passwordHash, stronger)
      return (await second()?.demand(call, account)) ?? complete(call, account, { factorPassed: false })
    },
  })

  return { login, complete }
}
