// A program of the app other than the server: it starts the app without listening, does one thing, and ends.
import { BootError } from '../model/faults.ts'
import type { App } from '../define/app.ts'
import { createLog, type LogOptions } from './log.ts'
import { startServer, type Server } from './server.ts'

/** The program was called wrongly: what is wrong, for a terminal. */
export class ArgumentError extends Error {}

export interface Start extends Pick<LogOptions, 'usual'> {
  /** Writes for the person at the terminal. */
  readonly print: (line: string) => void
  readonly interactive: boolean
}

/** The app on its database, for as long as the task takes: no port, no made-up data. */
export const withApp = async <T>(app: App, { usual, ...terminal }: Start, task: (server: Server) => Promise<T>): Promise<T> => {
  const environment = { ...process.env, SEED: 'none' }
  const log = createLog({ environment, usual, isTerminal: false })
  const server = await startServer(app, { ...terminal, environment, log, listen: false })
  try {
    return await task(server)
  } finally {
    await server.stop()
  }
}

export interface Command {
  /** @throws ArgumentError */
  main(argv: readonly string[]): Promise<void>
  /** What a failure means, as the beginning of a sentence: `The database cannot be filled`. */
  readonly trouble: string
  /** Where the arguments are explained. */
  readonly hint: string
}

/** Runs a program to its end. Exit code 2: it was called wrongly; 1: it has failed. */
export const runCommand = async (command: Command): Promise<void> => {
  const { trouble, hint } = command
  try {
    await command.main(process.argv.slice(2))
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    const isArgument = error instanceof ArgumentError
    process.stderr.write(isArgument || error instanceof BootError ? `${message}\n` : `${trouble}: ${message}\n`)
    if (isArgument) process.stderr.write(`\n${hint}\n`)
    process.exitCode = isArgument ? 2 : 1
  }
}
