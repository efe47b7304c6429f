// What people do with their second factor: set it up, enable and disable it, renew recovery codes; and auth-mfa-reset for holders of
// `manage-mfa`.
import { toDataURL } from 'qrcode'
import { array, object, string } from 'yup'
import { AppError, done, either, forbidden, id, invalidPayload, notFound, operation, type Call } from '#sovrane'
import {
  checkCode, checkTotp, countTry, findFactor, forgetTries, isEnrolled, makeMailCode, noTries, openSecret, removeFactor,
  renewRecoveryCodes, type Factor, type FactorType,
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

const codes = () => array().of(string().required()).required()

const types = ['totp', 'email'] as const satisfies readonly FactorType[]

/** The code of a call, which a log-in or a proof of late must come with; a try is counted before it is looked at. */
const prepareCode = ({ auth }: MfaParts) => async (call: Call<{ readonly code?: string | undefined }>): Promise<void> => {
  const { actorId } = await auth.requireFresh(call)
  if (call.input.code !== undefined) await countTry(call.db, actorId)
}

const wrongCode = () => new AppError('unauthenticated', { message: 'The code is wrong' })

const setup = ({ auth, settings, seal, mailCode }: MfaParts) => operation({
  event: 'auth-mfa-setup',
  about: 'Begins to set up your second factor',
  errors: ['auth.token', 'reauthenticate', 'mfa.not_allowed'],
  secret: true,
  kind: 'mutation',
  access: 'session',
  input: object({ type: string().oneOf(types).optional() }),
  output: either(
    object({ secret: string().required(), otpauthUrl: string().required(), qrCode: string().required() }),
    object({ type: string().oneOf(['email'] as const).required(), email: string().required() }),
  ),
  async handle(call) {
    const { actorId } = await auth.requireFresh(call)
    if (!settings.get(own.allow)) throw reasons['mfa.not_allowed']()
    const account = await auth.account(call.db, actorId)
    if (!account) throw new AppError('unauthenticated')
    const store = (pendingType: FactorType, secret: string) => call.db('mfa_factors')
      .insert({ user_id: actorId, pending_type: pendingType, pending_secret: seal.close(secret, actorId) }).onConflict('user_id').merge()
    if (call.input.type === 'email') {
      const code = makeMailCode()
      await store('email', `${code} ${Date.now() + codeLifetime}`)
      await mailCode(call, account, code)
      return { type: 'email' as const, email: account.email }
    }
    const secret = makeSecret()
    await store('totp', secret)
    const url = otpauthUrl(secret, account.email)
    return { secret, otpauthUrl: url, qrCode: await toDataURL(url) }
  },
})

/** auth-mfa-enable: ends the user's other sessions and hands out the recovery codes. */
const enable = (parts: MfaParts) => operation({
  event: 'auth-mfa-enable',
  about: 'Enables the second factor that was set up, and gives recovery codes',
  errors: ['account_locked', 'auth.token', 'reauthenticate', 'mfa.not_allowed', 'mfa.no_setup'],
  changes: ['user'],
  secret: true,
  kind: 'mutation',
  access: 'session',
  input: object({ type: string().oneOf(types).required(), code: string().max(64).optional() }),
  output: object({ id: id().required(), recoveryCodes: codes() }),
  prepare: prepareCode(parts),
  async handle(call) {
    const { auth, settings, seal } = parts
    const { actorId, sessionId } = auth.sessionOf(call)
    const { type } = call.input
    const code = call.input.code === undefined ? undefined : bareCode(call.input.code)
    if (!settings.get(own.allow)) throw reasons['mfa.not_allowed']()
    // A log-in under way would still be let in without the factor.
    await auth.holdAccount(call.db, actorId, 'change')
    const factor = await findFactor(call.db, actorId)
    if (factor?.pending_type !== type || factor.pending_secret === null) throw reasons['mfa.no_setup']()
    // A code by mail is the only proof that the address is read.
    const isNeeded = settings.get(own.confirm) || type === 'email'
    if (code === undefined && isNeeded) throw invalidPayload([{ path: 'code', message: 'is required' }])
    const { pending_secret: secret } = factor
    const isRight = async (given: string): Promise<boolean> => (type === 'email'
      ? isPendingCode(openSecret(seal, actorId, secret), given)
      : checkTotp(call.db, seal, { ...factor, secret }, given))
    if (code !== undefined && !(await isRight(code))) throw wrongCode()
    // Another type is a change of the user's row, which `enabled` makes known.
    if (factor.enabled && factor.type !== type) await call.db('mfa_factors').where({ user_id: actorId }).update({ enabled: false })
    await call.db('mfa_factors').where({ user_id: actorId }).update({
      enabled: true, type, secret: type === 'totp' ? secret : null, pending_type: null, pending_secret: null, ...noTries,
    })
    await auth.passFactor(call.db, sessionId)
    await auth.endSessions(call.db, actorId, 'mfa_changed', sessionId)
    return { id: actorId, recoveryCodes: await renewRecoveryCodes(call.db, actorId) }
  },
})

const requireCode = async ({ db }: Pick<Call, 'db'>, { seal }: MfaParts, factor: Factor, code: string | undefined): Promise<void> => {
  if (code === undefined || !(await checkCode(db, seal, factor, code))) throw wrongCode()
  await forgetTries(db, factor.user_id)
}

/** auth-mfa-reset: takes the factor off another's account, by the key on their row and only by those who hold all that they hold. */
const reset = ({ auth }: MfaParts) => operation({
  event: 'auth-mfa-reset',
  about: "Takes the second factor off another person's account",
  errors: ['auth.token', 'mfa.own'],
  kind: 'mutation',
  access: 'session',
  row: { resource: 'user', key: manageKey },
  input: object({ id: id().required() }),
  output: object({ id: id().required() }),
  async authorise({ actor, rights }, user) {
    // One's own is auth-mfa-disable, which asks for proof.
    if (user.id === actor?.id) throw reasons['mfa.own']()
    const lacking = await rights.lacksOf(user.id)
    if (lacking !== undefined) throw forbidden(lacking)
  },
  async handle(call) {
    const userId = call.input.id
    if (!call.system) auth.sessionOf(call)
    if (await isEnrolled(call.db, userId)) {
      await removeFactor(call.db, userId)
      await auth.endSessions(call.db, userId, 'mfa_changed')
    }
    return { id: userId }
  },
})

const disable = (parts: MfaParts) => operation({
  event: 'auth-mfa-disable',
  about: 'Takes your second factor away',
  errors: ['account_locked', 'auth.token', 'reauthenticate'],
  changes: ['user'],
  kind: 'mutation',
  access: 'session',
  input: object({ code: string().max(64).optional() }),
  output: done(),
  prepare: prepareCode(parts),
  async handle(call) {
    const { code } = call.input
    const { actorId, sessionId } = parts.auth.sessionOf(call)
    const factor = await findFactor(call.db, actorId)
    if (factor?.enabled !== true) return { success: true }
    if (code !== undefined || !(await parts.auth.hasPassedFactor(call.db, sessionId))) await requireCode(call, parts, factor, code)
    await removeFactor(call.db, actorId)
    await parts.auth.endSessions(call.db, actorId, 'mfa_changed', sessionId)
    return { success: true }
  },
})

const recoveryCodes = (parts: MfaParts) => operation({
  event: 'auth-mfa-recovery-codes',
  about: 'Replaces your recovery codes',
  errors: ['not_found', 'account_locked', 'auth.token', 'reauthenticate'],
  secret: true,
  kind: 'mutation',
  access: 'session',
  input: object({ code: string().max(64).required() }),
  output: object({ recoveryCodes: codes() }),
  prepare: prepareCode(parts),
  async handle(call) {
    const { actorId } = parts.auth.sessionOf(call)
    const factor = await findFactor(call.db, actorId)
    if (factor?.enabled !== true) throw notFound()
    await requireCode(call, parts, factor, call.input.code)
    return { recoveryCodes: await renewRecoveryCodes(call.db, actorId) }
  },
})

export const manageOperations = (parts: MfaParts) =>
  [setup(parts), enable(parts), disable(parts), recoveryCodes(parts), reset(parts)]
