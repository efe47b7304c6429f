// Starts an app from a program of one's own: a test, or a server that is a part of another.
import type { App } from '../define/app.ts'
import type { Log } from '../define/plugin.ts'
import { createLog } from './log.ts'
import { startServer, type Server } from './server.ts'

export interface ServerStart {
  /** Without it, that of the process. */
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** Without it, lines on the standard error, as LOG_LEVEL says. */
  readonly log?: Log
  /** False: without a port, for programs that only `run`. */
  readonly listen?: boolean
}

export interface StartedServer {
  /** Where it listens. */
  readonly url: string
  /** Runs a task in a transaction of its own and in no one's name. */
  readonly run: Server['run']
  /** Stops accepting, answers what is under way, closes everything. */
  stop(): Promise<void>
}

/**
 * Starts an app, its database migrated.
 * @throws BootError when the app or its environment is wrong; Error when the database cannot be opened
 */
export const start = async (app: App, options: ServerStart = {}): Promise<StartedServer> => {
  const { environment = process.env, listen = true } = options
  const log = options.log ?? createLog({ environment, usual: 'warn', isTerminal: process.stderr.isTTY })
  const server = await startServer(app, { environment, log, listen, print: () => undefined, interactive: false })
  return { url: server.url, run: server.run, stop: () => server.stop() }
}
