// The second step of a log-in: the demand after the password, and auth-mfa-verify.
import { object, string } from 'yup'
import { AppError, id, operation, type Call, type Payload, type TargetedHook } from '../../core/define/index.ts'
import { consumeChallenge, isMailedCode, makeMailCode, openChallenge, tryChallenge, type Challenge } from './challenge.ts'
import { checkCode, countTry, findFactor, forgetTries, type Factor } from './factor.ts'
import type { MfaParts } from './parts.ts'
import { settings as own } from './settings.ts'
import { bareCode } from './totp.ts'

const accountOf = async (call: Call, userId: string) => {
  const user = await call.call('user-get', { id: userId }, { as: 'system' })
  return { email: String(user['email']), locale: typeof user['locale'] === 'string' ? user['locale'] : null }
}

/** What a log-in with the right password gets in place of tokens. */
export const demand = ({ keys, mailCode }: MfaParts) => async (call: Call, userId: string): Promise<Payload | undefined> => {
  const factor = await findFactor(call.db, userId)
  if (factor?.enabled !== true) return undefined
  const [key] = keys
  const code = factor.type === 'email' ? makeMailCode() : undefined
  const mfaToken = await openChallenge(call.db, userId, call.connection, code !== undefined && key ? { code, key } : undefined)
  if (code !== undefined) await mailCode(call, await accountOf(call, userId), code)
  return { mfaRequired: true, userId, mfaType: factor.type, mfaToken }
}

/** What a log-in without a second factor is told when it must have one. */
export const remark = ({ settings }: MfaParts) => (): Promise<Payload> =>
  Promise.resolve(settings.get(own.require) ? { mfaEnrolmentRequired: true } : {})

const refused = () => new AppError('unauthenticated', { message: 'The code is wrong, or the log-in was too long ago' })

const isRight = async (call: Pick<Call, 'db'>, parts: MfaParts, { factor, challenge, code }: { factor: Factor; challenge: Challenge; code: string }): Promise<boolean> => {
  const [key] = parts.keys
  if (factor.type === 'email' && key && isMailedCode(challenge, bareCode(code), key)) return true
  return checkCode(call.db, parts.sealing, factor, code)
}

const expiredNote = 'mfa.password-expired'

/** The code is spent though the password has expired: a refusal would give it back with the transaction. */
const completeOnce = async (call: Call, userId: string, complete: () => Promise<Payload>): Promise<Payload> => {
  try {
    return await complete()
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'password_expired') throw error
    call.notes.set(expiredNote, error)
    call.notes.set('audit', { targetType: 'user', targetId: userId, failure: error.code })
    return {}
  }
}

/** Makes it a refusal once it is committed. */
export const expiredHook: TargetedHook = {
  on: 'auth-mfa-verify',
  async around(call, next) {
    const output = await next()
    const expired = call.notes.get(expiredNote)
    if (expired instanceof AppError) throw expired
    return output
  },
}

/** auth-mfa-verify. */
export const verify = (parts: MfaParts) => operation({
  event: 'auth-mfa-verify',
  secret: true,
  kind: 'mutation',
  access: 'public',
  input: object({ userId: id().required(), code: string().max(64).required(), mfaToken: string().max(256).optional() }),
  // The tries are counted outside of the transaction that a wrong code undoes.
  async prepare(call): Promise<Challenge> {
    const { userId, mfaToken } = call.input
    const challenge = await tryChallenge(call.db, userId, { token: mfaToken, connection: call.connection })
    if (!challenge) throw refused()
    await countTry(call.db, userId)
    return challenge
  },
  async handle(call, challenge) {
    const { userId, code } = call.input
    await parts.lockAccount(call.db, userId, 'share')
    const factor = await findFactor(call.db, userId)
    const age = factor?.enabled === true ? await consumeChallenge(call.db, challenge) : undefined
    if (!factor || age === undefined) throw refused()
    if (!(await isRight(call, parts, { factor, challenge, code }))) throw refused()
    await forgetTries(call.db, userId)
    const account = await parts.accountOf(call.db, userId)
    // What was proved before was the password that there was then.
    if (account?.status !== 'active' || (account.age !== null && account.age < age)) throw refused()
    return completeOnce(call, userId, () => parts.complete(call, account, { factorPassed: true }))
  },
})
