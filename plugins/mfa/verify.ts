// The second step of a log-in: the demand after the password, and auth-mfa-verify.
import { object, string } from 'yup'
import { AppError, id, operation, type Call, type Payload } from '../../core/define/index.ts'
import { consumeChallenge, isMailedCode, makeMailCode, openChallenge, tryChallenge, type Challenge } from './challenge.ts'
import { checkCode, countTry, findFactor, forgetTries, type Factor } from './factor.ts'
import type { MfaParts } from './parts.ts'
import { settings as own } from './settings.ts'

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
  if (factor.type === 'email' && key && isMailedCode(challenge, code, key)) return true
  return checkCode(call.db, parts.sealing, factor, code)
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
    const factor = await findFactor(call.db, userId)
    if (factor?.enabled !== true || !(await consumeChallenge(call.db, challenge))) throw refused()
    if (!(await isRight(call, parts, { factor, challenge, code }))) throw refused()
    await forgetTries(call.db, userId)
    const account = await parts.accountOf(call.db, userId)
    if (account?.status !== 'active') throw refused()
    return parts.complete(call, account, { factorPassed: true })
  },
})
