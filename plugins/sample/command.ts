// `npm run seed -- --users 1000`: fills the server's database with a believable organisation.
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { pino } from 'pino'
import { BootError } from '../../core/model/faults.ts'
import { startServer, type Server } from '../../core/boot/server.ts'
import { logLevel } from '../../core/boot/settings.ts'
import type { App } from '../../core/define/index.ts'
import { ArgumentError, help, readArguments, type SeedArguments } from './arguments.ts'
import { fillLarge } from './large.ts'
import { createProgress } from './progress.ts'

const print = (line: string): void => void process.stdout.write(`${line}\n`)

/** The app is above all plugins: a program is given it, and does not import it. Sources and build lie alike. */
const loadApp = async (): Promise<App> => {
  const { app } = (await import(new URL(`../../app${extname(fileURLToPath(import.meta.url))}`, import.meta.url).href)) as { app: App }
  return app
}

const start = async (): Promise<Server> => {
  const log = pino({ level: logLevel(process.env, 'warn') }, pino.destination({ dest: 2, sync: true }))
  const environment = { ...process.env, SEED: 'none' }
  return startServer(await loadApp(), { environment, log, print, interactive: process.stdout.isTTY, listen: false })
}

const fill = async ({ run, database }: Server, { users, seed }: SeedArguments): Promise<void> => {
  const progress = createProgress(process.stdout.isTTY, print)
  let stopping = false
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void (stopping = true))
  const began = performance.now()
  print(`Adding ${users} people to the ${database.description}`)
  try {
    const filled = await fillLarge(run, { people: users, seed }, (what, done, total) => {
      progress.show(what === 'people' ? 'People' : 'Departments', done, total)
      return !stopping
    })
    progress.end()
    const took = ((performance.now() - began) / 1000).toFixed(1)
    if (filled.people < users) process.exitCode = 130
    print(filled.people < users ? `Stopped: ${filled.people} of ${users} people were added; they stay` : `Done: ${users} people in ${filled.departments} departments, in ${took} s`)
  } finally {
    progress.end()
  }
}

const main = async (): Promise<void> => {
  const wanted = readArguments(process.argv.slice(2))
  if (wanted === 'help') return print(help)
  const server = await start()
  try {
    await fill(server, wanted)
  } finally {
    await server.stop()
  }
}

main().catch((error: unknown) => {
  const isArgument = error instanceof ArgumentError
  const message = error instanceof Error ? error.message : String(error)
  process.stderr.write(isArgument || error instanceof BootError ? `${message}\n` : `The database cannot be filled: ${message}\n`)
  if (isArgument) process.stderr.write('\nnpm run seed -- --help explains the options\n')
  process.exitCode = isArgument ? 2 : 1
})
