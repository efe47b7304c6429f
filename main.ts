// Starts the server of `app.ts` and says where it is.
import { pino } from 'pino'
import { app } from './app.ts'
import { BootError } from './core/boot/faults.ts'
import { startServer } from './core/boot/server.ts'
import { logLevel } from './core/boot/settings.ts'

const say = (line: string): void => void process.stdout.write(`${line}\n`)

const log = pino({
  level: logLevel(process.env, 'info'),
  redact: ['password', '*.password', 'token', '*.token', '*.accessToken', '*.refreshToken'],
}, pino.destination({ dest: 2, sync: true }))

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const fail = (error: unknown): void => {
  process.stderr.write(error instanceof BootError ? `${error.message}\n` : `Sovrane cannot start: ${reasonOf(error)}\n`)
  process.exitCode = 1
}

// A promise that nobody caught is a fault of ours; it goes to the log and ends nobody's connection.
process.on('unhandledRejection', (error) => log.error({ err: error }, 'a rejected promise was not handled'))

const start = async (): Promise<void> => {
  const server = await startServer(app, { environment: process.env, log, print: say, interactive: process.stdout.isTTY })
  say(`Sovrane
  Listening on  ${server.url}
  Database      ${server.database.description}

  Try           curl ${server.url}/health/ready
  Then          the tour in README.md: log in, create a department, hear the change`)
  let stopping = false
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (stopping) return
      stopping = true
      say('Stopping')
      setTimeout(() => process.exit(1), 10_000).unref()
      server.stop().then(() => process.exit(0), (error: unknown) => {
        log.error({ err: error }, 'the server could not stop in order')
        process.exit(1)
      })
    })
  }
}

start().catch(fail)
