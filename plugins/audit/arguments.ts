// What `sovrane audit …` was told to do.
import { parseArgs } from 'node:util'
import { ArgumentError } from '#sovrane'

/** ISO 8601. */
interface Times {
  readonly from?: string
  readonly to?: string
}

export interface AuditArguments extends Times {
  readonly command: 'verify' | 'export' | 'retain'
  /** A file for what is exported. */
  readonly output?: string
}

export const helpOf = (called: string): string => `Reads the audit log of the server's database.

  ${called} verify [--from <date>] [--to <date>]
      Checks signatures and seals. Exit code 0: untouched; 1: altered, and the first altered entry is named.
  ${called} export --format jsonl [--from <date>] [--to <date>] --output <file>
      One entry a line, oldest first. Without --output the lines go to the standard output; in a pipe, npm must be told \`npm run -s\`
      so that its own lines do not go there too. The head of the chain goes to the standard error: kept elsewhere, it shows a cut-off end.
  ${called} retain
      Removes the months that are older than the setting audit_retention_days, as the server does once a day.

Dates are ISO 8601: 2026-01-31, or 2026-01-31T09:00:00Z. A date stands for its whole day in UTC.`

const pattern = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2}))?$/

const timeOf = (name: string, text: string | undefined): string | undefined => {
  if (text === undefined) return undefined
  if (!pattern.test(text) || Number.isNaN(Date.parse(text)))
    throw new ArgumentError(`--${name}: "${text.slice(0, 40)}" is not an ISO 8601 date`)
  return text
}

const parse = (argv: readonly string[]) => {
  try {
    return parseArgs({
      args: [...argv], allowPositionals: true,
      options: {
        from: { type: 'string' }, to: { type: 'string' }, format: { type: 'string' }, output: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    })
  } catch (error) {
    throw new ArgumentError(error instanceof Error ? error.message : String(error), { cause: error })
  }
}

/** @throws ArgumentError */
export const readArguments = (argv: readonly string[]): AuditArguments | 'help' => {
  const { values, positionals } = parse(argv)
  if (values.help === true || argv.length === 0) return 'help'
  const [command, ...more] = positionals
  if (more.length > 0) throw new ArgumentError(`"${String(more[0]).slice(0, 40)}" is one word too many`)
  if (command !== 'verify' && command !== 'export' && command !== 'retain') {
    throw new ArgumentError(`"${String(command).slice(0, 40)}" is not a command: say verify, export or retain`)
  }
  if ((values.format ?? 'jsonl') !== 'jsonl') throw new ArgumentError('--format: jsonl is the only one')
  const [from, to] = [timeOf('from', values.from), timeOf('to', values.to)]
  if (from !== undefined && to !== undefined && Date.parse(from) > Date.parse(to)) throw new ArgumentError('--to must not be before --from')
  const { output } = values
  if (output !== undefined && (command !== 'export' || output === '')) throw new ArgumentError('--output: is the file of an export')
  return {
    command, ...(output === undefined ? {} : { output }), ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  }
}
