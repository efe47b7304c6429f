// What must hold, played: `npm run holds [-- --only kills,cut --scale 0.1 --seed 7 --write]`. Prints a table, and writes
// bench/results/holds.json; with --write the table goes into docs/scale.md.
import { parseArgs } from 'node:util'
import { cleanUp } from '../../test/kit/place.ts'
import { lacking } from '../../test/faults/cluster.ts'
import { build } from '../targets/compile.ts'
import type { Scenario } from './hold.ts'
import { bulk } from './bulk.ts'
import { idle, reconnect, ring, unreadSockets } from './crowds.ts'
import { databaseRestart, embeddedKills, kills } from './kills.ts'
import { watchOthers } from './machine.ts'
import { malformed } from './malformed.ts'
import { cutOff, notify, pausedNode } from './network.ts'
import { promotion } from './promotions.ts'
import { save, tableOf, write, type Played } from './report.ts'
import { revocation } from './revocations.ts'

const scenarios: readonly Scenario[] = [
  kills, embeddedKills, promotion, databaseRestart, notify, cutOff, pausedNode, bulk, ring, reconnect, revocation, idle, unreadSockets,
  malformed,
]

const say = (text: string): void => void process.stdout.write(`${text}\n`)

const { values } = parseArgs({ options: {
  only: { type: 'string' }, scale: { type: 'string', default: '1' }, seed: { type: 'string' }, write: { type: 'boolean', default: false },
} })
const names = values.only?.split(',').map((name) => name.trim())
const [scale, seed] = [Number(values.scale), Number(values.seed ?? Date.now() % 1_000_000_000)]

const run = async (): Promise<void> => {
  const unknown = names?.filter((name) => !scenarios.some((scenario) => scenario.name === name)) ?? []
  if (unknown.length > 0) throw new Error(`unknown: ${unknown.join(', ')}; there are ${scenarios.map(({ name }) => name).join(', ')}`)
  if (!(scale > 0 && scale <= 1)) throw new Error('--scale is a number from 0 to 1')
  if (lacking !== undefined) throw new Error(`nothing can be played here: ${lacking}`)
  await build()
  // What runs in production, not through a loader.
  process.env['TEST_PROGRAMS'] = 'built'
  const played: Played[] = []
  for (const scenario of scenarios.filter(({ name }) => names?.includes(name) ?? true)) {
    const began = performance.now()
    const others = watchOthers()
    const holds = await scenario.play({ seed, scale }).catch(async (error: unknown) => {
      await cleanUp()
      const measured = error instanceof Error ? error.message.split('\n', 1)[0] ?? '' : String(error)
      process.stderr.write(`${error instanceof Error ? error.stack ?? '' : ''}\n`)
      return [{ name: scenario.name, what: scenario.name, bound: '', measured: `broken off: ${measured}`, holds: false }]
    })
    const [foreign, seconds] = [others.end(), (performance.now() - began) / 1000]
    for (const hold of holds) {
      const verdict = hold.holds === undefined ? 'not played' : hold.holds ? 'holds' : 'DOES NOT HOLD'
      say(`${verdict}  ${hold.name}: ${hold.what}\n    ${hold.measured}`)
    }
    say(`    ${scenario.name} took ${seconds.toFixed(0)} s; others had ${foreign === undefined ? '?' : Math.round(foreign * 100)} %`)
    const one: Played = { scenario: scenario.name, seconds, foreign, holds }
    played.push(one)
    // Each as it ends: a later one that is broken off takes nothing away.
    say(`    written to ${await save({ at: new Date().toISOString(), seed, scale, played: [one] })}`)
  }
  say(`\n${tableOf({ at: new Date().toISOString(), seed, scale, played })}`)
  if (values.write) say(`and ${await write()}`)
  if (played.some(({ holds }) => holds.some((hold) => hold.holds === false))) process.exitCode = 1
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void cleanUp().finally(() => process.exit(130)))
try {
  await run()
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
