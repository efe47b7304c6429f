// The rights oracle: random organisations and actors against a model of docs/protocol.md §5 that knows nothing of the product.

import { onAnyDatabase } from '../kit/databases.ts'
import { play } from './campaign.ts'
import { given, lonelyOnly, path, seed, stepsOn } from './settings.ts'

onAnyDatabase('the rights oracle', (kind) => {
  const all = stepsOn(kind)
  for (const [lonely, share] of [[false, 0.95], [true, 0.05]] as const) {
    const title = lonely ? 'organisations that have the only holders of root' : 'organisations with an administrator beside them'
    if ((path !== undefined || given !== undefined) && lonely !== lonelyOnly) continue
    it(`${title}: ${Math.ceil(all * share)} steps (ORACLE_SEED=${seed})`, async function () {
      this.timeout(0)
      const begun = Date.now()
      const done = await play({ kind, steps: Math.ceil(all * share), seed, lonely, path, given })
      const seconds = (Date.now() - begun) / 1_000
      process.stdout.write(
        `      ${done.steps} steps in ${done.organisations} organisations, ${Math.round(done.steps / seconds)} a second\n`,
      )
    })
  }
})
