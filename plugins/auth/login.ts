// auth-login: a password in; out comes a session with its tokens, or the demand for a second factor. auth-reauthenticate: the same proof
// for a session that is open.
import { boolean, object, string } from 'yup'
import {
  AppError, done, either, email, extensionPoint, id, operation, rowOf, verbatim, type Answer, type Call, type Infer,
  type Payload,
} from '#sovrane'
import { accountKey, sharesOf } from './lockout.ts'
import { settings as own, type AuthParts } from './parts.ts'
import { prove, proveOwn, replaceHash, wrongPassword, type Account } from './passwords.ts'
import { openSession, sessionOf } from './sessions.ts'
import { tokenFields } from './tokens.ts'

/** What a log-in answers: a session, or the demand for a second factor. */
export const loginReply = either(
  object({
    ...tokenFields(), user: rowOf('user'), passwordWillExpireSoon: boolean().required(),
    /** Until one is set up, nothing else is allowed. */
    mfaEnrolmentRequired: boolean().isTrue().optional(),
  }),
  object({
    mfaRequired: boolean().isTrue().required(), userId: id().required(), mfaType: string().required(), mfaToken: string().required(),
  }),
)
export type LoginReply = Answer<Infer<typeof loginReply>>
type Demand = Extract<LoginReply, { readonly mfaToken: string }>

/** Another plugin's say in a log-in whose password was proved. */
export interface SecondFactor {
  /** What the client is told in place of tokens; undefined without a second factor. `user`: the account as `user-get` has it. */
  demand(call: Call, account: Account, user: Payload): Promise<Demand | undefined>
  /** What is added to the reply of a log-in that needed none. */
  remark(): { readonly mfaEnrolmentRequired?: true }
}

/** At most one plugin provides it. */
export const secondFactor = extensionPoint<SecondFactor>({ plugin: 'auth', kind: 'second factor' })

/**
 * Lets an account in that is held by this transaction and has proved its password, and its second factor if that is said: the reply of a
 * log-in, with a new session, or the demand for the factor. @throws AppError password_expired
 */
export const enter = async (
  parts: AuthParts, call: Call, account: Account, { factorPassed }: { readonly factorPassed: boolean },
): Promise<LoginReply> => {
  const { tokens, limits, settings, resets, factors } = parts
  const [second] = factors.values()
  // Read within the transaction that holds the account: a second factor may just have been enabled.
  const user = await call.call('user-get', { id: account.id }, { as: 'system' })
  const demanded = factorPassed ? undefined : await second?.demand(call, account, user)
  if (demanded) return demanded
  const daysLeft = settings.get(own.expire) && account.passwordAge !== null
    ? settings.get(own.expireAfter) - account.passwordAge
    : Number.POSITIVE_INFINITY
  if (daysLeft <= 0) throw new AppError('password_expired', { details: { resetToken: await resets.forExpired(call.db, account.id) } })
  const { id, refreshToken, openedAt } = await openSession(call.db, account.id, call.connection, { ...limits, factorPassed })
  return {
    ...tokens.issue(account.id, id, limits.absolute),
    refreshToken,
    user: { ...user, lastLoginAt: openedAt },
    passwordWillExpireSoon: daysLeft <= settings.get(own.warningDays),
    ...(factorPassed ? {} : second?.remark()),
  }
}

const refused = () => new AppError('unauthenticated', { message: 'The address or the password is wrong' })

export const login = (parts: AuthParts) => operation({
  event: 'auth-login',
  about: 'Logs in with an address and a password',
  errors: ['unauthenticated', 'password_expired'],
  secret: true,
  kind: 'mutation',
  access: 'public',
  input: object({ email: email().required(), password: verbatim(1024).required() }),
  output: loginReply,
  async prepare(call) {
    const { email: address, password } = call.input
    const account = await prove(parts, call, address, password)
    if (!account) throw refused()
    const shares = sharesOf(accountKey(address), call.connection)
    const isOutdated = await parts.hashing.isOutdated(password, account.passwordHash, shares)
    return { account, stronger: isOutdated ? await parts.hashing.hash(password, shares) : undefined }
  },
  async handle(call, { account, stronger }) {
    if (!(await parts.accounts.holdProved(call.db, account))) throw refused()
    if (stronger !== undefined) await replaceHash(call.db, account.id, stronger)
    return enter(parts, call, account, { factorPassed: false })
  },
})

export const reauthenticate = (parts: AuthParts) => operation({
  event: 'auth-reauthenticate',
  about: 'Proves the password anew for this session',
  errors: ['auth.token'],
  kind: 'mutation',
  access: 'session',
  input: object({ password: verbatim(1024).required() }),
  output: done(),
  prepare: (call) => proveOwn(parts, call, call.input.password),
  async handle(call, account) {
    if (!(await parts.accounts.holdProved(call.db, account))) throw wrongPassword()
    const { sessionId } = sessionOf(call)
    const proved = await call.db('sessions').where({ id: sessionId, user_id: account.id }).whereNull('ended_at')
      .update({ proved_at: call.db.fn.now() })
    if (proved === 0) throw new AppError('unauthenticated')
    return { success: true }
  },
})
