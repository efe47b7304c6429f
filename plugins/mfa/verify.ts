// The second step of a log-in: the challenge that follows the right password, and auth-mfa-verify.
import { createHmac } from 'node:crypto'
import type { Knex } from 'knex'
import { object, string } from 'yup'
import { AppError, id, isSame, operation, randomToken, statement, tokenHash, type Connection } from '#sovrane'
import { loginReply, type SecondFactor } from '../auth/index.ts'
import { checkCode, countTry, findFactor, forgetTries, makeMailCode, type Factor } from './factor.ts'
import { settings as own, type MfaParts } from './parts.ts'
import { bareCode } from './totp.ts'

/** Minutes. Source: docs/protocol.md §4.1. */
const challengeLifetime = 5
const maxTries = 5

/** A mailed code is short: without the server's key its hash would tell it at once. */
const codeHash = (key: Buffer, token: string, code: string): string =>
  createHmac('sha256', key).update('mfa-mail').update(token).update(code).digest('base64url')

/** The proof that this flow has given the right password, for five minutes and five tries. */
interface Challenge {
  readonly token_hash: string
  /** Of the code that was mailed, if one was. */
  readonly code_hash: string | null
}

/** This plugin's say in a log-in. */
export const createSecondFactor = ({ keys: [key], mailCode, settings }: MfaParts): SecondFactor => ({
  async demand(call, account, { mfaEnabled, mfaType }) {
    if (mfaEnabled !== true) return undefined
    const { id: userId } = account
    const mfaToken = randomToken()
    const hash = tokenHash(mfaToken)
    const code = mfaType === 'email' ? makeMailCode() : undefined
    await call.db.raw(`
      with gone as (delete from mfa_challenges where user_id = ? and expires_at < now() - interval '1 hour')
      insert into mfa_challenges (token_hash, user_id, connection_id, code_hash, expires_at)
      values (?, ?, ?, ?, now() + interval '${challengeLifetime} minutes')`,
      [userId, hash, userId, call.connection.id ?? null, code === undefined ? null : codeHash(key, hash, code)])
    if (code !== undefined) await mailCode(call, account, code)
    return { mfaRequired: true, userId, mfaType: String(mfaType), mfaToken }
  },
  remark: () => (settings.get(own.require) ? { mfaEnrolmentRequired: true } : {}),
})

/**
 * Counts a try of a challenge: the one of the token, else the newest of this very connection. Undefined: there is none that still counts.
 */
const tryChallenge = async (
  db: Knex, userId: string, token: string | undefined, connection: Connection,
): Promise<Challenge | undefined> => {
  if (token === undefined && connection.id === undefined) return undefined
  const [column, value] = token === undefined ? ['connection_id', connection.id ?? ''] : ['token_hash', tokenHash(token)]
  const result: { rows: Challenge[] } = await db.raw(`
    update mfa_challenges set attempts = attempts + 1 where token_hash = (
      select token_hash from mfa_challenges where ?? = ? and user_id = ? order by expires_at desc limit 1)
    and attempts < ${maxTries} and consumed_at is null and expires_at > now() returning token_hash, code_hash`, [column, value, userId])
  return result.rows[0]
}

/** Consumes a challenge and tells how many days ago it was opened; undefined when another call was faster. */
const consumeChallenge = async (db: Knex, challenge: Challenge): Promise<number | undefined> => {
  const result: { rows: { age: number }[] } = await db.raw(`
    update mfa_challenges set consumed_at = now() where token_hash = ? and consumed_at is null
    returning extract(epoch from now() - expires_at + interval '${challengeLifetime} minutes')::float8 / 86400 as age`,
    [challenge.token_hash],
  )
  return result.rows[0]?.age
}

const refused = () => new AppError('unauthenticated', { message: 'The code is wrong, or the log-in was too long ago' })

/** Whether a code is the one that was mailed for the challenge, or proves the factor otherwise. */
const isRight = async (
  db: Knex, { keys: [key], seal }: MfaParts, factor: Factor, given: Challenge & { readonly code: string },
): Promise<boolean> => {
  const { token_hash: token, code_hash: mailed, code } = given
  if (factor.type === 'email' && mailed !== null && isSame(mailed, codeHash(key, token, bareCode(code)))) return true
  return checkCode(db, seal, factor, code)
}

/** auth-mfa-verify. */
export const verify = (parts: MfaParts) => operation({
  event: 'auth-mfa-verify',
  about: 'Finishes a log-in with the code of the second factor',
  errors: ['unauthenticated', 'account_locked', 'password_expired'],
  secret: true,
  kind: 'mutation',
  access: 'public',
  input: object({ userId: id().required(), code: string().max(64).required(), mfaToken: string().max(256).optional() }),
  output: loginReply,
  // The tries are counted outside of the transaction that a wrong code undoes.
  async prepare(call): Promise<Challenge> {
    const { userId, mfaToken } = call.input
    const challenge = await tryChallenge(call.db, userId, mfaToken, call.connection)
    if (!challenge) throw refused()
    await countTry(call.db, userId)
    return challenge
  },
  async handle(call, challenge) {
    const { userId, code } = call.input
    const account = await parts.auth.holdAccount(call.db, userId, 'share')
    const factor = await findFactor(call.db, userId)
    const age = factor?.enabled === true ? await consumeChallenge(call.db, challenge) : undefined
    if (!factor || age === undefined) throw refused()
    if (!(await isRight(call.db, parts, factor, { ...challenge, code }))) throw refused()
    await forgetTries(call.db, userId)
    // What was proved before was the password that there was then.
    if (account?.status !== 'active' || (account.passwordAge !== null && account.passwordAge < age)) throw refused()
    try {
      return await parts.auth.enter(call, account, { factorPassed: true })
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'password_expired') throw error
      // The code is spent all the same: a refusal alone would give it back with the transaction.
      call.notes.set(statement, { targetType: 'user', targetId: userId })
      return call.refuseAfterCommit(error)
    }
  },
})
