// Recovery codes: made by the server, shown once, used once; only their hashes are stored.
import { createHash, randomInt } from 'node:crypto'
import type { Knex } from 'knex'

const alphabet = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789'
const shape = { codes: 10, groups: 4, letters: 6 }

/** 24 letters of 32: 120 bits, so that a plain hash suffices. */
const makeCode = (): string =>
  Array.from({ length: shape.groups }, () => Array.from({ length: shape.letters }, () => alphabet[randomInt(alphabet.length)]).join('')).join('-')

/** Blanks, dashes and small letters are the same code. */
const hashOf = (code: string): string => createHash('sha256').update(code.normalize('NFKC').toUpperCase().replaceAll(/[^A-Z0-9]/g, '')).digest('base64url')

/** Replaces a user's codes. */
export const renewRecoveryCodes = async (db: Knex, userId: string): Promise<string[]> => {
  const codes = Array.from({ length: shape.codes }, makeCode)
  await db('mfa_recovery_codes').where({ user_id: userId }).delete()
  await db('mfa_recovery_codes').insert(codes.map((code) => ({ user_id: userId, code_hash: hashOf(code) })))
  return codes
}

/** Spends a code; false when it is none, or was spent. */
export const spendRecoveryCode = async (db: Knex, userId: string, code: string): Promise<boolean> =>
  (await db('mfa_recovery_codes').where({ user_id: userId, code_hash: hashOf(code) }).delete()) > 0
