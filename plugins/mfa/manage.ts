// What people do with their second factor: set it up, enable and disable it, renew recovery codes; and auth-mfa-reset for holders of
// `manage-mfa`.
import { toDataURL } from 'qrcode'
import { object, string } from 'yup'
import { AppError, forbidden, id, invalidPayload, notFound, operation, type Call, type Payload } from '../../core/define/index.ts'
import {
  checkCode, checkTotp, countTry, findFactor, forgetTries, isEnrolled, makeMailCode, openSecret, removeFactor,
  renewRecoveryCodes, type FactorType,
} from './factor.ts'
import { reasons, settings as own, type MfaParts } from './parts.ts'
import { bareCode, makeSecret, otpauthUrl } from './totp.ts'

export const manageKey = 'manage-mfa'

/** Milliseconds that a mailed code is good for. */
const codeLifetime = 300_000

const isPendingCode = (opened: string, code: string): boolean => {
  const [wanted, until] = opened.split(' ')
  return wanted === code && Number(until) > Date.now()
}

const types = ['totp', 'email'] as const satisfies readonly FactorType[]

const storePending = async (call: Pick<Call, 'db'>, userId: string, type: FactorType, sealed: string): Promise<void> => {
  await call.db('mfa_factors').insert({ user_id: userId, pending_type: type, pending_secret: sealed })
    .onConflict('user_id').merge(['pending_type', 'pending_secret'])
}

const wrongCode = () => new AppError('unauthenticated', { message: 'The code is wrong' })

const setup = ({ auth, settings, seal, mailCode }: MfaParts) => operation({
  event: 'auth-mfa-setup',
  secret: true,
  kind: 'mutation',
  access: 'session',
  input: object({ type: string().oneOf(types).optional() }),
  async handle(call): Promise<Payload> {
    const { actorId } = await auth.requireFresh(call)
    if (!settings.get(own.allow)) throw reasons['mfa.not_allowed']()
    const account = await auth.account(call.db, actorId)
    if (!account) throw new AppError('unauthenticated')
    if (call.input.type === 'email') {
      const code = makeMailCode()
      await storePending(call, actorId, 'email', seal.close(`${code} ${Date.now() + codeLifetime}`, actorId))
      await mailCode(call, account, code)
      return { type: 'email', email: account.email }
    }
    const secret = makeSecret()
    await storePending(call, actorId, 'totp', seal.close(secret, actorId))
    const url = otpauthUrl(secret, account.email)
    return { secret, otpauthUrl: url, qrCode: await toDataURL(url) }
  },
})

/** auth-mfa-enable: ends the user's other sessions and hands out the recovery codes. */
const enable = ({ auth, settings, seal }: MfaParts) => operation({
  event: 'auth-mfa-enable',
  secret: true,
  kind: 'mutation',
  access: 'session',
  input: object({ type: string().oneOf(types).required(), code: string().max(64).optional() }),
  async prepare(call) {
    const { actorId } = await auth.requireFresh(call)
    if (call.input.code !== undefined) await countTry(call.db, actorId)
  },
  async handle(call): Promise<Payload> {
    const { actorId, sessionId } = auth.sessionOf(call)
    const { type } = call.input
    const code = call.input.code === undefined ? undefined : bareCode(call.input.code)
    if (!settings.get(own.allow)) throw reasons['mfa.not_allowed']()
    // A log-in under way would still be let in without the factor.
    await auth.holdAccount(call.db, actorId, 'change')
    const factor = await findFactor(call.db, actorId)
    if (factor?.pending_type !== type || factor.pending_secret === null) throw reasons['mfa.no_setup']()
    // A code by mail is the only proof that the address is read.
    const needed = settings.get(own.confirm) || type === 'email'
    if (code === undefined && needed) throw invalidPayload([{ path: 'code', message: 'is required' }])
    const { pending_secret: secret } = factor
    const right =
      code === undefined ||
      (type === 'email'
        ? isPendingCode(openSecret(seal, actorId, secret), code)
        : await checkTotp(call.db, seal, { userId: actorId, secret, code }))
    if (!right) throw wrongCode()
    // Another type is a change of the user's row, which `enabled` makes known.
    if (factor.enabled && factor.type !== type) await call.db('mfa_factors').where({ user_id: actorId }).update({ enabled: false })
    await call.db('mfa_factors').where({ user_id: actorId })
      .update({ enabled: true, type, secret: type === 'totp' ? secret : null, pending_type: null, pending_secret: null })
    await forgetTries(call.db, actorId)
    await auth.passFactor(call.db, sessionId)
    await auth.endSessions(call.db, actorId, 'mfa_changed', sessionId)
    return { id: actorId, recoveryCodes: await renewRecoveryCodes(call.db, actorId) }
  },
})

const requireCode = async (call: Pick<Call, 'db'>, { seal }: MfaParts, userId: string, code: string | undefined): Promise<void> => {
  const factor = await findFactor(call.db, userId)
  if (code === undefined || factor?.enabled !== true || !(await checkCode(call.db, seal, factor, code))) throw wrongCode()
  await forgetTries(call.db, userId)
}

/** auth-mfa-reset: takes the factor off another's account, by the key on their row and only by those who hold all that they hold. */
const reset = ({ auth }: MfaParts) => operation({
  event: 'auth-mfa-reset',
  kind: 'mutation',
  access: 'session',
  row: { resource: 'user', key: manageKey },
  input: object({ id: id().required() }),
  async handle(call): Promise<Payload> {
    const userId = call.input.id
    if (!call.system) auth.sessionOf(call)
    // One's own is auth-mfa-disable, which asks for proof.
    if (userId === call.actor?.id) throw reasons['mfa.own']()
    const lacking = await call.rights.lacksOf(userId)
    if (lacking !== undefined) throw forbidden(lacking)
    if (await isEnrolled(call.db, userId)) {
      await removeFactor(call.db, userId)
      await auth.endSessions(call.db, userId, 'mfa_changed')
    }
    return { id: userId }
  },
})

const disable = (parts: MfaParts) => operation({
  event: 'auth-mfa-disable',
  kind: 'mutation',
  access: 'session',
  input: object({ code: string().max(64).optional() }),
  async prepare(call) {
    const { actorId } = await parts.auth.requireFresh(call)
    if (call.input.code !== undefined) await countTry(call.db, actorId)
  },
  async handle(call): Promise<Payload> {
    const { code } = call.input
    const { actorId, sessionId } = parts.auth.sessionOf(call)
    if (!(await isEnrolled(call.db, actorId))) return { success: true }
    if (!(await parts.auth.hasPassedFactor(call.db, sessionId)) || code !== undefined) await requireCode(call, parts, actorId, code)
    await removeFactor(call.db, actorId)
    await parts.auth.endSessions(call.db, actorId, 'mfa_changed', sessionId)
    return { success: true }
  },
})

const recoveryCodes = (parts: MfaParts) => operation({
  event: 'auth-mfa-recovery-codes',
  secret: true,
  kind: 'mutation',
  access: 'session',
  input: object({ code: string().max(64).required() }),
  prepare: async (call) => countTry(call.db, (await parts.auth.requireFresh(call)).actorId),
  async handle(call): Promise<Payload> {
    const { actorId } = parts.auth.sessionOf(call)
    if (!(await isEnrolled(call.db, actorId))) throw notFound()
    await requireCode(call, parts, actorId, call.input.code)
    return { recoveryCodes: await renewRecoveryCodes(call.db, actorId) }
  },
})

export const manageOperations = (parts: MfaParts) =>
  [setup(parts), enable(parts), disable(parts), recoveryCodes(parts), reset(parts)]
