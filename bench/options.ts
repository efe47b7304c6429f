// The command line of the benchmark.
import { parseArgs } from 'node:util'
import { operations } from './operations/index.ts'
import type { OperationName } from './operations/operation.ts'
import type { TargetName } from './targets/target.ts'

export interface Options {
  readonly targets: readonly TargetName[]
  readonly operations: readonly OperationName[]
  readonly large: boolean
  readonly embedded: boolean
  readonly quick: boolean
  /** Windows of each operation and target, and milliseconds of each. */
  readonly rounds: number
  readonly window: number
}

export const targetNames: readonly TargetName[] = ['limit', 'feathers', 'sovrane']

/** What is measured on the embedded database. */
const ofEmbedded: readonly OperationName[] = ['get', 'list', 'create', 'update', 'connect']

/** What a quick run measures, unless it is told. */
const ofQuick: readonly TargetName[] = ['limit', 'sovrane']

export const usage = `npm run bench -- [options]
  --quick              about two minutes, for use while working: ${ofQuick.join(' and ')}
  --only get,update    these operations: ${operations.map(({ name }) => name).join(', ')}
  --targets a,b        of ${targetNames.join(', ')}
  --million            the lists of 1,000,000 rows too
  --embedded           the embedded database in place of PostgreSQL
  --rounds 5           windows of each operation and target
  --window 2000        milliseconds of each window
PostgreSQL is that of BENCH_DATABASE_URL, else of TEST_DATABASE_URL: where databases may be made and dropped.
`

const listOf = <T extends string>(what: string, text: string, allowed: readonly T[]): T[] => text.split(',').map((each) => {
  const found = allowed.find((one) => one === each.trim())
  if (found === undefined) throw new Error(`unknown ${what} "${each}"; there are ${allowed.join(', ')}`)
  return found
})

const numberOf = (name: string, text: string): number => {
  const number = Number(text)
  if (!Number.isInteger(number) || number < 1) throw new Error(`--${name} is a whole number from 1 on`)
  return number
}

/** @throws Error that says what is wrong */
export const parseOptions = (args: readonly string[]): Options => {
  const { values } = parseArgs({ args: [...args], options: {
    quick: { type: 'boolean', default: false }, million: { type: 'boolean', default: false }, embedded: { type: 'boolean', default: false },
    only: { type: 'string' }, targets: { type: 'string' }, rounds: { type: 'string' }, window: { type: 'string' },
  } })
  const { quick, million, embedded } = values
  const only = values.only === undefined ? undefined : listOf('operation', values.only, operations.map(({ name }) => name))
  const usual = operations.filter(({ large = false, slow = false }) => (!large || million) && !(slow && quick))
  return {
    quick, embedded,
    targets: values.targets === undefined ? (quick ? ofQuick : targetNames) : listOf('target', values.targets, targetNames),
    operations: only ?? (embedded ? ofEmbedded : usual.map(({ name }) => name)),
    large: million || operations.some(({ name, large }) => large === true && only?.includes(name) === true),
    rounds: numberOf('rounds', values.rounds ?? (quick ? '3' : '5')),
    window: numberOf('window', values.window ?? (quick ? '600' : '2000')),
  }
}
