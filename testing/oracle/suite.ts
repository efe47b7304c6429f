// The tests of the oracle, for any server of an app that can be started.
import type { Kind } from '../ready.ts'
import { it } from '../runner.ts'
import type { Played } from './campaign.ts'
import type { Further } from './organisation.ts'
import { settingsOf } from './settings.ts'
import type { OracleOptions } from './settings.ts'

interface Opened {
  open(): Promise<Played>
  readonly further?: Further
}

/** Organisations with an administrator beside them, and those that have the only holders of `root`: with their share of the steps. */
const shares = [[false, 0.95], [true, 0.05]] as const

/** Defines the tests. */
export const playOracle = (kind: Kind, { open, further = {} }: Opened, options: OracleOptions = {}): void => {
  const { steps: all, seed, path, given, lonelyOnly } = settingsOf(kind, options)
  for (const [lonely, share] of shares) {
    if ((path !== undefined || given !== undefined) && lonely !== lonelyOnly) continue
    const steps = Math.ceil(all * share)
    const title = lonely ? 'organisations that have the only holders of root' : 'organisations with an administrator beside them'
    it(`${title}: ${steps} steps (ORACLE_SEED=${seed})`, async () => {
      const begun = Date.now()
      // Not imported before it plays: who has no tests of it need not have fast-check.
      const { play } = await import('./campaign.ts')
      const done = await play({ open, further, where: `TEST_DATABASES=${kind}`, steps, seed, lonely, path, given })
      const seconds = (Date.now() - begun) / 1_000
      process.stdout.write(
        `      ${done.steps} steps in ${done.organisations} organisations, ${Math.round(done.steps / seconds)} a second\n`,
      )
    }, Infinity)
  }
}
