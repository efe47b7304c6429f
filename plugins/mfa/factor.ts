// A user's second factor, one row, and their recovery codes; every check of a code is counted before it is made.
import { randomInt } from 'node:crypto'
import type { Knex } from 'knex'
import { AppError, tokenHash, type Seal } from '../../core/define/index.ts'
import { bareCode, isCode, stepOf } from './totp.ts'

const alphabet = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789'
const shape = { codes: 10, groups: 4, letters: 6 }

/** 24 letters of 32: 120 bits, so that a plain hash suffices. */
const makeCode = (): string =>
  Array.from({ length: shape.groups }, () =>
    Array.from({ length: shape.letters }, () => alphabet[randomInt(alphabet.length)]).join(''),
  ).join('-')

/** Blanks, dashes and small letters are the same code. */
const hashOf = (code: string): string => tokenHash(code.normalize('NFKC').toUpperCase().replaceAll(/[^A-Z0-9]/g, ''))

/** Replaces a user's codes. */
export const renewRecoveryCodes = async (db: Knex, userId: string): Promise<string[]> => {
  const codes = Array.from({ length: shape.codes }, makeCode)
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
export const makeMailCode = (): string => String(randomInt(1_000_000)).padStart(6, '0')

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

export const forgetTries = (db: Knex, userId: string): Promise<number> =>
  db('mfa_factors').where({ user_id: userId }).update({ failures: 0, locked_until: null })

/** Each step counts once: the statement decides between two that come together. */
const useStep = async (db: Knex, userId: string, step: number): Promise<boolean> =>
  (await db('mfa_factors').where({ user_id: userId }).where('last_step', '<', step).update({ last_step: step })) > 0

/** @throws Error when it was sealed for another user, changed, or with a key that is gone */
export const openSecret = (seal: Seal, userId: string, sealed: string): string => {
  const secret = seal.open(sealed, userId)
  if (secret === undefined) throw new Error('A sealed secret cannot be opened: was MFA_ENCRYPTION_KEY changed?')
  return secret
}

interface TotpCheck {
  readonly userId: string
  readonly secret: string | null
  readonly code: string
}

/** Whether a code is the present one of a sealed TOTP secret, and has not been used. */
export const checkTotp = async (db: Knex, seal: Seal, { userId, secret, code }: TotpCheck): Promise<boolean> => {
  // A recovery code must get in even when the secret can no longer be opened.
  if (secret === null || !isCode(code)) return false
  const step = stepOf(openSecret(seal, userId, secret), code, Date.now())
  return step !== undefined && useStep(db, userId, step)
}

/** Whether a code proves the second factor: a TOTP code or a recovery code. Codes by mail belong to a challenge. */
export const checkCode = async (db: Knex, seal: Seal, factor: Factor, code: string): Promise<boolean> => {
  const proved =
    factor.type === 'totp' && (await checkTotp(db, seal, { userId: factor.user_id, secret: factor.secret, code: bareCode(code) }))
  return proved || spendRecoveryCode(db, factor.user_id, code)
}

/** Removes the factor; what it proved is void. */
export const removeFactor = async (db: Knex, userId: string): Promise<void> => {
  await db('mfa_recovery_codes').where({ user_id: userId }).delete()
  await db('mfa_challenges').where({ user_id: userId }).delete()
  await db('mfa_factors').where({ user_id: userId })
    .update({ enabled: false, type: null, secret: null, pending_type: null, pending_secret: null, failures: 0, locked_until: null })
}
