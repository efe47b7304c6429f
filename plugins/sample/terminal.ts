// What `sovrane seed` has to do with its terminal: the arguments, read and explained, and how far the work is.
import { parseArgs } from 'node:util'
import cliProgress from 'cli-progress'
import { ArgumentError } from '#sovrane'

export const helpOf = (called: string): string => `\
Fills the database with a believable organisation: sites, departments with managers, people, roles and groups.

  ${called} --users 1000

Options
  --users <n>   how many people to add, 1 to 1000000 (default 1000)
  --seed <n>    a whole number; the same one gives the same people on the same database (default 1)
  --help        shows this

It writes to the server's own database: the embedded one in DATA_DIR (default ./data), which no server may be using
meanwhile, or with DATABASE_URL to PostgreSQL, where servers may go on running. Run again, it adds further people.
The people have no passwords: no one can log in as one of them until an administrator sets one.`

export interface SeedArguments {
  readonly users: number
  readonly seed: number
}

const wholeNumber = (name: string, text: string, [least, most]: readonly [number, number]): number => {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
  if (!(value >= least && value <= most))
    throw new ArgumentError(`--${name} must be a whole number from ${least} to ${most}, not "${text.slice(0, 40)}"`)
  return value
}

const parse = (argv: readonly string[]) => {
  try {
    return parseArgs({
      args: [...argv], allowPositionals: true,
      options: {
        users: { type: 'string', default: '1000' }, seed: { type: 'string', default: '1' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
  } catch (error) {
    // Node adds advice on dashes that does not help here.
    const [first] = (error instanceof Error ? error.message : String(error)).split(/\. |\n/)
    throw new ArgumentError(first ?? '')
  }
}

/**
 * The arguments, or `help` when that was asked for.
 * @throws ArgumentError
 */
export const readArguments = (argv: readonly string[], called: string): SeedArguments | 'help' => {
  const { values, positionals } = parse(argv)
  if (values.help) return 'help'
  if (positionals.length > 0) {
    const advice = called.startsWith('npm run') ? `. npm passes options on only after two dashes: ${called} --users 1000` : ''
    throw new ArgumentError(`Unexpected argument "${positionals.join(' ').slice(0, 40)}"${advice}`)
  }
  return { users: wholeNumber('users', values.users, [1, 1_000_000]), seed: wholeNumber('seed', values.seed, [0, 2 ** 32 - 1]) }
}

export interface Progress {
  /** `done` counts up; another `what` begins another bar. */
  show(what: string, done: number, total: number): void
  /** Leaves the terminal as it should be. */
  end(): void
}

/** On a terminal a bar, elsewhere a line for every tenth. */
const bars = (): Progress => {
  let bar: cliProgress.SingleBar | undefined
  let current = ''
  const end = (): void => {
    bar?.stop()
    bar = undefined
  }
  return {
    show(what, done, total) {
      if (what !== current) {
        end()
        current = what
        bar = new cliProgress.SingleBar(
          { format: `${what.padEnd(12)} {bar} {value}/{total}  {eta_formatted} left`, hideCursor: true },
          cliProgress.Presets.shades_classic,
        )
        bar.start(total, 0)
      }
      bar?.update(done)
      if (done >= total) end()
    },
    end,
  }
}

const lines = (print: (line: string) => void): Progress => {
  let current = ''
  let tenths = 0
  return {
    show(what, done, total) {
      if (what !== current) {
        current = what
        tenths = 0
      }
      const reached = Math.floor((done * 10) / total)
      if (reached > tenths) print(`${what}: ${done}/${total} (${reached * 10} %)`)
      tenths = reached
    },
    end: () => undefined,
  }
}

export const createProgress = (isTerminal: boolean, print: (line: string) => void): Progress => (isTerminal ? bars() : lines(print))
