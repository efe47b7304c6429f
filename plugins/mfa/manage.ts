// auth-mfa-disable, auth-mfa-recovery-codes, and auth-mfa-reset for holders of `manage-mfa`.
import { object, string } from 'yup'
import { AppError, forbidden, id, notFound, operation, type Call, type Payload } from '../../core/define/index.ts'
import { checkCode, countTry, findFactor, forgetTries, isEnrolled, removeFactor } from './factor.ts'
import type { MfaParts } from './parts.ts'
import { renewRecoveryCodes } from './recovery.ts'

export const manageKey = 'manage-mfa'

const refused = () => new AppError('unauthenticated', { message: 'The code is wrong' })

const passedFactor = async (call: Pick<Call, 'db'>, sessionId: string): Promise<boolean> => {
  const row: { factor_passed_at: Date | null } | undefined = await call.db('sessions').where({ id: sessionId }).first('factor_passed_at')
  return row?.factor_passed_at instanceof Date
}

const requireCode = async (call: Pick<Call, 'db'>, { sealing }: MfaParts, userId: string, code: string | undefined): Promise<void> => {
  const factor = await findFactor(call.db, userId)
  if (code === undefined || factor?.enabled !== true || !(await checkCode(call.db, sealing, factor, code))) throw refused()
  await forgetTries(call.db, userId)
}

/** auth-mfa-reset: takes the factor off another's account, by the key on his row and only by who holds all that he holds. */
export const reset = ({ endSessions, sessionOf }: MfaParts) => operation({
  event: 'auth-mfa-reset',
  kind: 'mutation',
  access: 'session',
  row: { resource: 'user', key: manageKey },
  input: object({ id: id().required() }),
  async handle(call): Promise<Payload> {
    const userId = call.input.id
    if (!call.system) sessionOf(call)
    // One's own is auth-mfa-disable, which asks for proof.
    if (userId === call.actor?.id) throw new AppError('forbidden', { message: 'Your own second factor ends with auth-mfa-disable', details: { reason: 'mfa.own' } })
    const lacking = await call.rights.lacksOf(userId)
    if (lacking !== undefined) throw forbidden(lacking)
    if (await isEnrolled(call.db, userId)) {
      await removeFactor(call.db, userId)
      await endSessions(call.db, userId, 'mfa_changed')
    }
    return { id: userId }
  },
})

export const disable = (parts: MfaParts) => operation({
  event: 'auth-mfa-disable',
  kind: 'mutation',
  access: 'session',
  input: object({ code: string().max(64).optional() }),
  async prepare(call) {
    const { actorId } = await parts.requireFresh(call)
    if (call.input.code !== undefined) await countTry(call.db, actorId)
  },
  async handle(call): Promise<Payload> {
    const { code } = call.input
    const { actorId, sessionId } = parts.sessionOf(call)
    if (!(await isEnrolled(call.db, actorId))) return { success: true }
    if (!(await passedFactor(call, sessionId)) || code !== undefined) await requireCode(call, parts, actorId, code)
    await removeFactor(call.db, actorId)
    await parts.endSessions(call.db, actorId, 'mfa_changed', sessionId)
    return { success: true }
  },
})

export const recoveryCodes = (parts: MfaParts) => operation({
  event: 'auth-mfa-recovery-codes',
  secret: true,
  kind: 'mutation',
  access: 'session',
  input: object({ code: string().max(64).required() }),
  prepare: async (call) => countTry(call.db, (await parts.requireFresh(call)).actorId),
  async handle(call): Promise<Payload> {
    const { actorId } = parts.sessionOf(call)
    if (!(await isEnrolled(call.db, actorId))) throw notFound()
    await requireCode(call, parts, actorId, call.input.code)
    return { recoveryCodes: await renewRecoveryCodes(call.db, actorId) }
  },
})
