// Runs a plugin's command: it starts the app without listening, does one thing, and ends.
import type { App } from '../define/app.ts'
import type { AnyPlugin } from '../define/plugin.ts'
import { ArgumentError, type Program, type StartOptions, type Terminal } from '../define/command.ts'
import { describeApp } from '../describe/description.ts'
import { BootError } from '../model/faults.ts'
import { assemble } from './assemble.ts'
import { createLog } from './log.ts'
import { startServer, type Server } from './server.ts'

export { ArgumentError }

const print = (line: string): void => void process.stdout.write(`${line}\n`)

/** The app on its database, for as long as the task takes: no port, no made-up data. */
export const withApp = async <T>(app: App, options: StartOptions, task: (server: Server) => Promise<T>): Promise<T> => {
  const environment = { ...process.env, SEED: 'none' }
  const log = createLog({ environment, usual: options.usual, isTerminal: false })
  const terminal = { print: options.print ?? print, interactive: options.interactive ?? process.stdout.isTTY }
  const server = await startServer(app, { ...terminal, environment, log, listen: false })
  try {
    return await task(server)
  } finally {
    await server.stop()
  }
}

/** Whose command it is. */
export interface Owned {
  readonly app: App
  readonly plugin: AnyPlugin
}

/** What was typed: npm says which of its scripts it runs. */
const calledAs = (name: string): string => {
  const { npm_lifecycle_event: script } = process.env
  return script === name ? `npm run ${name} --` : `npx sovrane ${name}`
}

const terminalOf = ({ app, plugin }: Owned, name: string): Terminal => ({
  app,
  called: calledAs(name),
  print,
  withApp: (options, task) => withApp(app, options, ({ run, database, assembly }) =>
    task({ run, database, services: assembly.contributors.find((each) => each.plugin === plugin)?.contribution.services })),
  describe() {
    const log = createLog({ environment: process.env, usual: 'error', isTerminal: process.stderr.isTTY })
    return describeApp(assemble(app, process.env, log))
  },
})

/** Runs a task to its end. Sets the exit code 2: it was called wrongly; 1: it has failed. */
export const tellFailure = async (
  { trouble, hint }: { readonly trouble: string; readonly hint?: string }, task: () => Promise<void>,
): Promise<void> => {
  try {
    await task()
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    const isArgument = error instanceof ArgumentError
    process.stderr.write(isArgument || error instanceof BootError ? `${message}\n` : `${trouble}: ${message}\n`)
    if (isArgument && hint !== undefined) process.stderr.write(`\n${hint}\n`)
    process.exitCode = isArgument ? 2 : 1
  }
}

/** Runs a command of a plugin to its end. */
export const runProgram = (
  program: Program, argv: readonly string[], { name, ...owned }: Owned & { readonly name: string },
): Promise<void> => {
  const terminal = terminalOf(owned, name)
  return tellFailure({ trouble: program.trouble, hint: program.hint(terminal.called) }, () => program.main(argv, terminal))
}
