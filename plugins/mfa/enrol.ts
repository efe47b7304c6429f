// auth-mfa-setup and auth-mfa-enable: the active factor does not change until the new one is enabled.
import { toDataURL } from 'qrcode'
import { object, string } from 'yup'
import { AppError, conflict, invalidPayload, operation, type Call, type Payload } from '../../core/define/index.ts'
import { makeMailCode } from './challenge.ts'
import { checkTotp, countTry, findFactor, forgetTries, type FactorType } from './factor.ts'
import type { MfaParts } from './parts.ts'
import { renewRecoveryCodes } from './recovery.ts'
import { settings as own } from './settings.ts'
import { bareCode, makeSecret, otpauthUrl } from './totp.ts'

/** Milliseconds that a mailed code is good for. */
const codeLifetime = 300_000

const isPendingCode = (opened: string, code: string): boolean => {
  const [wanted, until] = opened.split(' ')
  return wanted === code && Number(until) > Date.now()
}

const types = ['totp', 'email'] as const satisfies readonly FactorType[]

const storePending = async (call: Pick<Call, 'db'>, userId: string, type: FactorType, sealed: string): Promise<void> => {
  await call.db('mfa_factors').insert({ user_id: userId, pending_type: type, pending_secret: sealed }).onConflict('user_id').merge(['pending_type', 'pending_secret'])
}

const notAllowed = () => new AppError('forbidden', { message: 'Second factors are turned off', details: { reason: 'mfa.not_allowed' } })

export const setup = ({ settings, sealing, requireFresh, accountOf, mailCode }: MfaParts) => operation({
  event: 'auth-mfa-setup',
  secret: true,
  kind: 'mutation',
  access: 'session',
  input: object({ type: string().oneOf(types).optional() }),
  async handle(call): Promise<Payload> {
    const { actorId } = await requireFresh(call)
    if (!settings.get(own.allow)) throw notAllowed()
    const account = await accountOf(call.db, actorId)
    if (!account) throw new AppError('unauthenticated')
    if (call.input.type === 'email') {
      const code = makeMailCode()
      await storePending(call, actorId, 'email', sealing.seal(actorId, `${code} ${Date.now() + codeLifetime}`))
      await mailCode(call, account, code)
      return { type: 'email', email: account.email }
    }
    const secret = makeSecret()
    await storePending(call, actorId, 'totp', sealing.seal(actorId, secret))
    const url = otpauthUrl(secret, account.email)
    return { secret, otpauthUrl: url, qrCode: await toDataURL(url) }
  },
})

/** auth-mfa-enable: ends the user's other sessions and hands out the recovery codes. */
export const enable = ({ settings, sealing, sessionOf, requireFresh, lockAccount, endSessions }: MfaParts) => operation({
  event: 'auth-mfa-enable',
  secret: true,
  kind: 'mutation',
  access: 'session',
  input: object({ type: string().oneOf(types).required(), code: string().max(64).optional() }),
  async prepare(call) {
    const { actorId } = await requireFresh(call)
    if (call.input.code !== undefined) await countTry(call.db, actorId)
  },
  async handle(call): Promise<Payload> {
    const { actorId, sessionId } = sessionOf(call)
    const { type } = call.input
    const code = call.input.code === undefined ? undefined : bareCode(call.input.code)
    if (!settings.get(own.allow)) throw notAllowed()
    // A log-in under way would still be let in without the factor.
    await lockAccount(call.db, actorId, 'change')
    const factor = await findFactor(call.db, actorId)
    if (factor?.pending_type !== type || factor.pending_secret === null) throw conflict({ reason: 'mfa.no_setup' }, 'There is no pending set-up of this type')
    // A code by mail is the only proof that the address is read.
    const needed = settings.get(own.confirm) || type === 'email'
    if (code === undefined && needed) throw invalidPayload([{ path: 'code', message: 'is required' }])
    const { pending_secret: secret } = factor
    const right = code === undefined
      || (type === 'email' ? isPendingCode(sealing.open(actorId, secret), code) : await checkTotp(call.db, sealing, { userId: actorId, secret, code }))
    if (!right) throw new AppError('unauthenticated', { message: 'The code is wrong' })
    // Another type is a change of the user's row, which `enabled` makes known.
    if (factor.enabled && factor.type !== type) await call.db('mfa_factors').where({ user_id: actorId }).update({ enabled: false })
    await call.db('mfa_factors').where({ user_id: actorId }).update({ enabled: true, type, secret: type === 'totp' ? secret : null, pending_type: null, pending_secret: null })
    await forgetTries(call.db, actorId)
    await call.db('sessions').where({ id: sessionId }).update({ factor_passed_at: call.db.fn.now() })
    await endSessions(call.db, actorId, 'mfa_changed', sessionId)
    return { id: actorId, recoveryCodes: await renewRecoveryCodes(call.db, actorId) }
  },
})

