// What a run of the oracle is asked for: by who calls it, and before that by the environment.
import { read } from './shrink.ts'
import type { Case } from './shrink.ts'

export interface OracleOptions {
  /** How many steps; 1,000. ORACLE_STEPS says otherwise, and on the embedded database ORACLE_STEPS_EMBEDDED. */
  readonly steps?: number
  /** Where the random sequence begins; without it, every run begins elsewhere. ORACLE_SEED says otherwise. */
  readonly seed?: number
}

interface Settings {
  readonly steps: number
  readonly seed: number
  /** The way to one failure from that seed, as the failure printed it. */
  readonly path: string | undefined
  /** A failure itself, shrunk, as it was printed. */
  readonly given: Case | undefined
  /** Whether that failure was found where only the organisation held `root`. */
  readonly lonelyOnly: boolean
}

const variable = (name: string): string | undefined => (process.env[name] ?? '') === '' ? undefined : process.env[name]

const number = (name: string, otherwise: number): number => {
  const value = Number(variable(name) ?? otherwise)
  if (!Number.isSafeInteger(value)) throw new Error(`${name}: must be an integer`)
  return value
}

export const settingsOf = (
  kind: 'embedded' | 'postgres', { steps = 1_000, seed = Date.now() % 1_000_000_000 }: OracleOptions,
): Settings => {
  const all = number('ORACLE_STEPS', steps)
  const given = variable('ORACLE_CASE')
  return {
    steps: kind === 'embedded' ? number('ORACLE_STEPS_EMBEDDED', all) : all,
    seed: number('ORACLE_SEED', seed),
    path: variable('ORACLE_PATH'),
    given: given === undefined ? undefined : read(given),
    lonelyOnly: process.env['ORACLE_LONELY'] === '1',
  }
}
