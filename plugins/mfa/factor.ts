// A user's second factor, one row, and their recovery codes; every check of a code is counted before it is made.
import type { Knex } from 'knex'
import { AppError, randomText, tokenHash, type Seal } from '#sovrane'
import { bareCode, isCode, stepOf } from './totp.ts'

const alphabet = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789'

/** 24 letters of 32: 120 bits, so that a plain hash suffices. */
const makeCode = (): string => Array.from({ length: 4 }, () => randomText(6, alphabet)).join('-')

/** Blanks, dashes and small letters are the same code. */
const hashOf = (code: string): string => tokenHash(code.normalize('NFKC').toUpperCase().replaceAll(/[^A-Z0-9]/g, ''))

/** Replaces a user's codes. */
export const renewRecoveryCodes = async (db: Knex, userId: string): Promise<string[]> => {
  const codes = Array.from({ length: 10 }, makeCode)
  await db('mfa_recovery_codes').where({ user_id: userId }).delete()
  await db('mfa_recovery_codes').insert(codes.map((code) => ({ user_id: userId, code_hash: hashOf(code) })))
  return codes
}

/** Spends a code; false when it is none, or was spent. */
const spendRecoveryCode = async (db: Knex, userId: string, code: string): Promise<boolean> =>
  (await db('mfa_recovery_codes').where({ user_id: userId, code_hash: hashOf(code) }).delete()) > 0

export type FactorType = 'totp' | 'email'

export interface Factor {
  readonly user_id: string
  readonly enabled: boolean
  readonly type: FactorType | null
  readonly secret: string | null
  readonly pending_type: FactorType | null
  readonly pending_secret: string | null
}

/** Wrong codes that lock an account's second factor, and for how many seconds. */
const maxFailures = 10
const lockSeconds = 900

/** Six digits for a mail. */
export const makeMailCode = (): string => randomText(6, '0123456789')

export const findFactor = async (db: Knex, userId: string): Promise<Factor | undefined> =>
  db('mfa_factors').where({ user_id: userId }).first('user_id', 'enabled', 'type', 'secret', 'pending_type', 'pending_secret') as Promise<
    Factor | undefined
  >

export const isEnrolled = async (db: Knex, userId: string): Promise<boolean> => (await findFactor(db, userId))?.enabled ?? false

/**
 * Counts a try before the code is looked at; a right code takes all tries back.
 * @throws AppError account_locked
 */
export const countTry = async (db: Knex, userId: string): Promise<void> => {
  const result: { rows: { locked_until: Date | null; locked: boolean }[] } = await db.raw(`
    update mfa_factors set
      failures = case when locked_until > now() then failures when failures >= ${maxFailures} then 0 else failures + 1 end,
      locked_until = case when locked_until > now() then locked_until
        when failures >= ${maxFailures} then now() + interval '${lockSeconds} seconds' end
    where user_id = ? returning locked_until, coalesce(locked_until > now(), false) as locked`, [userId])
  const [row] = result.rows
  if (row?.locked === true) throw new AppError('account_locked', { details: { lockedUntil: row.locked_until?.toISOString() } })
}

/** What a right code makes of the tries. */
export const noTries = { failures: 0, locked_until: null } as const

export const forgetTries = (db: Knex, userId: string): Promise<number> => db('mfa_factors').where({ user_id: userId }).update(noTries)

/** @throws Error when it was sealed for another user, changed, or with a key that is gone */
export const openSecret = (seal: Seal, userId: string, sealed: string): string => {
  const secret = seal.open(sealed, userId)
  if (secret === undefined) throw new Error('A sealed secret cannot be opened: was MFA_ENCRYPTION_KEY changed?')
  return secret
}

/** Whether a code is the present one of a sealed TOTP secret, and has not been used. */
export const checkTotp = async (
  db: Knex, seal: Seal, { user_id: userId, secret }: Pick<Factor, 'user_id' | 'secret'>, code: string,
): Promise<boolean> => {
  // A recovery code must get in even when the secret can no longer be opened.
  if (secret === null || !isCode(code)) return false
  const step = stepOf(openSecret(seal, userId, secret), code, Date.now())
  // Each step counts once: the statement decides between two that come together.
  if (step === undefined) return false
  return (await db('mfa_factors').where({ user_id: userId }).where('last_step', '<', step).update({ last_step: step })) > 0
}

/** Whether a code proves the second factor: a TOTP code or a recovery code. Codes by mail belong to a challenge. */
export const checkCode = async (db: Knex, seal: Seal, factor: Factor, code: string): Promise<boolean> =>
  (factor.type === 'totp' && (await checkTotp(db, seal, factor, bareCode(code)))) || spendRecoveryCode(db, factor.user_id, code)

/** Removes the factor; what it proved is void. */
export const removeFactor = async (db: Knex, userId: string): Promise<void> => {
  await db('mfa_recovery_codes').where({ user_id: userId }).delete()
  await db('mfa_challenges').where({ user_id: userId }).delete()
  await db('mfa_factors').where({ user_id: userId })
    .update({ enabled: false, type: null, secret: null, pending_type: null, pending_secret: null, ...noTries })
}
