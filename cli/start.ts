// `sovrane start` and `describe`: the server as a program, and what happens when one of its events is called.
import { describeInTerminal, runInTerminal } from '../core/boot/terminal.ts'
import { ArgumentError } from '../core/define/command.ts'
import type { AppSource } from './program.ts'

export const startUsage = `Usage: sovrane start

Starts the server and migrates its database first: the embedded one in DATA_DIR (default ./data), or with
DATABASE_URL=postgres://… PostgreSQL. PORT and HOST say where it listens. SIGINT and SIGTERM stop it in order.`

export const describeUsage = `Usage: sovrane describe [<event> | <resource> | <plugin>]…

Prints what happens when an event is called, and what a resource or a plugin has; without a name, the names of all events.`

export const start = async (argv: readonly string[], source: AppSource): Promise<void> => {
  if (argv.length > 0) throw new ArgumentError(`"${String(argv[0]).slice(0, 40)}" is one word too many`)
  // Said first: loading the program takes a moment, and making a first database some seconds.
  process.stdout.write('Preparing the database …\n')
  await runInTerminal(await source.load())
}

export const describe = async (argv: readonly string[], source: AppSource): Promise<void> => describeInTerminal(await source.load(), argv)
