// What the environment says of a run of the oracle.

import type { Kind } from '../kit/databases.ts'
import { read } from './shrink.ts'

const number = (name: string, otherwise: number): number => {
  const given = process.env[name] ?? ''
  const value = given === '' ? otherwise : Number(given)
  if (!Number.isSafeInteger(value)) throw new Error(`${name}: must be an integer`)
  return value
}

/** How many steps on a database. */
export const stepsOn = (kind: Kind): number => {
  const steps = number('ORACLE_STEPS', 1_000)
  return kind === 'embedded' ? number('ORACLE_STEPS_EMBEDDED', steps) : steps
}

/** Where the random sequence begins; every run begins elsewhere. */
export const seed = number('ORACLE_SEED', Date.now() % 1_000_000_000)

/** The way to one failure from that seed, as the failure printed it. */
export const path = (process.env['ORACLE_PATH'] ?? '') === '' ? undefined : process.env['ORACLE_PATH']

/** A failure itself, shrunk, as it was printed. */
export const given = (process.env['ORACLE_CASE'] ?? '') === '' ? undefined : read(process.env['ORACLE_CASE'] ?? '')

/** Whether that failure was found where nobody but the organisation held `root`. */
export const lonelyOnly = process.env['ORACLE_LONELY'] === '1'
