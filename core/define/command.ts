// A command of a plugin, such as `sovrane seed`: a program that runs beside the server, on the same app and database.
import type { Knex } from 'knex'
import type { App } from './app.ts'
import type { Description } from './description.ts'
import type { Runtime } from './plugin.ts'

/** The program was called wrongly: what is wrong, for a terminal. The exit code is 2. */
export class ArgumentError extends Error {}

/** The app on its database: started, without a port and without made-up data. */
export interface StartedApp<Services = unknown> {
  readonly database: { readonly kind: 'embedded' | 'postgres'; readonly description: string; readonly knex: Knex }
  /** Runs a task in a transaction of its own and in no one's name. */
  readonly run: Runtime['run']
  /** What the command's plugin offers to those that require it. */
  readonly services: Services
}

export interface StartOptions {
  /** The least level of what is logged when LOG_LEVEL is unset. */
  readonly usual: 'warn' | 'error'
  /** Writes for the person at the terminal; without it to the standard output. */
  readonly print?: (line: string) => void
  /** Whether there is one; without it, whether the standard output is a terminal. */
  readonly interactive?: boolean
}

/** What a command works with. */
export interface Terminal<Services = unknown> {
  readonly app: App
  /** What was typed to call it, for its help: `npx sovrane seed`, or `npm run seed --`. */
  readonly called: string
  /** Writes a line to the standard output. */
  readonly print: (line: string) => void
  /** Starts the app for as long as the task takes. */
  readonly withApp: <T>(options: StartOptions, task: (app: StartedApp<Services>) => Promise<T>) => Promise<T>
  /** The description of the API; no database is opened. */
  readonly describe: () => Description
}

export interface Program<Services = unknown> {
  /** What a failure means, as the beginning of a sentence: `The database cannot be filled`. */
  readonly trouble: string
  /** Said after what was wrong with the arguments. */
  hint(called: string): string
  /** @throws ArgumentError; what else it throws is told after `trouble`, with the exit code 1 */
  main(argv: readonly string[], terminal: Terminal<Services>): Promise<void>
}

export interface Command {
  /** What it does, in a line of `sovrane --help`. */
  readonly about: string
  /** Loads it: servers do not need it. */
  readonly load: () => Promise<{ readonly program: Program }>
}
